/* Pools: processes of one template that are used again. */
#include "check.h"

static stepwell_template *template_of(stepwell_module *module)
{
    stepwell_process_builder *builder = NULL;
    stepwell_image *image = NULL;
    stepwell_template *template = NULL;
    OK(stepwell_process_builder_new(module, &builder, &error));
    OK(stepwell_process_builder_freezable(builder, &error));
    stepwell_process *process = spawn(builder);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    OK(stepwell_process_freeze(process, &image, &error));
    OK(stepwell_image_prepare(image, module, &template, &error));
    stepwell_image_free(image);
    stepwell_process_free(process);
    return template;
}

static stepwell_process *thawed(const stepwell_pool *pool)
{
    stepwell_process *process = NULL;
    OK(stepwell_pool_thaw(pool, NULL, &process, &error));
    return process;
}

static size_t spares(const stepwell_pool *pool)
{
    size_t count = SIZE_MAX;
    OK(stepwell_pool_spares(pool, &count, &error));
    return count;
}

static bool recycled(const stepwell_pool *pool, stepwell_process *process)
{
    bool kept = false;
    OK(stepwell_pool_recycle(pool, process, &kept, &error));
    return kept;
}

int main(void)
{
    stepwell_module *module = MODULE(echo);
    stepwell_template *template = template_of(module);
    stepwell_pool *pool = NULL, *other = NULL;
    stepwell_process *process = NULL;
    stepwell_limits *limits = NULL;
    bool mapped = false;
    OK(stepwell_pool_new(template, 1, &pool, &error));
    OK(stepwell_pool_new(template, 1, &other, &error));
    stepwell_template_free(template);
    OK(stepwell_pool_is_mapped(pool, &mapped, &error));
#if defined(__linux__)
    CHECK(mapped);
#endif
    CHECK(spares(pool) == 0);
    /* Nothing of a process is left for the next. */
    const char *lines[] = {"first\n", "second\n", "3\n"};
    for (int at = 0; at < 3; at++) {
        process = thawed(pool);
        CHECK(spares(pool) == 0);
        feed(process, lines[at]);
        CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
        check_bytes(stdout_of(process), lines[at], strlen(lines[at]));
        CHECK(recycled(pool, process));
        CHECK(spares(pool) == 1);
    }
    /* There are enough, or it is another's: the process is freed all the same. */
    process = thawed(pool);
    CHECK(recycled(pool, thawed(pool)));
    CHECK(!recycled(pool, process));
    CHECK(!recycled(other, thawed(pool)));
    OK(stepwell_pool_recycle(pool, thawed(pool), NULL, &error));

    OK(stepwell_limits_new(&limits, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_STEPS, 1, &error));
    OK(stepwell_pool_thaw(pool, limits, &process, &error));
    feed(process, "x\n");
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXHAUSTED);
    /* It may outlive its pool. */
    stepwell_pool_free(pool);
    stepwell_process_free(process);
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_MEMORY_BYTES, 1, &error));
    FAILS(STEPWELL_IMAGE, stepwell_pool_thaw(other, limits, &process, &error));
    stepwell_limits_free(limits);
    stepwell_pool_free(other);
    stepwell_module_free(module);
    return 0;
}
