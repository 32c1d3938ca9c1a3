/* SHA-256 of a buffer, again and again over its own result. The constants are worked out from the primes' roots. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BYTES 65536
#define ROUNDS 40

static uint32_t constants[64], initial[8];
static uint8_t data[BYTES];

static uint32_t fraction(double root) { return (uint32_t)((root - floor(root)) * 4294967296.0); }

static void prepare(void) {
    int found = 0;
    for (int number = 2; found < 64; number++) {
        int is_prime = 1;
        for (int i = 2; i * i <= number; i++) is_prime &= number % i != 0;
        if (!is_prime) continue;
        if (found < 8) initial[found] = fraction(sqrt(number));
        constants[found++] = fraction(cbrt(number));
    }
}

static uint32_t turned(uint32_t x, int by) { return x >> by | x << (32 - by); }

static void block(uint32_t hash[8], const uint8_t *bytes) {
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++, bytes += 4)
        w[i] = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (turned(a, 7) ^ turned(a, 18) ^ a >> 3) + w[i - 7] + (turned(b, 17) ^ turned(b, 19) ^ b >> 10);
    }
    memcpy(v, hash, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t a = v[0], e = v[4];
        uint32_t one = v[7] + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + constants[i] + w[i];
        uint32_t two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (int i = 0; i < 8; i++) hash[i] += v[i];
}

/* The length is a multiple of a block, so the padding is a block of its own. */
static void sha256(uint32_t hash[8]) {
    uint8_t padding[64] = {0x80};
    uint64_t bits = (uint64_t)BYTES * 8;
    memcpy(hash, initial, sizeof initial);
    for (int at = 0; at < BYTES; at += 64) block(hash, data + at);
    for (int i = 0; i < 8; i++) padding[63 - i] = (uint8_t)(bits >> (8 * i));
    block(hash, padding);
}

int main(void) {
    uint32_t hash[8];
    prepare();
    for (int round = 0; round < ROUNDS; round++) {
        sha256(hash);
        for (int i = 0; i < 8; i++)
            for (int k = 0; k < 4; k++) data[round * 32 + i * 4 + k] = (uint8_t)(hash[i] >> (24 - 8 * k));
    }
    for (int i = 0; i < 8; i++) printf("%08x", (unsigned)hash[i]);
    puts("");
    return 0;
}
