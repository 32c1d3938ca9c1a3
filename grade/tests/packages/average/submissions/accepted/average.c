#include <stdio.h>

int main(void) {
    int n, number;
    double sum = 0;
    if (scanf("%d", &n) != 1) return 1;
    for (int i = 0; i < n && scanf("%d", &number) == 1; i++) sum += number;
    printf("%.9e\n", sum / n);
    return 0;
}
