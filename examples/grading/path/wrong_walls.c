// Goes straight through the walls.
#include <stdio.h>
#include <string.h>

int main(void) {
    char line[200];
    int height = 0, width = 0;
    while (scanf("%199s", line) == 1) width = strlen(line), height++;
    for (int down = 1; down < height; down++) putchar('S');
    for (int right = 1; right < width; right++) putchar('E');
    puts("");
}
