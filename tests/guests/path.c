// The path_ functions.

static void making_and_removing(void) {
    OK(__wasi_path_create_directory(ROOT, "d"));
    GIVES(__wasi_path_create_directory(ROOT, "d"), EXIST);
    GIVES(__wasi_path_create_directory(ROOT, "nx/d"), NOENT);
    OK(__wasi_path_create_directory(ROOT, "d/e/"));
    GIVES(__wasi_path_remove_directory(ROOT, "d"), NOTEMPTY);
    GIVES(__wasi_path_remove_directory(ROOT, "."), INVAL);
    GIVES(__wasi_path_unlink_file(ROOT, "d"), ISDIR);
    GIVES(__wasi_path_unlink_file(ROOT, "d/"), ISDIR);
    OK(__wasi_path_remove_directory(ROOT, "d/e/"));
    OK(__wasi_fd_close(open_at("d/f", CREAT, WRITE, 0)));
    GIVES(__wasi_path_remove_directory(ROOT, "d/f"), NOTDIR);
    GIVES(__wasi_path_unlink_file(ROOT, "d/f/"), NOTDIR);
    GIVES(__wasi_path_create_directory(ROOT, "d/f/g"), NOTDIR);
    OK(__wasi_path_unlink_file(ROOT, "d/f"));
    GIVES(__wasi_path_unlink_file(ROOT, "d/f"), NOENT);
    OK(__wasi_path_remove_directory(ROOT, "d"));
    OK(__wasi_path_create_directory(ROOT, "d"));
    IS(type_of("d/f", 0), -NOENT);
    OK(__wasi_path_remove_directory(ROOT, "d"));
}

static void opening(void) {
    __wasi_fd_t fd;
    OK(__wasi_path_create_directory(ROOT, "o"));
    GIVES(__wasi_path_open(ROOT, 0, "o", 0, READ | WRITE, 0, 0, &fd), ISDIR);
    GIVES(__wasi_path_open(ROOT, 0, "o", CREAT, READ, 0, 0, &fd), ISDIR);
    GIVES(__wasi_path_open(ROOT, 0, "o", CREAT | EXCL, READ, 0, 0, &fd), EXIST);
    GIVES(__wasi_path_open(ROOT, 0, "o/x", CREAT | DIRECTORY, READ, 0, 0, &fd), INVAL);
    GIVES(__wasi_path_open(ROOT, 0, "o/x", 0, READ, 0, 0, &fd), NOENT);
    GIVES(__wasi_path_open(ROOT, 0, "o/x/", CREAT, WRITE, 0, 0, &fd), ISDIR);
    GIVES(__wasi_path_open(ROOT, 0, "../x", CREAT, WRITE, 0, 0, &fd), PERM);
    GIVES(__wasi_path_open(ROOT, 0, "/x", CREAT, WRITE, 0, 0, &fd), PERM);
    GIVES(__wasi_path_open(ROOT, 0, "o", 16, READ, 0, 0, &fd), INVAL);
    GIVES(__wasi_path_open(1, 0, "o", 0, READ, 0, 0, &fd), NOTDIR);
    GIVES(__wasi_path_open(99, 0, "o", 0, READ, 0, 0, &fd), BADF);
    int file = open_at("o/f", CREAT | EXCL, READ | WRITE, 0);
    IS(write_to(file, "text"), 4);
    GIVES(__wasi_path_open(ROOT, 0, "o/f", CREAT | EXCL | TRUNC, WRITE, 0, 0, &fd), EXIST);
    IS(holds(file, 0, "text"), 1);
    GIVES(__wasi_path_open(ROOT, 0, "o/f", DIRECTORY, READ, 0, 0, &fd), NOTDIR);
    GIVES(__wasi_path_open(ROOT, 0, "o/f/", 0, READ, 0, 0, &fd), NOTDIR);
    OK(__wasi_fd_close(open_at("o/f", TRUNC, WRITE, 0)));
    IS(size_of(file), 0);
    OK(__wasi_path_unlink_file(ROOT, "o/f"));
    IS(write_to(file, "lives"), 5);
    IS(holds(file, 4, "lives"), 1);
    IS(size_of(file), 9);
    OK(__wasi_fd_close(file));
    int dir = open_at("o", DIRECTORY, READ, 0);
    GIVES(__wasi_path_open(dir, 0, "./../o//.", 0, READ, 0, 0, &fd), PERM);
    OK(__wasi_path_remove_directory(ROOT, "o"));
    GIVES(__wasi_path_create_directory(dir, "late"), NOENT);
    OK(__wasi_fd_close(dir));
}

static void links(void) {
    uint8_t buf[16];
    __wasi_size_t n = 0;
    __wasi_fd_t fd;
    __wasi_filestat_t stat;
    OK(__wasi_path_create_directory(ROOT, "l"));
    OK(__wasi_fd_close(open_at("l/f", CREAT, WRITE, 0)));
    OK(__wasi_path_symlink("f", ROOT, "l/s"));
    OK(__wasi_path_symlink("../../out", ROOT, "l/out"));
    OK(__wasi_path_symlink("loop", ROOT, "l/loop"));
    OK(__wasi_path_symlink("made", ROOT, "l/dangling"));
    GIVES(__wasi_path_symlink("/f", ROOT, "l/abs"), PERM);
    GIVES(__wasi_path_symlink("f", ROOT, "l/f"), EXIST);
    GIVES(__wasi_path_symlink("f", ROOT, "l/new/"), NOENT);
    IS(type_of("l/s", 0), __WASI_FILETYPE_SYMBOLIC_LINK);
    IS(type_of("l/s", FOLLOW), __WASI_FILETYPE_REGULAR_FILE);
    IS(type_of("l/out", FOLLOW), -PERM);
    IS(type_of("l/loop", FOLLOW), -LOOP);
    OK(__wasi_path_readlink(ROOT, "l/out", buf, 4, &n));
    IS(n, 4);
    IS(memcmp(buf, "../.", 4), 0);
    GIVES(__wasi_path_readlink(ROOT, "l/f", buf, 4, &n), INVAL);
    GIVES(__wasi_path_open(ROOT, 0, "l/s", 0, READ, 0, 0, &fd), LOOP);
    GIVES(__wasi_path_open(ROOT, FOLLOW, "l/dangling", CREAT | EXCL, WRITE, 0, 0, &fd), EXIST);
    OK(__wasi_fd_close(open_at("l/dangling", CREAT, WRITE, 0)));
    IS(type_of("l/made", 0), __WASI_FILETYPE_REGULAR_FILE);
    OK(__wasi_path_link(ROOT, 0, "l/f", ROOT, "l/g"));
    OK(__wasi_path_filestat_get(ROOT, 0, "l/g", &stat));
    IS(stat.nlink, 2);
    GIVES(__wasi_path_link(ROOT, 0, "l/f", ROOT, "l/g"), EXIST);
    GIVES(__wasi_path_link(ROOT, 0, "l", ROOT, "m"), PERM);
    GIVES(__wasi_path_link(ROOT, 0, "l", ROOT, "l/f"), EXIST);
    GIVES(__wasi_path_link(ROOT, FOLLOW, "l/s", ROOT, "l/h"), INVAL);
    OK(__wasi_path_filestat_set_times(ROOT, 0, "l/s", 0, 7000, __WASI_FSTFLAGS_MTIM));
    OK(__wasi_path_filestat_set_times(ROOT, FOLLOW, "l/s", 0, 9000, __WASI_FSTFLAGS_MTIM));
    OK(__wasi_path_filestat_get(ROOT, 0, "l/s", &stat));
    IS(stat.mtim, 7000);
    OK(__wasi_path_filestat_get(ROOT, 0, "l/g", &stat));
    IS(stat.mtim, 9000);
}

static void renaming(void) {
    __wasi_filestat_t before, after;
    OK(__wasi_path_create_directory(ROOT, "r"));
    OK(__wasi_path_create_directory(ROOT, "r/full"));
    int file = open_at("r/full/f", CREAT, READ | WRITE, 0);
    OK(__wasi_path_filestat_get(ROOT, 0, "r/full/f", &before));
    GIVES(__wasi_path_rename(ROOT, "r", ROOT, "r/full/r"), INVAL);
    GIVES(__wasi_path_rename(ROOT, "r/full/f", ROOT, "r"), NOTEMPTY);
    GIVES(__wasi_path_rename(ROOT, "nx", ROOT, "nx"), NOENT);
    GIVES(__wasi_path_rename(ROOT, ".", ROOT, "q"), BUSY);
    OK(__wasi_path_create_directory(ROOT, "r/empty"));
    GIVES(__wasi_path_rename(ROOT, "r/full/f", ROOT, "r/empty"), ISDIR);
    GIVES(__wasi_path_rename(ROOT, "r/empty", ROOT, "r/full"), NOTEMPTY);
    GIVES(__wasi_path_rename(ROOT, "r/empty", ROOT, "r/full/f"), NOTDIR);
    GIVES(__wasi_path_rename(ROOT, "r/full/f", ROOT, "r/g/"), NOTDIR);
    OK(__wasi_path_rename(ROOT, "r/full", ROOT, "r/empty"));
    IS(type_of("r/full", 0), -NOENT);
    OK(__wasi_path_rename(ROOT, "r/empty/", ROOT, "r/moved/"));
    OK(__wasi_path_rename(ROOT, "r/moved/f", ROOT, "r/f"));
    OK(__wasi_path_filestat_get(ROOT, 0, "r/f", &after));
    IS(after.ino, before.ino);
    IS(after.dev, before.dev);
    IS(write_to(file, "follows"), 7);
    OK(__wasi_path_link(ROOT, 0, "r/f", ROOT, "r/g"));
    OK(__wasi_path_rename(ROOT, "r/f", ROOT, "r/g"));
    IS(type_of("r/f", 0), __WASI_FILETYPE_REGULAR_FILE);
    OK(__wasi_fd_close(file));
}

int main(void) {
    making_and_removing();
    opening();
    links();
    renaming();
    return wrong;
}
