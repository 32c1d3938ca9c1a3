#include <stdio.h>

int main(void) {
    prinft("%d\n", 0)
}
