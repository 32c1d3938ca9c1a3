/* What is kept of frozen processes and of trees: with their code, or as the difference to what the reader has. */
#include "check.h"

static stepwell_module *module;

static stepwell_image *frozen(stepwell_process *process)
{
    stepwell_image *image = NULL;
    OK(stepwell_process_freeze_at(process, STEPWELL_FREEZE_POINT_STDIN, NULL, 0, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_FREEZE_POINT);
    OK(stepwell_process_freeze(process, &image, &error));
    stepwell_process_free(process);
    return image;
}

static stepwell_process *start(const stepwell_tree *files)
{
    stepwell_process_builder *builder = NULL;
    OK(stepwell_process_builder_new(module, &builder, &error));
    OK(stepwell_process_builder_freezable(builder, &error));
    if (files != NULL)
        OK(stepwell_process_builder_mount_tree(builder, "/", files, false, &error));
    return spawn(builder);
}

static stepwell_process *thawed(const stepwell_template *template)
{
    stepwell_process *process = NULL;
    OK(stepwell_template_thaw(template, NULL, &process, &error));
    return process;
}

static void echoes(stepwell_process *process, const char *line)
{
    feed(process, line);
    OK(stepwell_process_close_stdin(process, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    check_bytes(stdout_of(process), line, strlen(line));
}

/* The code of a template says what its processes can do. */
static void purposes(const stepwell_image *image)
{
    stepwell_module *other = MODULE(hello);
    stepwell_template *template = NULL;
    stepwell_bytes *bytes = NULL;
    FAILS(STEPWELL_IMAGE, stepwell_image_prepare_freezable(image, other, &template, &error));
    FAILS(STEPWELL_IMAGE, stepwell_image_prepare_profiled(image, other, &template, &error));
    stepwell_module_free(other);

    OK(stepwell_image_prepare_freezable(image, module, &template, &error));
    stepwell_process *process = thawed(template);
    feed(process, "first\n");
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    BYTES(stdout_of(process), "first\n");
    stepwell_image *again = NULL;
    OK(stepwell_process_freeze(process, &again, &error));
    CHECK(run(process, 1) == STEPWELL_STATE_FROZEN);
    stepwell_process_free(process);
    stepwell_template_free(template);
    uint64_t steps = 0, more = 0;
    OK(stepwell_image_steps(image, &steps, &error));
    OK(stepwell_image_steps(again, &more, &error));
    CHECK(more > steps);
    stepwell_image_free(again);

    OK(stepwell_image_prepare_profiled(image, module, &template, &error));
    process = thawed(template);
    echoes(process, "profiled\n");
    OK(stepwell_process_profile(process, &bytes, &error));
    CHECK(holds(bytes, "[frozen]"));
    stepwell_process_free(process);
    stepwell_template_free(template);

    OK(stepwell_image_prepare(image, module, &template, &error));
    process = thawed(template);
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_profile(process, &bytes, &error));
    stepwell_process_free(process);
    stepwell_template_free(template);
}

/* An image with its code needs neither the module nor the passes again. */
static void prepared(const stepwell_image *image)
{
    stepwell_engine *engine = NULL;
    stepwell_bytes *bytes = NULL;
    stepwell_template *template = NULL;
    stepwell_image *its = NULL;
    stepwell_limits *limits = NULL;
    uint64_t steps = 0, of_template = 1, max = 0;
    OK(stepwell_engine_new(&engine, &error));
    OK(stepwell_limits_new(&limits, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_STEPS, 100000, &error));
    OK(stepwell_image_save_prepared(image, module, &bytes, &error));
    const uint8_t *data = stepwell_bytes_data(bytes);
    size_t len = stepwell_bytes_len(bytes);
    OK(stepwell_template_load(engine, data, len, limits, &template, &error));
    OK(stepwell_template_image(template, &its, &error));
    OK(stepwell_image_steps(image, &steps, &error));
    OK(stepwell_image_steps(its, &of_template, &error));
    CHECK(steps == of_template);
    OK(stepwell_template_steps(template, &of_template, &error));
    CHECK(steps == of_template);
    stepwell_limits_free(limits);
    OK(stepwell_image_limits(its, &limits, &error));
    OK(stepwell_limits_get(limits, STEPWELL_LIMIT_STEPS, &max, &error));
    CHECK(max == 100000);
    stepwell_process *process = thawed(template);
    stepwell_image *none = NULL;
    FAILS(STEPWELL_NOT_FREEZABLE, stepwell_process_freeze(process, &none, &error));
    echoes(process, "kept\n");
    stepwell_process_free(process);
    stepwell_template_free(template);

    FAILS(STEPWELL_IMAGE, stepwell_template_load(engine, data, len - 1, NULL, &template, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_MEMORY_BYTES, 1, &error));
    FAILS(STEPWELL_IMAGE, stepwell_template_load(engine, data, len, limits, &template, &error));
    stepwell_module *other = MODULE(hello);
    FAILS(STEPWELL_IMAGE, stepwell_image_save_prepared(image, other, &bytes, &error));
    stepwell_module_free(other);
    stepwell_limits_free(limits);
    stepwell_image_free(its);
    stepwell_bytes_free(bytes);
    stepwell_engine_free(engine);
}

/* Each limit comes back as it was set, and has a default. */
static void limits(void)
{
    stepwell_limits *limits = NULL;
    uint64_t max = 0;
    OK(stepwell_limits_new(&limits, &error));
    OK(stepwell_limits_get(limits, STEPWELL_LIMIT_OUTPUT_BYTES, &max, &error));
    CHECK(max == UINT64_MAX);
    for (uint32_t limit = STEPWELL_LIMIT_STEPS; limit <= STEPWELL_LIMIT_ARGUMENT_BYTES; limit++) {
        OK(stepwell_limits_set(limits, limit, 1000 + limit, &error));
        OK(stepwell_limits_get(limits, limit, &max, &error));
        CHECK(max == 1000 + limit);
    }
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_limits_get(limits, STEPWELL_LIMIT_HOST_MEMORY, &max, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_limits_get(limits, 99, &max, &error));
    stepwell_limits_free(limits);
}

static stepwell_tree *big_tree(void)
{
    static uint8_t content[100000];
    stepwell_tree *tree = NULL;
    memset(content, 'x', sizeof content);
    OK(stepwell_tree_new(&tree, &error));
    OK(stepwell_tree_write(tree, "lib/big", content, sizeof content, &error));
    return tree;
}

/* Images of processes whose files are mostly those of a tree that the reader has too. */
static void images_above(const stepwell_tree *big)
{
    stepwell_bases *bases = NULL, *none = NULL;
    stepwell_bytes *bytes = NULL, *whole = NULL;
    stepwell_image *loaded = NULL;
    stepwell_limits *limits = NULL;
    stepwell_template *template = NULL;
    OK(stepwell_bases_new(&bases, &error));
    OK(stepwell_bases_new(&none, &error));
    OK(stepwell_bases_add(bases, big, &error));
    OK(stepwell_limits_new(&limits, &error));
    stepwell_image *image = frozen(start(big));
    OK(stepwell_image_save(image, module, &whole, &error));
    OK(stepwell_image_save_above(image, module, NULL, &bytes, &error));
    CHECK(stepwell_bytes_len(bytes) == stepwell_bytes_len(whole));
    CHECK(memcmp(stepwell_bytes_data(bytes), stepwell_bytes_data(whole), stepwell_bytes_len(whole)) == 0);
    stepwell_bytes_free(bytes);
    OK(stepwell_image_save_above(image, module, bases, &bytes, &error));
    const uint8_t *data = stepwell_bytes_data(bytes);
    size_t len = stepwell_bytes_len(bytes);
    CHECK(len < 10000 && stepwell_bytes_len(whole) > 100000);
    FAILS(STEPWELL_IMAGE, stepwell_image_load(module, data, len, NULL, &loaded, &error));
    FAILS(STEPWELL_IMAGE, stepwell_image_load_above(module, data, len, none, NULL, &loaded, &error));
    FAILS(STEPWELL_IMAGE, stepwell_image_load_above(module, data, len, NULL, NULL, &loaded, &error));
    OK(stepwell_image_load_above(module, data, len, bases, limits, &loaded, &error));
    OK(stepwell_image_prepare(loaded, module, &template, &error));
    stepwell_process *process = thawed(template);
    echoes(process, "above\n");
    stepwell_process_free(process);
    stepwell_template_free(template);
    stepwell_image_free(loaded);
    stepwell_image_free(image);
    stepwell_limits_free(limits);
    stepwell_bytes_free(whole);
    stepwell_bytes_free(bytes);
    stepwell_bases_free(none);
    stepwell_bases_free(bases);
}

static void trees(stepwell_tree *big, const char *folder)
{
    stepwell_bases *bases = NULL;
    stepwell_bytes *whole = NULL, *difference = NULL, *content = NULL;
    stepwell_tree *tree = NULL, *loaded = NULL, *above = NULL;
    uint8_t expected[32], found[32];
    OK(stepwell_bases_new(&bases, &error));
    OK(stepwell_bases_add(bases, big, &error));
    OK(stepwell_tree_fork(big, &tree, &error));
    OK(stepwell_tree_write(tree, "new", (const uint8_t *) "text", 4, &error));
    OK(stepwell_tree_digest(tree, expected, &error));

    OK(stepwell_tree_save(tree, NULL, &whole, &error));
    OK(stepwell_tree_load(stepwell_bytes_data(whole), stepwell_bytes_len(whole), NULL, &loaded, &error));
    OK(stepwell_tree_digest(loaded, found, &error));
    CHECK(memcmp(expected, found, 32) == 0);
    stepwell_tree_free(loaded);

    OK(stepwell_tree_save(tree, big, &difference, &error));
    const uint8_t *data = stepwell_bytes_data(difference);
    size_t len = stepwell_bytes_len(difference);
    CHECK(len < 1000 && stepwell_bytes_len(whole) > 100000);
    FAILS(STEPWELL_TREE, stepwell_tree_load(data, len, NULL, &loaded, &error));
    FAILS(STEPWELL_TREE, stepwell_tree_load(data, len - 1, bases, &loaded, &error));
    OK(stepwell_tree_load(data, len, bases, &loaded, &error));
    OK(stepwell_tree_digest(loaded, found, &error));
    CHECK(memcmp(expected, found, 32) == 0);
    OK(stepwell_tree_read(loaded, "new", &content, &error));
    BYTES(content, "text");
    stepwell_tree_free(loaded);
    stepwell_bytes_free(difference);
    OK(stepwell_tree_save(tree, tree, &difference, &error));
    stepwell_bytes_free(difference);

    OK(stepwell_tree_above(folder, &above, &error));
    FAILS(STEPWELL_TREE, stepwell_tree_save(above, NULL, &content, &error));
    FAILS(STEPWELL_TREE, stepwell_tree_save(tree, above, &content, &error));
    FAILS(STEPWELL_TREE, stepwell_bases_add(bases, above, &error));
    stepwell_tree_free(above);
    stepwell_bytes_free(whole);
    stepwell_tree_free(tree);
    stepwell_bases_free(bases);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    module = MODULE(echo);
    stepwell_image *image = frozen(start(NULL));
    stepwell_tree *big = big_tree();
    purposes(image);
    prepared(image);
    limits();
    images_above(big);
    trees(big, argv[1]);
    stepwell_tree_free(big);
    stepwell_image_free(image);
    stepwell_module_free(module);
    return 0;
}
