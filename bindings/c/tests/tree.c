/* The files of a tree. */
#include "check.h"

static stepwell_tree *tree;

static void put(const char *path, const char *text)
{
    OK(stepwell_tree_write(tree, path, (const uint8_t *) text, strlen(text), &error));
}

static stepwell_bytes *get(const char *path)
{
    stepwell_bytes *bytes = NULL;
    OK(stepwell_tree_read(tree, path, &bytes, &error));
    return bytes;
}

static void paths(void)
{
    stepwell_bytes *bytes = NULL;
    put("/a/b/c", "hello");
    BYTES(get("a/b/c"), "hello");
    put("a/b/c", "");
    BYTES(get("a/b/c"), "");
    OK(stepwell_tree_write(tree, "empty", NULL, 0, &error));
    ERRNO(E_NOENT, stepwell_tree_read(tree, "a/x", &bytes, &error));
    ERRNO(E_ISDIR, stepwell_tree_read(tree, "a", &bytes, &error));
    ERRNO(E_NOTDIR, stepwell_tree_read(tree, "a/b/c/d", &bytes, &error));
    ERRNO(E_INVAL, stepwell_tree_read(tree, "a/../a", &bytes, &error));
    ERRNO(E_ISDIR, stepwell_tree_write(tree, "a", NULL, 0, &error));
    ERRNO(E_NOTDIR, stepwell_tree_write(tree, "a/b/c/d", NULL, 0, &error));
    char name[300];
    memset(name, 'n', sizeof name);
    name[256] = 0;
    ERRNO(E_NAMETOOLONG, stepwell_tree_write(tree, name, NULL, 0, &error));
    FAILS(STEPWELL_INVALID_UTF8, stepwell_tree_write(tree, "\xff", NULL, 0, &error));

    OK(stepwell_tree_mkdir(tree, "d/e", &error));
    OK(stepwell_tree_mkdir(tree, "d/e", &error));
    ERRNO(E_NOTDIR, stepwell_tree_mkdir(tree, "empty/f", &error));
}

static void ranges(void)
{
    uint8_t buffer[8];
    size_t count = 9;
    put("range", "0123456789");
    OK(stepwell_tree_read_at(tree, "range", 3, buffer, 4, &count, &error));
    CHECK(count == 4 && memcmp(buffer, "3456", 4) == 0);
    OK(stepwell_tree_read_at(tree, "/range", 7, buffer, sizeof buffer, &count, &error));
    CHECK(count == 3 && memcmp(buffer, "789", 3) == 0);
    OK(stepwell_tree_read_at(tree, "range", 10, buffer, sizeof buffer, &count, &error));
    CHECK(count == 0);
    OK(stepwell_tree_read_at(tree, "range", UINT64_MAX, buffer, sizeof buffer, &count, &error));
    CHECK(count == 0);
    OK(stepwell_tree_read_at(tree, "range", 0, NULL, 0, &count, &error));
    CHECK(count == 0);
    count = 9;
    ERRNO(E_NOENT, stepwell_tree_read_at(tree, "nothing", 0, buffer, 1, &count, &error));
    ERRNO(E_ISDIR, stepwell_tree_read_at(tree, "a", 0, buffer, 1, &count, &error));
    ERRNO(E_ISDIR, stepwell_tree_read_at(tree, "a", 0, NULL, 0, &count, &error));
    ERRNO(E_INVAL, stepwell_tree_read_at(tree, "range/../range", 0, buffer, 1, &count, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_tree_read_at(tree, "range", 0, buffer, SIZE_MAX, &count, &error));
    CHECK(count == 9);
    OK(stepwell_tree_remove(tree, "range", &error));
}

static void links(void)
{
    stepwell_bytes *bytes = NULL;
    OK(stepwell_tree_symlink(tree, "../a/b/c", "l/link", &error));
    ERRNO(E_EXIST, stepwell_tree_symlink(tree, "x", "l/link", &error));
    ERRNO(E_INVAL, stepwell_tree_symlink(tree, "x", "l/..", &error));
    OK(stepwell_tree_readlink(tree, "l/link", &bytes, &error));
    BYTES(bytes, "../a/b/c");
    ERRNO(E_INVAL, stepwell_tree_readlink(tree, "a/b/c", &bytes, &error));
    ERRNO(E_LOOP, stepwell_tree_write(tree, "l/link", NULL, 0, &error));
    ERRNO(E_INVAL, stepwell_tree_read(tree, "l/link", &bytes, &error));

    OK(stepwell_tree_link(tree, "a/b/c", "l/hard", &error));
    ERRNO(E_NOENT, stepwell_tree_link(tree, "nothing", "l/other", &error));
    ERRNO(E_PERM, stepwell_tree_link(tree, "a", "l/other", &error));
    ERRNO(E_EXIST, stepwell_tree_link(tree, "a/b/c", "l/hard", &error));
    put("l/hard", "both");
    BYTES(get("a/b/c"), "both");
}

/* Each of these would make directories before it fails, and makes none. */
static void what_fails_changes_nothing(void)
{
    uint8_t before[32], after[32];
    char *deep = malloc(5000), *name = malloc(5000);
    for (size_t at = 0; at < 4998; at += 2)
        memcpy(deep + at, "p/", 2);
    strcpy(deep + 4998, "p");
    memcpy(name, "new/", 4);
    memset(name + 4, 'n', 300);
    name[304] = 0;
    OK(stepwell_tree_digest(tree, before, &error));
    ERRNO(E_NAMETOOLONG, stepwell_tree_write(tree, deep, NULL, 0, &error));
    ERRNO(E_NAMETOOLONG, stepwell_tree_mkdir(tree, deep, &error));
    ERRNO(E_NAMETOOLONG, stepwell_tree_symlink(tree, "x", deep, &error));
    ERRNO(E_NAMETOOLONG, stepwell_tree_link(tree, "a/b/c", deep, &error));
    ERRNO(E_NAMETOOLONG, stepwell_tree_write(tree, name, NULL, 0, &error));
    ERRNO(E_NAMETOOLONG, stepwell_tree_symlink(tree, "x", name, &error));
    ERRNO(E_PERM, stepwell_tree_link(tree, "a", "new/link", &error));
    ERRNO(E_ISDIR, stepwell_tree_write(tree, "new/file/", NULL, 0, &error));
    ERRNO(E_ISDIR, stepwell_tree_symlink(tree, "x", "new/link/", &error));
    ERRNO(E_ISDIR, stepwell_tree_link(tree, "a/b/c", "new/link/", &error));
    OK(stepwell_tree_digest(tree, after, &error));
    CHECK(memcmp(before, after, 32) == 0);
    free(deep);
    free(name);
}

static void attributes(void)
{
    stepwell_stat *stat = NULL;
    OK(stepwell_tree_set_mode(tree, "a/b/c", 0755, &error));
    OK(stepwell_tree_set_times(tree, "a/b/c", 1, 2, &error));
    OK(stepwell_tree_stat(tree, "a/b/c", &stat, &error));
    CHECK(stepwell_stat_type(stat) == STEPWELL_FILE_TYPE_REGULAR_FILE);
    CHECK(stepwell_stat_size(stat) == 4 && stepwell_stat_links(stat) == 2);
    CHECK(stepwell_stat_mode(stat) == 0755);
    CHECK(stepwell_stat_accessed(stat) == 1 && stepwell_stat_modified(stat) == 2);
    stepwell_stat_free(stat);
    ERRNO(E_NOENT, stepwell_tree_stat(tree, "x", &stat, &error));
    ERRNO(E_NOENT, stepwell_tree_set_mode(tree, "x", 0, &error));
    ERRNO(E_NOENT, stepwell_tree_set_times(tree, "x", 0, 0, &error));

    stepwell_listing *listing = NULL;
    OK(stepwell_tree_list(tree, "l", &listing, &error));
    CHECK(stepwell_listing_count(listing) == 2);
    CHECK(is_text(stepwell_listing_name(listing, 0), stepwell_listing_name_len(listing, 0), "hard"));
    CHECK(stepwell_listing_type(listing, 0) == STEPWELL_FILE_TYPE_REGULAR_FILE);
    CHECK(stepwell_listing_type(listing, 1) == STEPWELL_FILE_TYPE_SYMBOLIC_LINK);
    CHECK(stepwell_listing_name(listing, 2) == NULL && stepwell_listing_name_len(listing, 2) == 0);
    CHECK(stepwell_listing_type(listing, 2) == STEPWELL_FILE_TYPE_UNKNOWN);
    stepwell_listing_free(listing);
    ERRNO(E_NOTDIR, stepwell_tree_list(tree, "empty", &listing, &error));
    ERRNO(E_NOENT, stepwell_tree_list(tree, "x", &listing, &error));
}

static void moves(void)
{
    OK(stepwell_tree_rename(tree, "l/hard", "a/moved", &error));
    ERRNO(E_NOENT, stepwell_tree_rename(tree, "l/hard", "a/moved", &error));
    ERRNO(E_NOENT, stepwell_tree_rename(tree, "a/moved", "x/moved", &error));
    ERRNO(E_NOTDIR, stepwell_tree_rename(tree, "a", "empty", &error));
    ERRNO(E_ISDIR, stepwell_tree_rename(tree, "empty", "a", &error));
    ERRNO(E_NOTEMPTY, stepwell_tree_rename(tree, "d", "a", &error));
    ERRNO(E_INVAL, stepwell_tree_rename(tree, "a", "a/b/x", &error));
    ERRNO(E_NOTEMPTY, stepwell_tree_remove(tree, "a", &error));
    ERRNO(E_NOENT, stepwell_tree_remove(tree, "x", &error));
    ERRNO(E_NOTDIR, stepwell_tree_remove(tree, "empty/x", &error));
    ERRNO(E_INVAL, stepwell_tree_remove(tree, "/", &error));
    ERRNO(E_INVAL, stepwell_tree_remove(tree, "", &error));
    ERRNO(E_INVAL, stepwell_tree_remove_all(tree, "/.", &error));
    ERRNO(E_INVAL, stepwell_tree_rename(tree, "/", "a", &error));
    ERRNO(E_NOTDIR, stepwell_tree_remove(tree, "empty/", &error));
    ERRNO(E_NOTDIR, stepwell_tree_remove_all(tree, "empty/.", &error));
    ERRNO(E_NOTDIR, stepwell_tree_rename(tree, "empty/", "other", &error));
    ERRNO(E_NOTDIR, stepwell_tree_rename(tree, "empty", "other/", &error));
    OK(stepwell_tree_rename(tree, "d/", "other/", &error));
    OK(stepwell_tree_rename(tree, "other", "d", &error));
    OK(stepwell_tree_remove(tree, "l/link", &error));
    OK(stepwell_tree_remove(tree, "d/e", &error));
    OK(stepwell_tree_remove_all(tree, "a", &error));
    ERRNO(E_NOENT, stepwell_tree_remove_all(tree, "a", &error));
    ERRNO(E_INVAL, stepwell_tree_remove_all(tree, "..", &error));
    OK(stepwell_tree_remove_all(tree, "empty", &error));
}

static void quotas(void)
{
    uint64_t bytes = 1, inodes = 0;
    OK(stepwell_tree_bytes_used(tree, &bytes, &error));
    OK(stepwell_tree_inodes_used(tree, &inodes, &error));
    CHECK(bytes == 0 && inodes == 3); /* The root, d and l. */
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_tree_set_quota(tree, 99, 1, &error));
    OK(stepwell_tree_set_quota(tree, STEPWELL_QUOTA_BYTES, 10, &error));
    OK(stepwell_tree_set_quota(tree, STEPWELL_QUOTA_FILE_BYTES, 8, &error));
    OK(stepwell_tree_set_quota(tree, STEPWELL_QUOTA_INODES, 4, &error));
    put("one", "12345678");
    ERRNO(E_FBIG, stepwell_tree_write(tree, "one", (const uint8_t *) "123456789", 9, &error));
    ERRNO(E_NOSPC, stepwell_tree_write(tree, "two", NULL, 0, &error));
    ERRNO(E_NOSPC, stepwell_tree_mkdir(tree, "e", &error));
    ERRNO(E_NOSPC, stepwell_tree_symlink(tree, "x", "two", &error));
    ERRNO(E_NOSPC, stepwell_tree_link(tree, "one", "two", &error));
}

static void forks(void)
{
    stepwell_tree *fork = NULL;
    uint8_t before[32], after[32];
    OK(stepwell_tree_fork(tree, &fork, &error));
    OK(stepwell_tree_digest(tree, before, &error));
    OK(stepwell_tree_digest(fork, after, &error));
    CHECK(memcmp(before, after, 32) == 0);
    OK(stepwell_tree_remove(fork, "one", &error));
    OK(stepwell_tree_digest(fork, after, &error));
    CHECK(memcmp(before, after, 32) != 0);
    stepwell_tree_free(fork);
    BYTES(get("one"), "12345678");
}

static void host(const char *folder)
{
    stepwell_tree *above = NULL;
    stepwell_bytes *bytes = NULL;
    OK(stepwell_tree_above(folder, &above, &error));
    OK(stepwell_tree_read(above, "kept", &bytes, &error));
    BYTES(bytes, "on the host");
    OK(stepwell_tree_write(above, "kept", NULL, 0, &error));
    stepwell_tree_free(above);
    OK(stepwell_tree_above(folder, &above, &error));
    OK(stepwell_tree_read(above, "kept", &bytes, &error));
    BYTES(bytes, "on the host");
    stepwell_tree_free(above);
    FAILS(STEPWELL_HOST, stepwell_tree_above("/no/such/folder", &above, &error));
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    OK(stepwell_tree_new(&tree, &error));
    paths();
    ranges();
    links();
    what_fails_changes_nothing();
    attributes();
    moves();
    quotas();
    forks();
    stepwell_tree_free(tree);
    host(argv[1]);
    return 0;
}
