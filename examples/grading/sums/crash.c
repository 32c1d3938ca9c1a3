#include <stdio.h>
#include <stdlib.h>

int main(void) {
    fprintf(stderr, "it is too late for sums\n");
    exit(3);
}
