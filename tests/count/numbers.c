// Floating point, 64-bit integers and their text.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 24

static double left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];

int main(void) {
    for (int row = 0; row < SIDE; row++) {
        for (int column = 0; column < SIDE; column++) {
            left[row][column] = sin(row * 0.5 + column);
            right[row][column] = exp(-0.1 * row) / (1 + column);
        }
    }
    for (int row = 0; row < SIDE; row++) {
        for (int column = 0; column < SIDE; column++) {
            double sum = 0;
            for (int at = 0; at < SIDE; at++) sum += left[row][at] * right[at][column];
            product[row][column] = sum;
        }
    }
    for (int at = 0; at < SIDE; at++) {
        char text[64];
        snprintf(text, sizeof text, "%.17g", product[at][SIDE - 1 - at]);
        printf("%s %a %d\n", text, strtod(text, NULL), strtod(text, NULL) == product[at][SIDE - 1 - at]);
    }
    uint64_t random = 88172645463325252u, sum = 0;
    for (int at = 0; at < 20000; at++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        sum += random % (uint64_t)(at + 1);
        sum ^= (uint64_t)__builtin_popcountll(random) << (at & 31);
    }
    printf("%llu\n", (unsigned long long)sum);
    static char bytes[200000];
    for (unsigned length = 1; length < sizeof bytes; length *= 3) {
        memset(bytes, (int)length, length);
        memmove(bytes + 1, bytes, length - 1);
        sum += (uint64_t)(unsigned char)bytes[length / 2];
    }
    printf("%llu\n", (unsigned long long)sum);
    return 0;
}
