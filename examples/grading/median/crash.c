// Reads far outside of its memory.
#include <stdio.h>

int main(void) {
    volatile double *numbers = (volatile double *)0xfffffff0;
    printf("%f\n", numbers[0]);
}
