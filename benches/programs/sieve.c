/* The primes below a limit, by crossing out. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LIMIT 2000000
#define ROUNDS 3

static uint8_t crossed[LIMIT + 1];

int main(void) {
    unsigned count = 0, last = 0;
    for (int round = 0; round < ROUNDS; round++) {
        memset(crossed, 0, sizeof crossed);
        for (unsigned i = 2; i <= LIMIT; i++) {
            if (crossed[i]) continue;
            count++;
            last = i;
            for (uint64_t j = (uint64_t)i * i; j <= LIMIT; j += i) crossed[j] = 1;
        }
    }
    printf("%u %u\n", count, last);
    return 0;
}
