// What a read-only mount refuses, and what it allows: `f` has "text", `d` is empty, `l` leads to `f`.

int main(void) {
    __wasi_fd_t fd;
    uint8_t buf[8];
    __wasi_size_t n;
    int file = open_at("f", 0, READ, 0);
    IS(holds(file, 0, "text"), 1);
    GIVES(write_to(file, "x"), -BADF);
    GIVES(__wasi_path_open(ROOT, 0, "f", 0, WRITE, 0, 0, &fd), ROFS);
    GIVES(__wasi_path_open(ROOT, 0, "f", TRUNC, READ, 0, 0, &fd), ROFS);
    GIVES(__wasi_path_open(ROOT, 0, "new", CREAT, READ, 0, 0, &fd), ROFS);
    GIVES(__wasi_path_open(ROOT, 0, "f", CREAT | EXCL, READ, 0, 0, &fd), EXIST);
    OK(__wasi_fd_close(open_at("f", CREAT, READ, 0)));
    GIVES(__wasi_path_create_directory(ROOT, "new"), ROFS);
    GIVES(__wasi_path_create_directory(ROOT, "d"), EXIST);
    GIVES(__wasi_path_remove_directory(ROOT, "d"), ROFS);
    GIVES(__wasi_path_unlink_file(ROOT, "f"), ROFS);
    GIVES(__wasi_path_unlink_file(ROOT, "nx"), NOENT);
    GIVES(__wasi_path_rename(ROOT, "f", ROOT, "g"), ROFS);
    GIVES(__wasi_path_link(ROOT, 0, "f", ROOT, "g"), ROFS);
    GIVES(__wasi_path_symlink("f", ROOT, "g"), ROFS);
    GIVES(__wasi_path_filestat_set_times(ROOT, 0, "f", 0, 1, __WASI_FSTFLAGS_MTIM), ROFS);
    GIVES(__wasi_path_filestat_set_times(ROOT, 0, "l", 0, 1, __WASI_FSTFLAGS_MTIM), ROFS);
    GIVES(__wasi_fd_filestat_set_times(file, 0, 1, __WASI_FSTFLAGS_MTIM), ROFS);
    GIVES(__wasi_fd_filestat_set_times(ROOT, 0, 1, __WASI_FSTFLAGS_MTIM), ROFS);
    GIVES(__wasi_fd_filestat_set_size(file, 0), INVAL);
    GIVES(__wasi_fd_allocate(file, 0, 100), BADF);
    OK(__wasi_fd_sync(file));
    OK(__wasi_path_readlink(ROOT, "l", buf, sizeof buf, &n));
    IS(type_of("l", FOLLOW), __WASI_FILETYPE_REGULAR_FILE);
    IS(size_of(file), 4);
    return wrong;
}
