/* Images as modules for other engines. */
#include "check.h"

static stepwell_module *module;

static stepwell_process *start(bool has_files)
{
    stepwell_process_builder *builder = NULL;
    OK(stepwell_process_builder_new(module, &builder, &error));
    if (!has_files)
        OK(stepwell_process_builder_without_files(builder, &error));
    return spawn(builder);
}

/* The image of a process at its next call, which is made again. */
static stepwell_image *image_of(stepwell_process *process)
{
    stepwell_image *image = NULL;
    OK(stepwell_process_freeze(process, &image, &error));
    return image;
}

static size_t preopens(const stepwell_image *image)
{
    stepwell_strings *paths = NULL;
    OK(stepwell_image_preopens(image, &paths, &error));
    return count_from(paths, "/");
}

static void goes_on(const stepwell_image *image)
{
    stepwell_bytes *wasm = NULL;
    OK(stepwell_image_to_wasm(image, module, &wasm, &error));
    stepwell_process *process = spawn(builder_of(stepwell_bytes_data(wasm), stepwell_bytes_len(wasm)));
    stepwell_bytes_free(wasm);
    feed(process, "elsewhere\n");
    OK(stepwell_process_close_stdin(process, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    BYTES(stdout_of(process), "elsewhere\n");
    stepwell_process_free(process);
}

static void is_refused(stepwell_image *image)
{
    stepwell_bytes *wasm = NULL;
    stepwell_strings *paths = NULL;
    FAILS(STEPWELL_NOT_PORTABLE, stepwell_image_preopens(image, &paths, &error));
    FAILS(STEPWELL_NOT_PORTABLE, stepwell_image_to_wasm(image, module, &wasm, &error));
    stepwell_image_free(image);
}

int main(void)
{
    module = MODULE(echo);
    stepwell_module *other = MODULE(hello);
    stepwell_bytes *wasm = NULL;

    /* It waits for input. */
    stepwell_process *process = start(true);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    stepwell_image *image = image_of(process);
    CHECK(preopens(image) == 1);
    goes_on(image);
    FAILS(STEPWELL_IMAGE, stepwell_image_to_wasm(image, other, &wasm, &error));
    stepwell_image_free(image);

    /* It has input that it has not read, and then output that nobody has drained. */
    feed(process, "here\n");
    is_refused(image_of(process));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    is_refused(image_of(process));
    BYTES(stdout_of(process), "here\n");
    image = image_of(process);
    goes_on(image);
    stepwell_image_free(image);
    stepwell_process_free(process);

    process = start(false);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    image = image_of(process);
    CHECK(preopens(image) == 0);
    stepwell_image_free(image);
    stepwell_process_free(process);

    /* A file is open. */
    stepwell_module_free(module);
    module = MODULE(reader);
    stepwell_tree *tree = NULL;
    stepwell_process_builder *builder = NULL;
    OK(stepwell_tree_new(&tree, &error));
    OK(stepwell_tree_mkdir(tree, "m", &error));
    OK(stepwell_tree_write(tree, "m/kept", (const uint8_t *) "in a tree", 9, &error));
    OK(stepwell_process_builder_new(module, &builder, &error));
    OK(stepwell_process_builder_mount_tree(builder, "/", tree, false, &error));
    process = spawn(builder);
    OK(stepwell_process_freeze_at(process, STEPWELL_FREEZE_POINT_CALL, "sched_yield", 1, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_FREEZE_POINT);
    is_refused(image_of(process));
    stepwell_process_free(process);
    stepwell_tree_free(tree);
    stepwell_module_free(module);
    stepwell_module_free(other);
    return 0;
}
