/* Matrices of integers and of doubles: products, a sum with a constant, picked bits. */
#include <stdint.h>
#include <stdio.h>

#define N 96
#define ROUNDS 12

static int16_t a[N][N], b[N][N];
static int32_t c[N][N];
static double x[N][N], y[N][N], z[N][N];

int main(void) {
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            a[i][j] = (int16_t)(i * 7 + j * 3);
            b[i][j] = (int16_t)(i * 5 - j * 11);
            x[i][j] = i + j / 8.0;
            y[i][j] = i / 4.0 - j;
        }
    }
    uint32_t sum = 0;
    double total = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                int32_t product = 0;
                double real = 0;
                for (int k = 0; k < N; k++) {
                    product += a[i][k] * b[k][j];
                    real += x[i][k] * y[k][j];
                }
                c[i][j] = product;
                z[i][j] = real;
            }
        }
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                sum = sum * 33 + (uint32_t)((c[i][j] >> 2 & 15) * (c[i][j] >> 5 & 127));
                total += z[i][j];
                a[i][j] = (int16_t)(a[i][j] + round + 1);
                x[i][j] += 0.5;
            }
        }
    }
    printf("%08x %.3f\n", (unsigned)sum, total);
    return 0;
}
