#include <stdio.h>

int main(void) {
    int count;
    long long sum = 0, number;
    if (scanf("%d", &count) != 1) return 1;
    while (count-- > 0 && scanf("%lld", &number) == 1) sum += number;
    printf("%lld\n", sum);
}
