// Its guesses stay in its buffer.
#include <stdio.h>

int main(void) {
    static char buffer[4096];
    char answer[16];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    for (;;) {
        printf("500\n");
        if (scanf("%15s", answer) != 1) return 0;
    }
}
