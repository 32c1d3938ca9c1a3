#include <stdio.h>
#include <stdlib.h>

int main(void) {
    int n, numbers[4];
    long sum = 0;
    if (scanf("%d", &n) != 1 || n > 4) abort();
    for (int i = 0; i < n; i++) {
        scanf("%d", &numbers[i]);
        sum += numbers[i];
    }
    printf("%f\n", (double)sum / n);
}
