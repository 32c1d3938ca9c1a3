// What the older import module lays out or numbers otherwise.

#define OLD(name) __attribute__((import_module("wasi_unstable"), import_name(#name)))
OLD(fd_seek) int old_seek(int, int64_t, int, void *);
OLD(fd_filestat_get) int old_fd_stat(int, void *);
OLD(path_filestat_get) int old_path_stat(int, int, const char *, int, void *);
OLD(poll_oneoff) int old_poll(const void *, void *, int, void *);
OLD(fd_write) int old_write(int, const void *, int, void *);

struct old_stat {
    uint64_t dev, ino;
    uint8_t filetype;
    uint32_t nlink;
    uint64_t size, atim, mtim, ctim;
};

struct old_clock {
    uint64_t userdata;
    uint8_t tag;
    uint64_t identifier;
    uint32_t clock_id;
    uint64_t timeout, precision;
    uint16_t flags;
};

int main(void) {
    int fd = open_at("old", CREAT, READ | WRITE, 0);
    uint64_t at = 0;
    uint32_t n = 0;
    IS(write_to(fd, "abcdef"), 6);
    OK(old_seek(fd, 2, 2, &at)); // set
    IS(at, 2);
    OK(old_seek(fd, 1, 0, &at)); // cur
    IS(at, 3);
    OK(old_seek(fd, -1, 1, &at)); // end
    IS(at, 5);
    GIVES(old_seek(fd, 0, 3, &at), INVAL);
    __wasi_ciovec_t part = {(const uint8_t *)"F!", 2};
    OK(old_write(fd, &part, 1, &n));
    IS(holds(fd, 0, "abcdeF!"), 1);
    struct old_stat by_fd = {0}, by_path = {0};
    __wasi_filestat_t now = {0};
    IS(sizeof by_fd, 56);
    OK(old_fd_stat(fd, &by_fd));
    OK(old_path_stat(ROOT, 0, "old", 3, &by_path));
    OK(__wasi_fd_filestat_get(fd, &now));
    IS(memcmp(&by_fd, &by_path, sizeof by_fd), 0);
    IS(by_fd.ino, now.ino);
    IS(by_fd.filetype, __WASI_FILETYPE_REGULAR_FILE);
    IS(by_fd.nlink, 1);
    IS(by_fd.size, 7);
    IS(by_fd.mtim, now.mtim);
    struct old_clock timer = {.userdata = 7, .clock_id = 1, .timeout = 1000};
    __wasi_event_t event = {0};
    IS(sizeof timer, 56);
    OK(old_poll(&timer, &event, 1, &n));
    IS(n, 1);
    IS(event.userdata, 7);
    return wrong;
}
