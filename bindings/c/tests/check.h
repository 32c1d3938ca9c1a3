/* What the tests have in common: checks that say where and what, and short forms for the calls that most of them make. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepwell.h"
#include "guests.h"

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

/* The call succeeds. `error` is the variable that it is given. */
#define OK(call) \
    do { \
        stepwell_error *error = NULL; \
        stepwell_status status_of_call = (call); \
        if (status_of_call != STEPWELL_OK) { \
            fprintf(stderr, "%s:%d: %s: %u %s\n", __FILE__, __LINE__, #call, (unsigned) status_of_call, \
                error == NULL ? "" : stepwell_error_message(error)); \
            exit(1); \
        } \
        CHECK(error == NULL); \
    } while (0)

/* The call fails with this status, and gives an error that says the same. */
#define FAILS(expected, call) \
    do { \
        stepwell_error *error = NULL; \
        stepwell_status status_of_call = (call); \
        if (status_of_call != (expected)) { \
            fprintf(stderr, "%s:%d: %s: %u instead of %s\n", __FILE__, __LINE__, #call, \
                (unsigned) status_of_call, #expected); \
            exit(1); \
        } \
        CHECK(error != NULL); \
        CHECK(stepwell_error_status(error) == (expected)); \
        CHECK(strlen(stepwell_error_message(error)) > 0); \
        stepwell_error_free(error); \
    } while (0)

/* The call fails with STEPWELL_ERRNO and this number of preview1. */
#define ERRNO(expected, call) \
    do { \
        stepwell_error *error = NULL; \
        CHECK((call) == STEPWELL_ERRNO); \
        if (stepwell_error_errno(error) != (expected)) { \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, stepwell_error_message(error)); \
            exit(1); \
        } \
        stepwell_error_free(error); \
    } while (0)

enum { E_BADF = 8, E_BUSY = 10, E_EXIST = 20, E_FBIG = 22, E_INVAL = 28, E_ISDIR = 31, E_LOOP = 32, E_NAMETOOLONG = 37,
    E_NOENT = 44, E_NOSPC = 51, E_NOTDIR = 54, E_NOTEMPTY = 55, E_NOTSOCK = 57, E_NOTSUP = 58, E_PERM = 63, E_PIPE = 64, E_ROFS = 69 };

/* Takes bytes and compares them with a text. */
static inline void check_bytes(stepwell_bytes *bytes, const char *expected, size_t len)
{
    if (stepwell_bytes_len(bytes) != len || memcmp(stepwell_bytes_data(bytes), expected, len) != 0) {
        fprintf(stderr, "found %zu bytes: %.*s\ninstead of: %s\n", stepwell_bytes_len(bytes),
            (int) stepwell_bytes_len(bytes), (const char *) stepwell_bytes_data(bytes), expected);
        exit(1);
    }
    stepwell_bytes_free(bytes);
}

#define BYTES(bytes, text) check_bytes((bytes), (text), sizeof(text) - 1)

/* Whether bytes hold a text somewhere. Frees them. */
static inline bool holds(stepwell_bytes *bytes, const char *text)
{
    size_t len = strlen(text), count = stepwell_bytes_len(bytes);
    const uint8_t *data = stepwell_bytes_data(bytes);
    bool found = false;
    for (size_t at = 0; at + len <= count && !found; at++)
        found = memcmp(data + at, text, len) == 0;
    stepwell_bytes_free(bytes);
    return found;
}

static inline bool is_text(const uint8_t *data, size_t len, const char *expected)
{
    return len == strlen(expected) && memcmp(data, expected, len) == 0;
}

/* How many texts a list has, the first of which is this if there is any. Frees it. */
static inline size_t count_from(stepwell_strings *texts, const char *first)
{
    size_t count = stepwell_strings_count(texts);
    if (count > 0)
        CHECK(is_text(stepwell_strings_data(texts, 0), stepwell_strings_len(texts, 0), first));
    stepwell_strings_free(texts);
    return count;
}

static inline stepwell_module *module_of(const uint8_t *wasm, size_t len)
{
    stepwell_engine *engine = NULL;
    stepwell_module *module = NULL;
    OK(stepwell_engine_new(&engine, &error));
    OK(stepwell_module_new(engine, wasm, len, &module, &error));
    stepwell_engine_free(engine);
    return module;
}

#define MODULE(name) module_of(guest_##name, sizeof(guest_##name))

static inline stepwell_process_builder *builder_of(const uint8_t *wasm, size_t len)
{
    stepwell_process_builder *builder = NULL;
    stepwell_module *module = module_of(wasm, len);
    OK(stepwell_process_builder_new(module, &builder, &error));
    stepwell_module_free(module);
    return builder;
}

#define BUILDER(name) builder_of(guest_##name, sizeof(guest_##name))

/* Makes the process and frees the builder. */
static inline stepwell_process *spawn(stepwell_process_builder *builder)
{
    stepwell_process *process = NULL;
    OK(stepwell_process_builder_spawn(builder, &process, &error));
    stepwell_process_builder_free(builder);
    return process;
}

static inline stepwell_state run(stepwell_process *process, uint64_t steps)
{
    stepwell_state state = STEPWELL_STATE_YIELDED, again = STEPWELL_STATE_YIELDED;
    OK(stepwell_process_run(process, steps, &state, &error));
    OK(stepwell_process_state(process, &again, &error));
    CHECK(state == again);
    return state;
}

static inline uint32_t exit_code(stepwell_process *process)
{
    uint32_t code = 0;
    OK(stepwell_process_exit_code(process, &code, &error));
    return code;
}

static inline stepwell_bytes *stdout_of(stepwell_process *process)
{
    stepwell_bytes *bytes = NULL;
    OK(stepwell_process_drain_stdout(process, &bytes, &error));
    return bytes;
}

static inline void feed(stepwell_process *process, const char *text)
{
    OK(stepwell_process_feed_stdin(process, (const uint8_t *) text, strlen(text), &error));
}

#endif
