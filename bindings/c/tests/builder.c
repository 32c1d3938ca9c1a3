/* What a process starts with. */
#include "check.h"

static void arguments(void)
{
    stepwell_process_builder *builder = BUILDER(args);
    OK(stepwell_process_builder_arg(builder, "name", &error));
    OK(stepwell_process_builder_arg(builder, "\xff", &error));
    OK(stepwell_process_builder_env(builder, "KEY", "a=b", &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_builder_env(builder, "", "b", &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_builder_env(builder, "A=", "b", &error));
    OK(stepwell_process_builder_seed(builder, 7, &error));
    OK(stepwell_process_builder_epoch(builder, 0, &error));
    stepwell_process *process = spawn(builder);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    stepwell_bytes *first = stdout_of(process);
    static const char expected[] = "name\0\xff\0KEY=a=b";
    CHECK(stepwell_bytes_len(first) == sizeof expected + 12);
    CHECK(memcmp(stepwell_bytes_data(first), expected, sizeof expected) == 0);
    stepwell_process_free(process);

    /* Another seed gives other random numbers; the host's entropy and clock still others. */
    builder = BUILDER(args);
    OK(stepwell_process_builder_arg(builder, "name", &error));
    OK(stepwell_process_builder_arg(builder, "\xff", &error));
    OK(stepwell_process_builder_env(builder, "KEY", "a=b", &error));
    OK(stepwell_process_builder_host_entropy(builder, &error));
    OK(stepwell_process_builder_host_clock(builder, &error));
    process = spawn(builder);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    stepwell_bytes *second = stdout_of(process);
    CHECK(stepwell_bytes_len(second) == stepwell_bytes_len(first));
    CHECK(memcmp(stepwell_bytes_data(first), stepwell_bytes_data(second), stepwell_bytes_len(first)) != 0);
    stepwell_bytes_free(first);
    stepwell_bytes_free(second);
    stepwell_process_free(process);
}

static void limits(void)
{
    stepwell_limits *limits = NULL;
    stepwell_process *process = NULL;
    OK(stepwell_limits_new(&limits, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_limits_set(limits, STEPWELL_LIMIT_HOST_MEMORY, 1, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT,
        stepwell_limits_set(limits, STEPWELL_LIMIT_DESCRIPTORS, UINT64_MAX, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_DESCRIPTORS, 100, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_MEMORY_BYTES, UINT64_MAX, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_TABLE_ELEMENTS, 100, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_OUTPUT_BYTES, 100, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_OUTPUT_QUEUE_BYTES, 100, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_STEPS, 100, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_ARGUMENT_BYTES, 4, &error));
    stepwell_process_builder *builder = BUILDER(args);
    OK(stepwell_process_builder_limits(builder, limits, &error));
    OK(stepwell_process_builder_arg(builder, "1234", &error));
    FAILS(STEPWELL_TOO_MANY_ARGUMENTS, stepwell_process_builder_spawn(builder, &process, &error));
    CHECK(process == NULL);
    stepwell_process_builder_free(builder);
    stepwell_limits_free(limits);
}

static void entries(void)
{
    stepwell_process *process = NULL;
    stepwell_process_builder *builder = BUILDER(add);
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_builder_invoke_arg(builder, "2", &error));
    OK(stepwell_process_builder_invoke(builder, "add", &error));
    OK(stepwell_process_builder_invoke_arg(builder, "2", &error));
    OK(stepwell_process_builder_invoke_arg(builder, "40", &error));
    process = spawn(builder);
    CHECK(run(process, 100) == STEPWELL_STATE_EXITED);
    stepwell_strings *results = NULL;
    OK(stepwell_process_results(process, &results, &error));
    CHECK(stepwell_strings_count(results) == 1);
    CHECK(is_text(stepwell_strings_data(results, 0), stepwell_strings_len(results, 0), "42"));
    stepwell_strings_free(results);
    stepwell_process_free(process);
    process = NULL;

    builder = BUILDER(add);
    OK(stepwell_process_builder_invoke(builder, "add", &error));
    OK(stepwell_process_builder_invoke_arg(builder, "two", &error));
    FAILS(STEPWELL_ARGUMENTS, stepwell_process_builder_spawn(builder, &process, &error));
    /* It is used up, also where that has failed. */
    FAILS(STEPWELL_USED, stepwell_process_builder_spawn(builder, &process, &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_arg(builder, "a", &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_env(builder, "a", "b", &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_invoke(builder, "a", &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_invoke_arg(builder, "a", &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_seed(builder, 1, &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_epoch(builder, 1, &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_host_clock(builder, &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_host_entropy(builder, &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_stdio(builder, 0, 0, &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_freezable(builder, &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_profile(builder, &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_receipt(builder, &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_trace(builder, &error));
    FAILS(STEPWELL_USED, stepwell_process_builder_without_files(builder, &error));
    stepwell_process_builder_free(builder);

    builder = BUILDER(add);
    FAILS(STEPWELL_ENTRY_TYPE, stepwell_process_builder_spawn(builder, &process, &error));
    stepwell_process_builder_free(builder);
    builder = BUILDER(add);
    OK(stepwell_process_builder_invoke(builder, "none", &error));
    FAILS(STEPWELL_MISSING_EXPORT, stepwell_process_builder_spawn(builder, &process, &error));
    stepwell_process_builder_free(builder);
}

static uint32_t run_file(stepwell_process_builder *builder, stepwell_process **out)
{
    stepwell_process *process = spawn(builder);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    uint32_t code = exit_code(process);
    if (out != NULL)
        *out = process;
    else
        stepwell_process_free(process);
    return code;
}

static void trees(void)
{
    stepwell_tree *tree = NULL, *end = NULL;
    stepwell_bytes *bytes = NULL;
    stepwell_process *process = NULL;
    OK(stepwell_tree_new(&tree, &error));
    stepwell_process_builder *builder = BUILDER(file);
    ERRNO(E_INVAL, stepwell_process_builder_mount_tree(builder, "relative", tree, false, &error));
    ERRNO(E_INVAL, stepwell_process_builder_mount_tree(builder, "/a/../b", tree, false, &error));
    OK(stepwell_process_builder_mount_tree(builder, "/inner", tree, true, &error));
    ERRNO(E_BUSY, stepwell_process_builder_mount_tree(builder, "/./inner/", tree, true, &error));
    OK(stepwell_process_builder_mount_tree(builder, "/", tree, false, &error));
    CHECK(run_file(builder, &process) == 0);
    OK(stepwell_process_tree(process, "/", &end, &error));
    OK(stepwell_tree_read(end, "out", &bytes, &error));
    BYTES(bytes, "made");
    /* The tree that was mounted stays as it was. */
    ERRNO(E_NOENT, stepwell_tree_read(tree, "out", &bytes, &error));
    stepwell_strings *mounts = NULL;
    OK(stepwell_process_mounts(process, &mounts, &error));
    CHECK(stepwell_strings_count(mounts) == 2);
    CHECK(is_text(stepwell_strings_data(mounts, 1), stepwell_strings_len(mounts, 1), "/inner"));
    stepwell_strings_free(mounts);
    ERRNO(E_NOENT, stepwell_process_tree(process, "/other", &tree, &error));
    ERRNO(E_NOENT, stepwell_process_set_tree(process, "/other", tree, &error));
    OK(stepwell_process_set_tree(process, "/", tree, &error));
    stepwell_tree_free(end);
    OK(stepwell_process_tree(process, "/", &end, &error));
    ERRNO(E_NOENT, stepwell_tree_read(end, "out", &bytes, &error));
    stepwell_tree_free(end);
    stepwell_process_free(process);

    builder = BUILDER(file);
    OK(stepwell_process_builder_mount_tree(builder, "/", tree, true, &error));
    CHECK(run_file(builder, NULL) == E_ROFS);
    builder = BUILDER(file);
    OK(stepwell_process_builder_without_files(builder, &error));
    CHECK(run_file(builder, NULL) == 8); /* EBADF */

    /* A file where a mount is to be. */
    OK(stepwell_tree_write(tree, "inner", NULL, 0, &error));
    builder = BUILDER(file);
    OK(stepwell_process_builder_mount_tree(builder, "/", tree, false, &error));
    OK(stepwell_process_builder_mount_tree(builder, "/inner", tree, false, &error));
    ERRNO(E_NOTDIR, stepwell_process_builder_spawn(builder, &process, &error));
    stepwell_process_builder_free(builder);
    stepwell_tree_free(tree);
}

static void host(const char *folder)
{
    stepwell_process *process = NULL;
    stepwell_tree *tree = NULL, *above = NULL;
    stepwell_bytes *bytes = NULL;
    stepwell_process_builder *builder = BUILDER(file);
    FAILS(STEPWELL_INVALID_ARGUMENT,
        stepwell_process_builder_mount_host(builder, "/", folder, 3, &error));
    FAILS(STEPWELL_HOST, stepwell_process_builder_mount_host(builder, "/", "/no/such/folder",
        STEPWELL_HOST_MODE_READ_WRITE, &error));
    OK(stepwell_process_builder_mount_host(builder, "/", folder, STEPWELL_HOST_MODE_READ_ONLY, &error));
    CHECK(run_file(builder, NULL) == E_ROFS);
    builder = BUILDER(file);
    OK(stepwell_process_builder_mount_host(builder, "/", folder, STEPWELL_HOST_MODE_COPY_ON_WRITE, &error));
    CHECK(run_file(builder, &process) == 0);
    OK(stepwell_process_tree(process, "/", &tree, &error));
    OK(stepwell_tree_read(tree, "out", &bytes, &error));
    BYTES(bytes, "made");
    OK(stepwell_tree_above(folder, &above, &error));
    ERRNO(E_NOENT, stepwell_tree_read(above, "out", &bytes, &error));
    stepwell_tree_free(above);
    stepwell_tree_free(tree);
    stepwell_process_free(process);
    builder = BUILDER(file);
    OK(stepwell_process_builder_mount_host(builder, "/", folder, STEPWELL_HOST_MODE_READ_WRITE, &error));
    CHECK(run_file(builder, &process) == 0);
    ERRNO(E_NOTSUP, stepwell_process_tree(process, "/", &tree, &error));
    OK(stepwell_tree_new(&tree, &error));
    ERRNO(E_NOTSUP, stepwell_process_set_tree(process, "/", tree, &error));
    stepwell_tree_free(tree);
    stepwell_process_free(process);
    OK(stepwell_tree_above(folder, &above, &error));
    OK(stepwell_tree_read(above, "out", &bytes, &error));
    BYTES(bytes, "made");
    stepwell_tree_free(above);
}

static void streams(void)
{
    stepwell_process_builder *builder = BUILDER(hello);
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_builder_stdio(builder, 3, 0, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_builder_stdio(builder, 0, 3, &error));
    OK(stepwell_process_builder_stdio(builder, STEPWELL_STREAM_STDOUT, STEPWELL_STREAM_KIND_TERMINAL, &error));
    stepwell_process_builder_free(builder);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    arguments();
    limits();
    entries();
    trees();
    host(argv[1]);
    streams();
    return 0;
}
