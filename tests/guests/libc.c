// What programs see through the C library.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void files(void) {
    char line[32] = {0};
    FILE *file = fopen("/f.txt", "w+");
    IS(file != NULL, 1);
    IS(fprintf(file, "%d lines\nsecond\n", 2), 15);
    IS(fseek(file, 0, SEEK_SET), 0);
    IS(fgets(line, sizeof line, file) != NULL, 1);
    IS(strcmp(line, "2 lines\n"), 0);
    IS(ftell(file), 8);
    IS(fclose(file), 0);
    file = fopen("f.txt", "a");
    IS(fputs("third\n", file) >= 0, 1);
    IS(fclose(file), 0);
    struct stat stat_of;
    IS(stat("f.txt", &stat_of), 0);
    IS(stat_of.st_size, 21);
    IS(S_ISREG(stat_of.st_mode), 1);
    IS(truncate("f.txt", 3), 0);
    IS(stat("f.txt", &stat_of), 0);
    IS(stat_of.st_size, 3);
    IS(access("f.txt", R_OK), 0);
    IS(fopen("nowhere/f", "r") == NULL && errno == ENOENT, 1);
    IS(open("f.txt/x", O_RDONLY) == -1 && errno == ENOTDIR, 1);
    IS(open("f.txt", O_CREAT | O_EXCL | O_RDWR, 0600) == -1 && errno == EEXIST, 1);
}

static void positions(void) {
    char buf[8] = {0};
    int fd = open("p", O_CREAT | O_RDWR | O_TRUNC, 0600);
    IS(write(fd, "0123456789", 10), 10);
    IS(pread(fd, buf, 3, 4), 3);
    IS(memcmp(buf, "456", 3), 0);
    IS(pwrite(fd, "XX", 2, 8), 2);
    IS(lseek(fd, 0, SEEK_CUR), 10);
    IS(lseek(fd, -4, SEEK_END), 6);
    IS(read(fd, buf, 8), 4);
    IS(memcmp(buf, "67XX", 4), 0);
    IS(ftruncate(fd, 2), 0);
    IS(lseek(fd, 0, SEEK_END), 2);
    IS(posix_fallocate(fd, 0, 6), 0);
    IS(lseek(fd, 0, SEEK_END), 6);
    IS(fsync(fd), 0);
    IS(close(fd), 0);
    IS(write(fd, "x", 1) == -1 && errno == EBADF, 1);
    IS(lseek(1, 0, SEEK_CUR) == -1 && errno == ESPIPE, 1);
    IS(isatty(1), 0);
}

static int count(const char *path) {
    int entries = 0;
    DIR *dir = opendir(path);
    if (dir == NULL) return -1;
    while (readdir(dir) != NULL) entries++;
    closedir(dir);
    return entries;
}

static void directories(void) {
    IS(mkdir("d", 0777), 0);
    IS(mkdir("d/sub", 0777), 0);
    IS(symlink("../p", "d/link"), 0);
    IS(link("p", "d/hard"), 0);
    IS(count("d"), 5);
    char target[8] = {0};
    IS(readlink("d/link", target, sizeof target), 4);
    IS(strcmp(target, "../p"), 0);
    struct stat stat_of, link_of;
    IS(stat("d/link", &stat_of), 0);
    IS(stat_of.st_nlink, 2);
    IS(lstat("d/link", &link_of), 0);
    IS(S_ISLNK(link_of.st_mode), 1);
    IS(stat_of.st_ino != link_of.st_ino, 1);
    struct timespec times[2] = {{.tv_sec = 5}, {.tv_sec = 1000000000, .tv_nsec = 123456789}};
    IS(utimensat(AT_FDCWD, "d/link", times, 0), 0);
    IS(stat("p", &stat_of), 0);
    IS(stat_of.st_mtim.tv_sec, 1000000000);
    IS(stat_of.st_mtim.tv_nsec, 123456789);
    IS(rename("d", "e"), 0);
    IS(count("d") == -1 && errno == ENOENT, 1);
    IS(rmdir("e") == -1 && errno == ENOTEMPTY, 1);
    IS(unlink("e/link") | unlink("e/hard") | rmdir("e/sub"), 0);
    IS(chdir("e"), 0);
    IS(close(open("here", O_CREAT | O_WRONLY, 0600)), 0);
    IS(chdir(".."), 0);
    IS(remove("e/here"), 0);
    IS(rmdir("e"), 0);
    IS(count("e") == -1 && errno == ENOENT, 1);
}

int main(void) {
    files();
    positions();
    directories();
    return wrong;
}
