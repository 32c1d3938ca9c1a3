/* Takes memory in pieces of different sizes until there is no more, gives half of it back, and takes it again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *pieces[20000];

static unsigned take(unsigned at, unsigned step)
{
    unsigned taken = 0;
    for (; at < 20000; at += step, taken++) {
        size_t bytes = 1000 + at * 7919u % 30000;
        pieces[at] = malloc(bytes);
        if (!pieces[at])
            break;
        memset(pieces[at], (int)at, bytes);
    }
    return taken;
}

int main(void)
{
    unsigned first = take(0, 1);
    for (unsigned at = 0; at < first; at += 2)
        free(pieces[at]);
    unsigned second = take(0, 2);
    printf("%u %u %p\n", first, second, pieces[1]);
    return malloc(1u << 30) != NULL;
}
