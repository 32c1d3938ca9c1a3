// What the guests that check one group of functions share. A guest prints a line for everything that is not as it
// should be, and exits with how many there are.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wasi/api.h>

static int wrong;

#define GIVES(call, expected)                                                                      \
    do {                                                                                           \
        int got_ = (call), wanted_ = (expected);                                                   \
        if (got_ != wanted_) {                                                                     \
            printf("%s:%d: %s gives %d instead of %d\n", __FILE__, __LINE__, #call, got_, wanted_); \
            wrong++;                                                                               \
        }                                                                                          \
    } while (0)
#define OK(call) GIVES(call, 0)
#define IS(value, expected)                                                                        \
    do {                                                                                           \
        long long got_ = (long long)(value), wanted_ = (long long)(expected);                      \
        if (got_ != wanted_) {                                                                     \
            printf("%s:%d: %s is %lld instead of %lld\n", __FILE__, __LINE__, #value, got_, wanted_); \
            wrong++;                                                                               \
        }                                                                                          \
    } while (0)

#define BADF __WASI_ERRNO_BADF
#define EXIST __WASI_ERRNO_EXIST
#define FBIG __WASI_ERRNO_FBIG
#define INVAL __WASI_ERRNO_INVAL
#define ISDIR __WASI_ERRNO_ISDIR
#define LOOP __WASI_ERRNO_LOOP
#define NAMETOOLONG __WASI_ERRNO_NAMETOOLONG
#define NOENT __WASI_ERRNO_NOENT
#define NOSYS __WASI_ERRNO_NOSYS
#define NOTCAPABLE __WASI_ERRNO_NOTCAPABLE
#define NOTDIR __WASI_ERRNO_NOTDIR
#define NOTEMPTY __WASI_ERRNO_NOTEMPTY
#define NOTSOCK __WASI_ERRNO_NOTSOCK
#define PERM __WASI_ERRNO_PERM
#define BUSY __WASI_ERRNO_BUSY
#define ROFS __WASI_ERRNO_ROFS
#define SPIPE __WASI_ERRNO_SPIPE

#define ROOT 3
#define CREAT __WASI_OFLAGS_CREAT
#define DIRECTORY __WASI_OFLAGS_DIRECTORY
#define EXCL __WASI_OFLAGS_EXCL
#define TRUNC __WASI_OFLAGS_TRUNC
#define READ __WASI_RIGHTS_FD_READ
#define WRITE __WASI_RIGHTS_FD_WRITE
#define FOLLOW __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW

// Opens a path below the root: the descriptor, or -1 after a line.
static int open_at(const char *path, int oflags, uint64_t rights, int fdflags) {
    __wasi_fd_t fd = -1;
    int e = __wasi_path_open(ROOT, FOLLOW, path, oflags, rights, rights, fdflags, &fd);
    if (e != 0) {
        printf("opening %s gives %d\n", path, e);
        wrong++;
        return -1;
    }
    return (int)fd;
}

static int write_to(int fd, const char *text) {
    __wasi_ciovec_t part = {(const uint8_t *)text, strlen(text)};
    __wasi_size_t n = 0;
    int e = __wasi_fd_write(fd, &part, 1, &n);
    return e ? -e : (int)n;
}

// Reads at an offset: whether the bytes are these and no more.
static int holds(int fd, uint64_t offset, const char *text) {
    char buf[256];
    __wasi_iovec_t part = {(uint8_t *)buf, sizeof buf};
    __wasi_size_t n = 0;
    if (__wasi_fd_pread(fd, &part, 1, offset, &n) != 0) return 0;
    return n == strlen(text) && memcmp(buf, text, n) == 0;
}

static uint64_t size_of(int fd) {
    __wasi_filestat_t stat = {0};
    OK(__wasi_fd_filestat_get(fd, &stat));
    return stat.size;
}

// What a path leads to: its type, or -1 with the error negated below that.
static int type_of(const char *path, int flags) {
    __wasi_filestat_t stat = {0};
    int e = __wasi_path_filestat_get(ROOT, flags, path, &stat);
    return e ? -e : stat.filetype;
}
