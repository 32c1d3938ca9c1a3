/* Files, directories, links, times, entropy and clocks. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    unsigned char entropy[16];
    char name[32];
    struct stat about;
    struct timespec now;
    if (getentropy(entropy, sizeof entropy) || mkdir("/work", 0755))
        return 1;
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "/work/%02x-%d", entropy[i % 16], i);
        FILE *file = fopen(name, "w+");
        if (!file)
            return 2;
        for (int line = 0; line < i * 10; line++)
            fprintf(file, "line %d of %s\n", line, name);
        if (fseek(file, 10000000, SEEK_SET) || fputc('!', file) == EOF || fclose(file))
            return 3;
        if (i % 7 == 0 && truncate(name, i))
            return 4;
    }
    symlink("work", "/link");
    rename("/work", "/moved");
    printf("%d %s\n", stat("/link", &about), strerror(errno));
    DIR *directory = opendir("/moved");
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "/moved/%s", entry->d_name);
        stat(name, &about);
        printf("%s %lld %lld.%09ld %llu\n", name, (long long)about.st_size, (long long)about.st_mtim.tv_sec,
               about.st_mtim.tv_nsec, (unsigned long long)about.st_ino);
        if (about.st_size % 2)
            unlink(name);
    }
    closedir(directory);
    nanosleep(&(struct timespec){.tv_sec = 3, .tv_nsec = 5}, NULL);
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
    clock_gettime(CLOCK_REALTIME, &now);
    printf("%s", ctime(&now.tv_sec));
    return 5;
}
