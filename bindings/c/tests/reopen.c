/* Directories of the host that are left out of an image, and files that go where they were. */
#include "check.h"

static stepwell_module *module;
static const char *folder;

static stepwell_process_builder *builder_with(uint32_t mode)
{
    stepwell_process_builder *builder = NULL;
    OK(stepwell_process_builder_new(module, &builder, &error));
    OK(stepwell_process_builder_freezable(builder, &error));
    OK(stepwell_process_builder_mount_host(builder, "/m", folder, mode, &error));
    return builder;
}

/* A process that has read a part of a file of the host's. */
static stepwell_process *halfway(uint32_t mode)
{
    stepwell_process *process = spawn(builder_with(mode));
    OK(stepwell_process_freeze_at(process, STEPWELL_FREEZE_POINT_CALL, "sched_yield", 1, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_FREEZE_POINT);
    return process;
}

/* Its image without the directory, as it comes from bytes. */
static stepwell_image *detached(void)
{
    stepwell_image *image = NULL, *loaded = NULL;
    stepwell_bytes *bytes = NULL;
    stepwell_process *process = halfway(STEPWELL_HOST_MODE_READ_WRITE);
    FAILS(STEPWELL_NOT_FREEZABLE, stepwell_process_freeze(process, &image, &error));
    OK(stepwell_process_freeze_detached(process, &image, &error));
    CHECK(run(process, 1) == STEPWELL_STATE_FROZEN);
    FAILS(STEPWELL_NOT_FREEZABLE, stepwell_process_freeze_detached(process, &image, &error));
    stepwell_process_free(process);
    OK(stepwell_image_save(image, module, &bytes, &error));
    stepwell_image_free(image);
    OK(stepwell_image_load(module, stepwell_bytes_data(bytes), stepwell_bytes_len(bytes), NULL, &loaded, &error));
    stepwell_bytes_free(bytes);
    return loaded;
}

static size_t absent(const stepwell_image *image)
{
    stepwell_strings *paths = NULL;
    OK(stepwell_image_absent(image, &paths, &error));
    return count_from(paths, "/m");
}

/* What is left out, and what cannot be. */
static void leaving_out(const stepwell_image *image)
{
    stepwell_image *other = NULL;
    CHECK(absent(image) == 1);
    stepwell_process *process = halfway(STEPWELL_HOST_MODE_COPY_ON_WRITE);
    FAILS(STEPWELL_NOT_FREEZABLE, stepwell_process_freeze_detached(process, &other, &error));
    stepwell_process_free(process);
    process = halfway(STEPWELL_HOST_MODE_READ_ONLY);
    OK(stepwell_process_freeze_detached(process, &other, &error));
    CHECK(absent(other) == 1);
    stepwell_image_free(other);
    stepwell_process_free(process);

    process = spawn(builder_with(STEPWELL_HOST_MODE_READ_WRITE));
    FAILS(STEPWELL_NOT_FREEZABLE, stepwell_process_freeze_detached(process, &other, &error));
    stepwell_process_free(process);

    /* Where there is none of the host's, it freezes as the other does. */
    process = spawn(BUILDER(echo));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    OK(stepwell_process_freeze_detached(process, &other, &error));
    CHECK(absent(other) == 0);
    stepwell_image_free(other);
    stepwell_process_free(process);
}

static stepwell_tree *tree_with(const char *content)
{
    stepwell_tree *tree = NULL;
    OK(stepwell_tree_new(&tree, &error));
    if (content != NULL)
        OK(stepwell_tree_write(tree, "kept", (const uint8_t *) content, strlen(content), &error));
    return tree;
}

static stepwell_mounts *tree_at(const char *path, const char *content)
{
    stepwell_mounts *mounts = NULL;
    stepwell_tree *tree = tree_with(content);
    OK(stepwell_mounts_new(&mounts, &error));
    OK(stepwell_mounts_add_tree(mounts, path, tree, false, &error));
    stepwell_tree_free(tree);
    return mounts;
}

static stepwell_mounts *folder_in(uint32_t mode)
{
    stepwell_mounts *mounts = NULL;
    OK(stepwell_mounts_new(&mounts, &error));
    OK(stepwell_mounts_add_host(mounts, "/./m/", folder, mode, &error));
    return mounts;
}

/* Goes on with these mounts, until it ends. */
static stepwell_process *go_on(const stepwell_template *template, stepwell_mounts *mounts, stepwell_state end)
{
    stepwell_process *process = NULL;
    OK(stepwell_template_thaw_attached(template, NULL, mounts, &process, &error));
    stepwell_mounts_free(mounts);
    CHECK(run(process, UINT64_MAX) == end);
    return process;
}

static void reads(const stepwell_template *template, stepwell_mounts *mounts, const char *rest)
{
    stepwell_process *process = go_on(template, mounts, STEPWELL_STATE_EXITED);
    CHECK(exit_code(process) == 0);
    check_bytes(stdout_of(process), rest, strlen(rest));
    stepwell_process_free(process);
}

static void going_on(const stepwell_template *template)
{
    for (uint32_t mode = STEPWELL_HOST_MODE_READ_ONLY; mode <= STEPWELL_HOST_MODE_READ_WRITE; mode++)
        reads(template, folder_in(mode), "the host");
    reads(template, tree_at("/m", "in a tree"), "a tree");
}

/* What the image does not fit is refused, and the mounts are used up all the same. */
static void misfits(const stepwell_template *template)
{
    stepwell_process *process = NULL;
    stepwell_pool *pool = NULL;
    stepwell_limits *limits = NULL;
    stepwell_mounts *mounts = NULL;
    FAILS(STEPWELL_FILES, stepwell_template_thaw(template, NULL, &process, &error));
    OK(stepwell_pool_new(template, 1, &pool, &error));
    FAILS(STEPWELL_FILES, stepwell_pool_thaw(pool, NULL, &process, &error));
    stepwell_pool_free(pool);

    OK(stepwell_mounts_new(&mounts, &error));
    stepwell_mounts *unfit[] = {mounts, tree_at("/x", "in a tree"), tree_at("/m", NULL)};
    for (int at = 0; at < 3; at++) {
        FAILS(STEPWELL_FILES, stepwell_template_thaw_attached(template, NULL, unfit[at], &process, &error));
        FAILS(STEPWELL_USED, stepwell_template_thaw_attached(template, NULL, unfit[at], &process, &error));
        stepwell_mounts_free(unfit[at]);
    }

    OK(stepwell_limits_new(&limits, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_MEMORY_BYTES, 1, &error));
    mounts = tree_at("/m", "in a tree");
    FAILS(STEPWELL_IMAGE, stepwell_template_thaw_attached(template, limits, mounts, &process, &error));
    stepwell_mounts_free(mounts);
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_MEMORY_BYTES, 1 << 20, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_STEPS, 1, &error));
    mounts = tree_at("/m", "in a tree");
    OK(stepwell_template_thaw_attached(template, limits, mounts, &process, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXHAUSTED);
    stepwell_process_free(process);
    stepwell_mounts_free(mounts);
    stepwell_limits_free(limits);
}

/* What a list takes, before and after it was used. */
static void lists(const stepwell_template *template)
{
    const uint32_t writable = STEPWELL_HOST_MODE_READ_WRITE;
    stepwell_process *process = NULL;
    stepwell_tree *tree = tree_with(NULL);
    stepwell_mounts *mounts = folder_in(writable);
    ERRNO(E_INVAL, stepwell_mounts_add_tree(mounts, "relative", tree, false, &error));
    ERRNO(E_INVAL, stepwell_mounts_add_host(mounts, "/a/../b", folder, writable, &error));
    ERRNO(E_BUSY, stepwell_mounts_add_tree(mounts, "/m", tree, false, &error));
    ERRNO(E_BUSY, stepwell_mounts_add_host(mounts, "//m", folder, writable, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_mounts_add_host(mounts, "/n", folder, 3, &error));
    FAILS(STEPWELL_HOST, stepwell_mounts_add_host(mounts, "/n", "/no/such/folder", writable, &error));
    OK(stepwell_template_thaw_attached(template, NULL, mounts, &process, &error));
    stepwell_process_free(process);
    FAILS(STEPWELL_USED, stepwell_mounts_add_tree(mounts, "/n", tree, false, &error));
    FAILS(STEPWELL_USED, stepwell_mounts_add_host(mounts, "/n", folder, writable, &error));
    FAILS(STEPWELL_USED, stepwell_template_thaw_attached(template, NULL, mounts, &process, &error));
    stepwell_mounts_free(mounts);
    stepwell_tree_free(tree);
}

/* There is a backtrace if the run can be repeated: not if it was given the files of the host's themselves. */
static void traps(const stepwell_template *template)
{
    char path[4096];
    stepwell_backtrace *backtrace = NULL;
    CHECK(snprintf(path, sizeof path, "%s/kept", folder) < (int) sizeof path);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs("on ", file) >= 0 && fclose(file) == 0);
    stepwell_mounts *repeatable[] = {
        folder_in(STEPWELL_HOST_MODE_READ_ONLY), folder_in(STEPWELL_HOST_MODE_COPY_ON_WRITE), tree_at("/m", "123"),
    };
    for (int at = 0; at < 3; at++) {
        stepwell_process *process = go_on(template, repeatable[at], STEPWELL_STATE_TRAPPED);
        OK(stepwell_process_backtrace(process, &backtrace, &error));
        CHECK(stepwell_backtrace_count(backtrace) == 1);
        stepwell_backtrace_free(backtrace);
        stepwell_process_free(process);
    }
    stepwell_process *process = go_on(template, folder_in(STEPWELL_HOST_MODE_READ_WRITE), STEPWELL_STATE_TRAPPED);
    FAILS(STEPWELL_NO_BACKTRACE, stepwell_process_backtrace(process, &backtrace, &error));
    stepwell_process_free(process);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    folder = argv[1];
    module = MODULE(reader);
    stepwell_template *template = NULL;
    stepwell_image *image = detached();
    leaving_out(image);
    OK(stepwell_image_prepare(image, module, &template, &error));
    going_on(template);
    misfits(template);
    lists(template);
    traps(template);
    stepwell_template_free(template);
    stepwell_image_free(image);
    stepwell_module_free(module);
    return 0;
}
