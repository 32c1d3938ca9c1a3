/* Archives of trees, and what changed between two. */
#include "check.h"

static void put(stepwell_tree *tree, const char *path, const char *text)
{
    OK(stepwell_tree_write(tree, path, (const uint8_t *) text, strlen(text), &error));
}

static void check_change(stepwell_diff *diff, size_t index, stepwell_change change, const char *path, const char *from)
{
    CHECK(stepwell_diff_change(diff, index) == change);
    CHECK(is_text(stepwell_diff_path(diff, index), stepwell_diff_path_len(diff, index), path));
    if (from == NULL)
        CHECK(stepwell_diff_from(diff, index) == NULL && stepwell_diff_from_len(diff, index) == 0);
    else
        CHECK(is_text(stepwell_diff_from(diff, index), stepwell_diff_from_len(diff, index), from));
}

int main(void)
{
    stepwell_tree *base = NULL, *tree = NULL, *copy = NULL;
    OK(stepwell_tree_new(&base, &error));
    put(base, "keep", "1");
    put(base, "change", "2");
    put(base, "move", "3");
    put(base, "remove", "4");
    OK(stepwell_tree_fork(base, &tree, &error));
    put(tree, "add", "5");
    put(tree, "change", "6");
    OK(stepwell_tree_rename(tree, "move", "moved", &error));
    OK(stepwell_tree_remove(tree, "remove", &error));

    stepwell_diff *diff = NULL;
    OK(stepwell_tree_diff(tree, base, &diff, &error));
    CHECK(stepwell_diff_count(diff) == 4);
    check_change(diff, 0, STEPWELL_CHANGE_ADDED, "add", NULL);
    check_change(diff, 1, STEPWELL_CHANGE_MODIFIED, "change", NULL);
    check_change(diff, 2, STEPWELL_CHANGE_RENAMED, "moved", "move");
    check_change(diff, 3, STEPWELL_CHANGE_REMOVED, "remove", NULL);
    CHECK(stepwell_diff_path(diff, 4) == NULL && stepwell_diff_path_len(diff, 4) == 0);
    stepwell_diff_free(diff);
    OK(stepwell_tree_diff(tree, tree, &diff, &error));
    CHECK(stepwell_diff_count(diff) == 0);
    stepwell_diff_free(diff);

    /* The difference, applied to a copy of the base, gives the tree. */
    stepwell_bytes *archive = NULL, *whole = NULL, *again = NULL;
    stepwell_strings *removed = NULL;
    OK(stepwell_tree_fork(base, &copy, &error));
    OK(stepwell_tree_export_diff_tar(tree, base, &archive, NULL, &error));
    stepwell_bytes_free(archive);
    OK(stepwell_tree_export_diff_tar(tree, base, &archive, &removed, &error));
    CHECK(stepwell_strings_count(removed) == 2);
    for (size_t at = 0; at < stepwell_strings_count(removed); at++) {
        char path[32] = {0};
        memcpy(path, stepwell_strings_data(removed, at), stepwell_strings_len(removed, at));
        OK(stepwell_tree_remove(copy, path, &error));
    }
    stepwell_strings_free(removed);
    OK(stepwell_tree_import_tar(copy, stepwell_bytes_data(archive), stepwell_bytes_len(archive), &error));
    stepwell_bytes_free(archive);
    OK(stepwell_tree_export_tar(tree, &whole, &error));
    OK(stepwell_tree_export_tar(copy, &again, &error));
    CHECK(stepwell_bytes_len(whole) == stepwell_bytes_len(again));
    CHECK(memcmp(stepwell_bytes_data(whole), stepwell_bytes_data(again), stepwell_bytes_len(whole)) == 0);

    FAILS(STEPWELL_ARCHIVE,
        stepwell_tree_import_tar(copy, stepwell_bytes_data(whole), stepwell_bytes_len(whole) / 2, &error));
    FAILS(STEPWELL_ARCHIVE, stepwell_tree_import_tar(copy, guest_hello, sizeof guest_hello, &error));
    OK(stepwell_tree_set_quota(copy, STEPWELL_QUOTA_BYTES, 1, &error));
    stepwell_error *error = NULL;
    CHECK(stepwell_tree_import_tar(copy, stepwell_bytes_data(whole), stepwell_bytes_len(whole), &error)
        == STEPWELL_ARCHIVE);
    CHECK(stepwell_error_errno(error) == E_NOSPC);
    stepwell_error_free(error);

    stepwell_bytes_free(whole);
    stepwell_bytes_free(again);
    stepwell_tree_free(copy);
    stepwell_tree_free(tree);
    stepwell_tree_free(base);
    return 0;
}
