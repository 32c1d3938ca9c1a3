/* What the shorter examples share, so that each shows one thing: they end the program at the first failure. */
#ifndef COMMON_H
#define COMMON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The module in a file. */
static inline stepwell_module *load(const char *path)
{
    static unsigned char wasm[1 << 20];
    FILE *file = path == NULL ? NULL : fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "give a .wasm file\n");
        exit(2);
    }
    size_t len = fread(wasm, 1, sizeof wasm, file);
    fclose(file);
    stepwell_engine *engine = NULL;
    stepwell_module *module = NULL;
    TRY(stepwell_engine_new(&engine, &error));
    TRY(stepwell_module_new(engine, wasm, len, &module, &error));
    stepwell_engine_free(engine);
    return module;
}

/* Prints what the guest has written since the last time. */
static inline void print_output(stepwell_process *process)
{
    stepwell_bytes *bytes = NULL;
    TRY(stepwell_process_drain_stdout(process, &bytes, &error));
    fwrite(stepwell_bytes_data(bytes), 1, stepwell_bytes_len(bytes), stdout);
    stepwell_bytes_free(bytes);
}

#endif
