#include <math.h>
#include <stdio.h>

int main(void) { printf("%f %f\n", NAN, -NAN); }
