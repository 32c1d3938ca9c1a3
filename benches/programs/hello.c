/* The least that a compiler and a linker can be asked for. */
#include <stdio.h>

int main(void) {
    puts("Hello from C.");
    return 0;
}
