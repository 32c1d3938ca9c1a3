/* Reads standard input in several ways, keeps what it read in files, and mixes in entropy and the time. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    char *line = NULL, name[32], buffer[100];
    size_t size = 0;
    ssize_t length;
    unsigned number = 0, hash = 2166136261u;
    unsigned char salt;
    struct timespec now;
    for (; number < 40 && (length = getline(&line, &size, stdin)) > 0; number++) {
        getentropy(&salt, 1);
        for (ssize_t i = 0; i < length; i++)
            hash = (hash ^ (unsigned char)line[i] ^ salt) * 16777619u;
        clock_gettime(CLOCK_MONOTONIC, &now);
        snprintf(name, sizeof name, "/%u", number % 8);
        FILE *file = fopen(name, "a");
        fprintf(file, "%u %08x %lld %s", number, hash, (long long)now.tv_nsec, line);
        fclose(file);
    }
    printf("%u lines, %08x\n", number, hash);
    size_t rest = 0;
    while ((length = fread(buffer, 1, sizeof buffer, stdin)) > 0)
        for (ssize_t i = 0; i < length; i++, rest++)
            hash = (hash ^ (unsigned char)buffer[i]) * 16777619u;
    struct pollfd end = {.fd = 0, .events = POLLIN};
    printf("%zu bytes, %08x, %d\n", rest, hash, poll(&end, 1, 10));
    return (int)(hash % 100);
}
