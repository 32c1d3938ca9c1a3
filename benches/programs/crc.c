/* Checksums bit by bit (CRC-16) and by table (CRC-32) over the same bytes. */
#include <stdint.h>
#include <stdio.h>

#define BYTES 65536
#define ROUNDS 25

static uint8_t data[BYTES];
static uint32_t table[256];

static uint16_t crc16(uint16_t crc) {
    for (int i = 0; i < BYTES; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (uint16_t)(crc >> 1 ^ 0xa001) : (uint16_t)(crc >> 1);
    }
    return crc;
}

static uint32_t crc32(uint32_t crc) {
    crc = ~crc;
    for (int i = 0; i < BYTES; i++) crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
    return ~crc;
}

int main(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t entry = i;
        for (int bit = 0; bit < 8; bit++) entry = entry & 1 ? entry >> 1 ^ 0xedb88320u : entry >> 1;
        table[i] = entry;
    }
    for (uint32_t i = 0; i < BYTES; i++) data[i] = (uint8_t)(i * 2654435761u >> 24);
    uint16_t small = 0xffff;
    uint32_t large = 0;
    for (int round = 0; round < ROUNDS; round++) {
        small = crc16(small);
        for (int again = 0; again < 8; again++) large = crc32(large);
    }
    printf("%04x %08x\n", (unsigned)small, (unsigned)large);
    return 0;
}
