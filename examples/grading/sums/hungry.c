// Takes memory until there is no more.
#include <stdlib.h>

// Else the compiler leaves out what nobody uses.
static char *volatile kept;

int main(void) {
    for (;;) {
        kept = malloc(1 << 20);
        if (kept == NULL) return 1;
        kept[0] = 1;
    }
}
