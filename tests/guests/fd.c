// The fd_ functions on files, directories and standard streams.

static void moving_bytes(void) {
    int fd = open_at("bytes", CREAT, READ | WRITE, 0);
    __wasi_filesize_t at = 0;
    __wasi_size_t n = 0;
    char a[4] = {0}, b[8] = {0};
    IS(write_to(fd, "abcdef"), 6);
    OK(__wasi_fd_tell(fd, &at));
    IS(at, 6);
    OK(__wasi_fd_seek(fd, -2, __WASI_WHENCE_END, &at));
    IS(at, 4);
    OK(__wasi_fd_seek(fd, -3, __WASI_WHENCE_CUR, &at));
    IS(at, 1);
    __wasi_iovec_t parts[2] = {{(uint8_t *)a, 2}, {(uint8_t *)b, 8}};
    OK(__wasi_fd_read(fd, parts, 2, &n));
    IS(n, 5);
    IS(memcmp(a, "bc", 2) | memcmp(b, "def", 3), 0);
    OK(__wasi_fd_read(fd, parts, 2, &n));
    IS(n, 0);
    __wasi_ciovec_t out = {(const uint8_t *)"XY", 2};
    OK(__wasi_fd_pwrite(fd, &out, 1, 1, &n));
    IS(holds(fd, 0, "aXYdef"), 1);
    OK(__wasi_fd_tell(fd, &at));
    IS(at, 6);
    GIVES(__wasi_fd_seek(fd, -7, __WASI_WHENCE_END, &at), INVAL);
    GIVES(__wasi_fd_pread(fd, parts, 2, 1ULL << 63, &n), INVAL);
    OK(__wasi_fd_seek(fd, 1LL << 40, __WASI_WHENCE_SET, &at));
    IS(write_to(fd, "z"), 1);
    IS(size_of(fd), (1LL << 40) + 1);
    OK(__wasi_fd_close(fd));
}

static void appending(void) {
    int fd = open_at("log", CREAT, READ | WRITE, __WASI_FDFLAGS_APPEND);
    __wasi_filesize_t at = 0;
    __wasi_size_t n = 0;
    __wasi_ciovec_t out = {(const uint8_t *)"!", 1};
    IS(write_to(fd, "one"), 3);
    OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
    IS(write_to(fd, "two"), 3);
    OK(__wasi_fd_pwrite(fd, &out, 1, 0, &n));
    IS(holds(fd, 0, "onetwo!"), 1);
    OK(__wasi_fd_fdstat_set_flags(fd, 0));
    OK(__wasi_fd_pwrite(fd, &out, 1, 0, &n));
    IS(holds(fd, 0, "!netwo!"), 1);
    GIVES(__wasi_fd_fdstat_set_flags(fd, 0x20), INVAL);
    OK(__wasi_fd_close(fd));
}

static void sizes(void) {
    int fd = open_at("sized", CREAT, READ | WRITE, 0);
    int reader = open_at("sized", 0, READ, 0);
    IS(write_to(fd, "abc"), 3);
    OK(__wasi_fd_filestat_set_size(fd, 5));
    IS(size_of(reader), 5);
    IS(holds(reader, 5, ""), 1);
    OK(__wasi_fd_filestat_set_size(fd, 1));
    IS(holds(reader, 0, "a"), 1);
    OK(__wasi_fd_allocate(fd, 4, 4));
    IS(size_of(fd), 8);
    OK(__wasi_fd_allocate(fd, 0, 2));
    IS(size_of(fd), 8);
    GIVES(__wasi_fd_allocate(fd, 0, 0), INVAL);
    GIVES(__wasi_fd_allocate(reader, 0, 9), BADF);
    GIVES(__wasi_fd_filestat_set_size(reader, 0), INVAL);
    GIVES(__wasi_fd_filestat_set_size(fd, 1ULL << 63), INVAL);
    GIVES(write_to(reader, "x"), -BADF);
    OK(__wasi_fd_advise(fd, 0, 100, __WASI_ADVICE_WILLNEED));
    GIVES(__wasi_fd_advise(fd, 0, 100, 6), INVAL);
    OK(__wasi_fd_sync(fd));
    OK(__wasi_fd_datasync(fd));
    OK(__wasi_fd_close(reader));
    OK(__wasi_fd_close(fd));
    GIVES(__wasi_fd_close(fd), BADF);
}

static void times(void) {
    int fd = open_at("timed", CREAT, READ | WRITE, 0);
    __wasi_filestat_t stat = {0};
    OK(__wasi_fd_filestat_set_times(fd, 1000, 2000, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM));
    OK(__wasi_fd_filestat_get(fd, &stat));
    IS(stat.atim, 1000);
    IS(stat.mtim, 2000);
    IS(stat.filetype, __WASI_FILETYPE_REGULAR_FILE);
    IS(stat.nlink, 1);
    OK(__wasi_fd_filestat_set_times(fd, 0, 0, __WASI_FSTFLAGS_MTIM_NOW));
    OK(__wasi_fd_filestat_get(fd, &stat));
    IS(stat.atim, 1000);
    IS(stat.mtim > 1600000000000000000ULL, 1);
    GIVES(__wasi_fd_filestat_set_times(fd, 0, 0, 3), INVAL);
    GIVES(__wasi_fd_filestat_set_times(fd, 0, 0, 12), INVAL);
    GIVES(__wasi_fd_filestat_set_times(fd, 0, 0, 16), INVAL);
    OK(__wasi_fd_close(fd));
}

static void numbers(void) {
    int a = open_at("a", CREAT, READ | WRITE, 0), b = open_at("b", CREAT, READ | WRITE, 0);
    IS(b, a + 1);
    OK(__wasi_fd_close(a));
    IS(open_at("a", 0, READ, 0), a);
    IS(write_to(b, "b"), 1);
    OK(__wasi_fd_renumber(b, a));
    IS(holds(a, 0, "b"), 1);
    GIVES(__wasi_fd_renumber(b, a), BADF);
    GIVES(__wasi_fd_renumber(a, 99), BADF);
    __wasi_fdstat_t stat = {0};
    OK(__wasi_fd_fdstat_get(a, &stat));
    IS(stat.fs_filetype, __WASI_FILETYPE_REGULAR_FILE);
    OK(__wasi_fd_fdstat_set_rights(a, READ, 0));
    GIVES(write_to(a, "x"), -NOTCAPABLE);
    GIVES(__wasi_fd_fdstat_set_rights(a, READ | WRITE, 0), NOTCAPABLE);
    IS(holds(a, 0, "b"), 1);
    OK(__wasi_fd_close(a));
}

static void directories(void) {
    __wasi_prestat_t prestat = {0};
    __wasi_filesize_t at = 0;
    __wasi_size_t n = 0;
    uint8_t name[4] = {0}, buf[64];
    OK(__wasi_fd_prestat_get(ROOT, &prestat));
    IS(prestat.u.dir.pr_name_len, 1);
    OK(__wasi_fd_prestat_dir_name(ROOT, name, 4));
    IS(name[0], '/');
    GIVES(__wasi_fd_prestat_dir_name(ROOT, name, 0), NAMETOOLONG);
    GIVES(__wasi_fd_prestat_get(0, &prestat), BADF);
    GIVES(__wasi_fd_prestat_get(4, &prestat), BADF);
    GIVES(write_to(ROOT, "x"), -BADF);
    __wasi_iovec_t part = {buf, sizeof buf};
    GIVES(__wasi_fd_read(ROOT, &part, 1, &n), BADF);
    GIVES(__wasi_fd_seek(ROOT, 0, __WASI_WHENCE_SET, &at), BADF);
    GIVES(__wasi_fd_tell(ROOT, &at), BADF);
    GIVES(__wasi_fd_allocate(ROOT, 0, 1), BADF);
    GIVES(__wasi_fd_filestat_set_size(ROOT, 0), BADF);
    OK(__wasi_fd_sync(ROOT));
    int file = open_at("a", 0, READ, 0);
    GIVES(__wasi_fd_readdir(file, buf, sizeof buf, 0, &n), BADF);
    OK(__wasi_fd_close(file));
}

// Deletes everything while listing, with a buffer that holds less than two entries.
static void listing(void) {
    char path[32];
    OK(__wasi_path_create_directory(ROOT, "many"));
    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof path, "many/name-%02d", i);
        OK(__wasi_fd_close(open_at(path, CREAT, WRITE, 0)));
    }
    int dir = open_at("many", DIRECTORY, READ, 0), seen = 0, deleted = 0;
    uint64_t cookie = 0;
    for (;;) {
        uint8_t buf[50];
        __wasi_size_t n = 0;
        __wasi_dirent_t entry;
        OK(__wasi_fd_readdir(dir, buf, sizeof buf, cookie, &n));
        if (n < sizeof entry) break;
        memcpy(&entry, buf, sizeof entry);
        cookie = entry.d_next;
        seen++;
        if (entry.d_type == __WASI_FILETYPE_REGULAR_FILE && sizeof entry + entry.d_namlen <= n) {
            snprintf(path, sizeof path, "many/%.*s", (int)entry.d_namlen, buf + sizeof entry);
            IS(entry.d_ino != 0, 1);
            OK(__wasi_path_unlink_file(ROOT, path));
            deleted++;
        }
    }
    IS(seen, 42);
    IS(deleted, 40);
    OK(__wasi_fd_close(dir));
    OK(__wasi_path_remove_directory(ROOT, "many"));
}

static void streams(void) {
    __wasi_filesize_t at = 0;
    __wasi_fdstat_t stat = {0};
    GIVES(__wasi_fd_seek(1, 0, __WASI_WHENCE_CUR, &at), SPIPE);
    GIVES(__wasi_fd_tell(0, &at), SPIPE);
    OK(__wasi_fd_fdstat_get(1, &stat));
    IS(stat.fs_filetype, __WASI_FILETYPE_UNKNOWN);
    OK(__wasi_fd_close(0));
    IS(open_at("b", 0, READ, 0), 0);
    IS(holds(0, 0, "b"), 1);
}

int main(void) {
    moving_bytes();
    appending();
    sizes();
    times();
    numbers();
    directories();
    listing();
    streams();
    return wrong;
}
