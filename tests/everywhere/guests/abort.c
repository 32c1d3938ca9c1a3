/* Fails in its own words, with output that was not yet written. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    FILE *file = fopen("/half", "w");
    fputs("written", file);
    fflush(file);
    fputs("lost", file);
    puts("before");
    fflush(stdout);
    fputs("why\n", stderr);
    assert(!"this holds");
    return 0;
}
