// Never notices that it has been there.
#include <stdio.h>

static char maze[100][101];
static int height;

static int walk(int row, int column, volatile int depth) {
    if (row < 0 || row >= height || maze[row][column] != '.') return 0;
    volatile int found = walk(row + 1, column, depth + 1) | walk(row, column + 1, depth + 1) | walk(row, column, depth + 1);
    return found + depth;
}

int main(void) {
    while (height < 100 && scanf("%100s", maze[height]) == 1) height++;
    printf("%d\n", walk(0, 0, 1));
}
