// Adds one by one.
#include <stdio.h>

int main(void) {
    int count;
    long long number;
    volatile long long sum = 0;
    if (scanf("%d", &count) != 1) return 1;
    while (count-- > 0 && scanf("%lld", &number) == 1) {
        for (; number > 0; number--) sum = sum + 1;
        for (; number < 0; number++) sum = sum - 1;
    }
    printf("%lld\n", sum);
}
