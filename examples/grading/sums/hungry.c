// Takes memory until there is no more.
#include <stdlib.h>

int main(void) {
    for (;;) {
        char *block = malloc(1 << 20);
        if (block == NULL) return 1;
        block[0] = 1;
    }
}
