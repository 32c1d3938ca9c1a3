/* Freezing, saving, loading, thawing. */
#include "check.h"

static stepwell_module *module;

static stepwell_process *start(bool freezable)
{
    stepwell_process_builder *builder = NULL;
    OK(stepwell_process_builder_new(module, &builder, &error));
    if (freezable)
        OK(stepwell_process_builder_freezable(builder, &error));
    return spawn(builder);
}

static stepwell_image *frozen(void)
{
    stepwell_image *image = NULL;
    stepwell_process *process = start(true);
    OK(stepwell_process_freeze_at(process, STEPWELL_FREEZE_POINT_STDIN, NULL, 0, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_FREEZE_POINT);
    OK(stepwell_process_freeze(process, &image, &error));
    stepwell_process_free(process);
    return image;
}

static void points(void)
{
    stepwell_image *image = NULL;
    stepwell_process *process = start(false);
    FAILS(STEPWELL_NOT_FREEZABLE, stepwell_process_freeze(process, &image, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_freeze_at(process, 99, NULL, 0, &error));
    FAILS(STEPWELL_NOT_FREEZABLE,
        stepwell_process_freeze_at(process, STEPWELL_FREEZE_POINT_CALL, "path_open", 1, &error));
    FAILS(STEPWELL_INVALID_UTF8,
        stepwell_process_freeze_at(process, STEPWELL_FREEZE_POINT_OPEN, "\xff", 1, &error));
    OK(stepwell_process_freeze_at(process, STEPWELL_FREEZE_POINT_OPEN, "/a", 0, &error));
    OK(stepwell_process_freeze_at(process, STEPWELL_FREEZE_POINT_CALL, "fd_write", 2, &error));
    feed(process, "one\ntwo\n");
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_FREEZE_POINT);
    BYTES(stdout_of(process), "one\n");
    OK(stepwell_process_freeze_at(process, STEPWELL_FREEZE_POINT_AFTER_CALLS, NULL, 4, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_FREEZE_POINT);
    OK(stepwell_process_freeze_at(process, STEPWELL_FREEZE_POINT_NEXT_CALL, NULL, 0, &error));
    /* It was not made freezable, so its run is repeated, and it goes on. */
    OK(stepwell_process_freeze(process, &image, &error));
    stepwell_image_free(image);
    OK(stepwell_process_close_stdin(process, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    stepwell_process_free(process);
}

static void contents(stepwell_image *image)
{
    uint64_t steps = 0, syscalls = 1, memory = 0;
    uint8_t sha256[32], expected[32];
    stepwell_bytes *bytes = NULL;
    stepwell_backtrace *backtrace = NULL;
    OK(stepwell_image_steps(image, &steps, &error));
    OK(stepwell_image_syscalls(image, &syscalls, &error));
    OK(stepwell_image_memory_bytes(image, &memory, &error));
    CHECK(steps > 0 && syscalls == 0 && memory == 65536);
    OK(stepwell_image_module_sha256(image, sha256, &error));
    OK(stepwell_module_sha256(module, expected, &error));
    CHECK(memcmp(sha256, expected, 32) == 0);
    OK(stepwell_image_syscall(image, module, &bytes, &error));
    BYTES(bytes, "fd_read");
    OK(stepwell_image_backtrace(image, module, &backtrace, &error));
    CHECK(stepwell_backtrace_count(backtrace) == 2);
    CHECK(is_text(stepwell_backtrace_name(backtrace, 1), stepwell_backtrace_name_len(backtrace, 1), "main"));
    stepwell_backtrace_free(backtrace);
}

static void thaw(stepwell_image *image, const char *line)
{
    stepwell_template *template = NULL;
    stepwell_process *process = NULL;
    stepwell_bytes *receipt = NULL;
    uint8_t sha256[32] = {1};
    OK(stepwell_image_prepare(image, module, &template, &error));
    for (int times = 0; times < 2; times++) {
        OK(stepwell_template_thaw(template, NULL, &process, &error));
        OK(stepwell_process_keep_receipt(process, sha256, &error));
        feed(process, line);
        OK(stepwell_process_close_stdin(process, &error));
        CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
        check_bytes(stdout_of(process), line, strlen(line));
        OK(stepwell_process_receipt(process, NULL, &receipt, &error));
        CHECK(holds(receipt, "\"image\""));
        stepwell_process_free(process);
    }
    /* Memory that the image has does not fit into less. */
    stepwell_limits *limits = NULL;
    OK(stepwell_limits_new(&limits, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_STEPS, 1000000, &error));
    OK(stepwell_template_thaw(template, limits, &process, &error));
    stepwell_process_free(process);
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_MEMORY_BYTES, 1, &error));
    stepwell_error *error = NULL;
    CHECK(stepwell_template_thaw(template, limits, &process, &error) != STEPWELL_OK);
    stepwell_error_free(error);
    stepwell_limits_free(limits);
    stepwell_template_free(template);
}

/* A template as bytes needs no module. */
static void kept(stepwell_image *image, const char *line)
{
    stepwell_bytes *saved = NULL;
    stepwell_engine *engine = NULL;
    stepwell_module *other = MODULE(hello);
    stepwell_template *template = NULL;
    stepwell_process *process = NULL;
    stepwell_limits *limits = NULL;
    uint64_t steps = 0, expected = 1;
    FAILS(STEPWELL_IMAGE, stepwell_image_save_prepared(image, other, &saved, &error));
    OK(stepwell_image_save_prepared(image, module, &saved, &error));
    const uint8_t *data = stepwell_bytes_data(saved);
    size_t len = stepwell_bytes_len(saved);
    OK(stepwell_engine_new(&engine, &error));
    FAILS(STEPWELL_IMAGE, stepwell_template_load(engine, data, len - 1, NULL, &template, &error));
    OK(stepwell_limits_new(&limits, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_MEMORY_BYTES, 1, &error));
    FAILS(STEPWELL_IMAGE, stepwell_template_load(engine, data, len, limits, &template, &error));
    OK(stepwell_template_load(engine, data, len, NULL, &template, &error));
    OK(stepwell_template_steps(template, &steps, &error));
    OK(stepwell_image_steps(image, &expected, &error));
    CHECK(steps == expected);
    OK(stepwell_template_thaw(template, NULL, &process, &error));
    feed(process, line);
    OK(stepwell_process_close_stdin(process, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    check_bytes(stdout_of(process), line, strlen(line));
    stepwell_process_free(process);
    stepwell_template_free(template);
    stepwell_limits_free(limits);
    stepwell_module_free(other);
    stepwell_engine_free(engine);
    stepwell_bytes_free(saved);
}

static void bytes(stepwell_image *image)
{
    stepwell_bytes *saved = NULL, *whole = NULL, *origin = NULL;
    stepwell_engine *engine = NULL;
    stepwell_image *loaded = NULL;
    stepwell_limits *limits = NULL;
    stepwell_template *template = NULL;
    stepwell_module *other = MODULE(hello), *embedded = NULL;
    bool is_image = false;
    OK(stepwell_image_set_origin(image, "echo@1", &error));
    OK(stepwell_image_save(image, module, &saved, &error));
    FAILS(STEPWELL_IMAGE, stepwell_image_save(image, other, &whole, &error));
    FAILS(STEPWELL_IMAGE, stepwell_image_prepare(image, other, &template, &error));
    FAILS(STEPWELL_IMAGE,
        stepwell_image_save_whole(image, module, guest_hello, sizeof guest_hello, &whole, &error));
    OK(stepwell_image_save_whole(image, module, guest_echo, sizeof guest_echo, &whole, &error));
    const uint8_t *data = stepwell_bytes_data(saved);
    size_t len = stepwell_bytes_len(saved);
    OK(stepwell_image_is_image(data, len, &is_image, &error));
    CHECK(is_image);
    OK(stepwell_image_is_image(guest_echo, sizeof guest_echo, &is_image, &error));
    CHECK(!is_image);
    OK(stepwell_image_origin(data, len, &origin, &error));
    BYTES(origin, "echo@1");
    FAILS(STEPWELL_IMAGE, stepwell_image_origin(data, len - 1, &origin, &error));

    OK(stepwell_engine_new(&engine, &error));
    OK(stepwell_image_embedded_module(engine, data, len, &embedded, &error));
    CHECK(embedded == NULL);
    FAILS(STEPWELL_IMAGE, stepwell_image_embedded_module(engine, data, len / 2, &embedded, &error));
    OK(stepwell_image_embedded_module(engine, stepwell_bytes_data(whole), stepwell_bytes_len(whole),
        &embedded, &error));
    FAILS(STEPWELL_IMAGE, stepwell_image_load(module, data, len - 1, NULL, &loaded, &error));
    FAILS(STEPWELL_IMAGE, stepwell_image_load(other, data, len, NULL, &loaded, &error));
    OK(stepwell_limits_new(&limits, &error));
    OK(stepwell_image_load(embedded, data, len, limits, &loaded, &error));
    stepwell_limits_free(limits);
    contents(loaded);
    thaw(loaded, "kept\n");
    stepwell_image_free(loaded);
    stepwell_module_free(embedded);
    stepwell_module_free(other);
    stepwell_engine_free(engine);
    stepwell_bytes_free(whole);
    stepwell_bytes_free(saved);
}

int main(void)
{
    module = MODULE(echo);
    points();
    stepwell_image *image = frozen();
    contents(image);
    thaw(image, "hello\n");
    kept(image, "hello\n");
    bytes(image);
    stepwell_image_free(image);
    stepwell_module_free(module);
    return 0;
}
