// Does what each line of standard input says, and answers with a line of its own, so that its host can do things in between.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int held[8], holds;

static void outcome(const char *command, long result) {
    if (result < 0) printf("%s: errno %d\n", command, errno);
    else printf("%s: %ld\n", command, result);
}

static void data(const char *command, int fd) {
    char bytes[100];
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    if (n < 0) {
        outcome(command, n);
        return;
    }
    for (ssize_t i = 0; i < n; i++)
        if (bytes[i] == 0) bytes[i] = '.';
    printf("%s: %zd bytes %.*s\n", command, n, (int)n, bytes);
}

static void read_file(const char *command, const char *path) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        outcome(command, -1);
        return;
    }
    data(command, fd);
    close(fd);
}

static void write_file(const char *command, const char *path, int flags) {
    int fd = open(path, O_WRONLY | flags, 0666);
    outcome(command, fd < 0 ? -1 : write(fd, "ABCDEFGHIJ", 10));
    if (fd >= 0) close(fd);
}

static void list(const char *command, const char *path) {
    DIR *dir = opendir(path);
    if (!dir) {
        outcome(command, -1);
        return;
    }
    printf("%s: names", command);
    for (struct dirent *entry; (entry = readdir(dir));) printf(" %s", entry->d_name);
    printf("\n");
    closedir(dir);
}

int main(void) {
    char line[256], verb[32], path[100], to[100];
    struct stat stat_;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        *verb = *path = *to = 0;
        sscanf(line, "%31s %99s %99s", verb, path, to);
        if (!strcmp(verb, "read")) read_file(line, path);
        else if (!strcmp(verb, "list")) list(line, path);
        else if (!strcmp(verb, "stat")) outcome(line, stat(path, &stat_) ? -1 : (long)stat_.st_size);
        else if (!strcmp(verb, "write")) write_file(line, path, 0);
        else if (!strcmp(verb, "append")) write_file(line, path, O_APPEND);
        else if (!strcmp(verb, "replace")) write_file(line, path, O_TRUNC | O_CREAT);
        else if (!strcmp(verb, "make")) write_file(line, path, O_EXCL | O_CREAT);
        else if (!strcmp(verb, "mkdir")) outcome(line, mkdir(path, 0777));
        else if (!strcmp(verb, "remove")) outcome(line, remove(path));
        else if (!strcmp(verb, "rename")) outcome(line, rename(path, to));
        else if (!strcmp(verb, "link")) outcome(line, link(path, to));
        else if (!strcmp(verb, "hold")) {
            int fd = open(path, O_RDWR);
            outcome(line, fd < 0 ? (fd = open(path, O_RDONLY)) : fd);
            if (fd >= 0) held[holds++] = fd;
        } else if (!strcmp(verb, "held")) {
            for (int i = 0; i < holds; i++) {
                data(line, held[i]);
                outcome(line, pwrite(held[i], "ABC", 3, 0));
                outcome(line, ftruncate(held[i], 30));
                data(line, held[i]);
            }
        } else return 2;
        fflush(stdout);
    }
    return 0;
}
