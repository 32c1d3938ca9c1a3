/* What the shorter examples share, so that each shows one thing: they end the program at the first failure. */
#ifndef COMMON_H
#define COMMON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stepwell.h"

/* Makes the call with `&error` as its last argument; a failure ends the program. */
#define TRY(call) \
    do { \
        stepwell_error *error = NULL; \
        if ((call) != STEPWELL_OK) { \
            fprintf(stderr, "%s\n", stepwell_error_message(error)); \
            exit(1); \
        } \
    } while (0)

static inline void give_up(const char *reason)
{
    fprintf(stderr, "%s\n", reason);
    exit(2);
}

/* The module in a file. */
static inline stepwell_module *load(const char *path)
{
    size_t len = 0, room = 1 << 20;
    unsigned char *wasm = malloc(room);
    FILE *file = path == NULL ? NULL : fopen(path, "rb");
    if (file == NULL)
        give_up("give a .wasm file");
    while (wasm != NULL && (len += fread(wasm + len, 1, room - len, file)) == room)
        wasm = realloc(wasm, room *= 2);
    if (wasm == NULL || ferror(file))
        give_up("the file cannot be read");
    fclose(file);
    stepwell_engine *engine = NULL;
    stepwell_module *module = NULL;
    TRY(stepwell_engine_new(&engine, &error));
    TRY(stepwell_module_new(engine, wasm, len, &module, &error));
    stepwell_engine_free(engine);
    free(wasm);
    return module;
}

static inline void print_bytes(stepwell_bytes *bytes, FILE *stream)
{
    fwrite(stepwell_bytes_data(bytes), 1, stepwell_bytes_len(bytes), stream);
    stepwell_bytes_free(bytes);
}

/* Prints what the guest has written since the last time. */
static inline void print_output(stepwell_process *process)
{
    stepwell_bytes *out = NULL, *err = NULL;
    TRY(stepwell_process_drain_stdout(process, &out, &error));
    TRY(stepwell_process_drain_stderr(process, &err, &error));
    print_bytes(out, stdout);
    print_bytes(err, stderr);
}

/* Waits as long as the guest does, and tells it that the time has passed. */
static inline void sleep_as_long(stepwell_process *process)
{
    uint64_t nanoseconds = 0;
    TRY(stepwell_process_blocked_nanoseconds(process, &nanoseconds, &error));
    struct timespec time = {(time_t) (nanoseconds / 1000000000), (long) (nanoseconds % 1000000000)};
    nanosleep(&time, NULL);
    TRY(stepwell_process_elapse(process, &error));
}

/* Runs the guest and passes its output on, until it is over (what it has come to is the answer) or waits for something that
   only the caller has: STEPWELL_STATE_BLOCKED. */
static inline stepwell_state drive(stepwell_process *process)
{
    for (;;) {
        stepwell_state state = STEPWELL_STATE_YIELDED;
        uint32_t wait = 0;
        TRY(stepwell_process_run(process, 10000000, &state, &error));
        print_output(process);
        TRY(stepwell_process_blocked_on(process, &wait, &error));
        if (state == STEPWELL_STATE_YIELDED || (wait & STEPWELL_WAIT_OUTPUT))
            continue; /* There are more steps, and its output has just been taken. */
        if (wait != STEPWELL_WAIT_TIME)
            return state;
        sleep_as_long(process);
    }
}

/* Says how it ended if it did not end well: the status for the program. */
static inline int report(const stepwell_process *process, stepwell_state state)
{
    uint32_t code = 1;
    if (state == STEPWELL_STATE_EXITED) {
        TRY(stepwell_process_exit_code(process, &code, &error));
    } else if (state == STEPWELL_STATE_TRAPPED) {
        stepwell_bytes *message = NULL;
        TRY(stepwell_process_trap_message(process, &message, &error));
        fprintf(stderr, "trap: ");
        print_bytes(message, stderr);
        fprintf(stderr, "\n");
    } else {
        fprintf(stderr, "it did not end by itself: state %u\n", (unsigned) state);
    }
    return (int) code;
}

#endif
