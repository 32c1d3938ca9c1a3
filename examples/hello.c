/* Greets, and says who compiled it. */
#include <stdio.h>

int main(void)
{
    printf("Hello from C, compiled by clang %d inside the same sandbox.\n", __clang_major__);
    return 0;
}
