#include <stdio.h>

int main(void) {
    char answer[16];
    printf("500\n");
    fflush(stdout);
    if (scanf("%15s", answer) != 1) return 1;
}
