/* Floating-point arithmetic of the C library and the compiler's own, to the last bit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned escapes(double re, double im)
{
    double x = 0, y = 0;
    unsigned n = 0;
    while (n < 200 && x * x + y * y < 4) {
        double next = x * x - y * y + re;
        y = 2 * x * y + im;
        x = next;
        n++;
    }
    return n;
}

int main(void)
{
    unsigned long sum = 0;
    for (int row = 0; row < 60; row++)
        for (int column = 0; column < 80; column++)
            sum = sum * 31 + escapes(-2.2 + column * 0.04, -1.2 + row * 0.04);
    printf("%lx\n", sum);
    const double values[] = {0.1, 1e-310, 3.5, 1e22, 123456.789, -2.75};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double v = values[i];
        printf("%a %.17g %a %a %a %a %a %a\n", v, v, sin(v), exp(v / 100), log(fabs(v)), cbrt(v), tanh(v),
               pow(fabs(v), 0.37));
        printf("%La %.20Lg %a %a\n", (long double)v * v, (long double)v / 3, fma(v, v, -v), remainder(v, 0.3));
        printf("%a %g %a\n", (double)(float)v, hypot(v, 2), tgamma(fmod(v, 20)));
    }
    printf("%g %g %g %a\n", 0.0 / (values[0] - values[0]), sqrt(-values[2]), 1 / (values[0] - values[0]),
           strtod("2.2250738585072011e-308", NULL));
    return 0;
}
