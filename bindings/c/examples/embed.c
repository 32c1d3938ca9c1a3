/* Runs a WASI module and prints what it has written:  embed PROGRAM.wasm [ARGUMENT]... */
#include <stdio.h>
#include <stdlib.h>

#include "stepwell.h"

/* A whole file; NULL if it cannot be read. */
static unsigned char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    unsigned char *data = NULL;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        rewind(file);
        data = size < 0 ? NULL : malloc((size_t) size + 1);
        if (data != NULL)
            *len = fread(data, 1, (size_t) size, file);
    }
    if (file != NULL)
        fclose(file);
    return data;
}

/* Passes on what the guest has written since the last time: while it lies there, a guest that writes on is blocked. */
static stepwell_status pass_on(stepwell_process *process, stepwell_error **error)
{
    stepwell_bytes *out = NULL, *err = NULL;
    stepwell_status status = stepwell_process_drain_stdout(process, &out, error);
    if (status == STEPWELL_OK)
        status = stepwell_process_drain_stderr(process, &err, error);
    if (status == STEPWELL_OK) {
        fwrite(stepwell_bytes_data(out), 1, stepwell_bytes_len(out), stdout);
        fwrite(stepwell_bytes_data(err), 1, stepwell_bytes_len(err), stderr);
    }
    stepwell_bytes_free(out);
    stepwell_bytes_free(err);
    return status;
}

int main(int argc, char **argv)
{
    stepwell_error *error = NULL;
    stepwell_engine *engine = NULL;
    stepwell_module *module = NULL;
    stepwell_process_builder *builder = NULL;
    stepwell_process *process = NULL;
    stepwell_state state = STEPWELL_STATE_YIELDED;
    uint32_t code = 1;
    size_t len = 0;
    unsigned char *wasm = argc < 2 ? NULL : read_file(argv[1], &len);
    if (wasm == NULL || stepwell_abi_version() != STEPWELL_ABI_VERSION) {
        fprintf(stderr, "usage: embed PROGRAM.wasm [ARGUMENT]...\n");
        free(wasm);
        return 2;
    }
    /* Each call that fails ends the chain with an error; every _free takes NULL, so there is one clean-up for all. */
    if (stepwell_engine_new(&engine, &error) != STEPWELL_OK
        || stepwell_module_new(engine, wasm, len, &module, &error) != STEPWELL_OK
        || stepwell_process_builder_new(module, &builder, &error) != STEPWELL_OK)
        goto end;
    for (int at = 1; at < argc; at++)
        if (stepwell_process_builder_arg(builder, argv[at], &error) != STEPWELL_OK)
            goto end;
    if (stepwell_process_builder_spawn(builder, &process, &error) != STEPWELL_OK
        || stepwell_process_close_stdin(process, &error) != STEPWELL_OK)
        goto end;
    /* Its input has ended and its clock is virtual, so it can only wait for its output to be passed on. */
    while (state == STEPWELL_STATE_YIELDED || state == STEPWELL_STATE_BLOCKED)
        if (stepwell_process_run(process, 10000000, &state, &error) != STEPWELL_OK
            || pass_on(process, &error) != STEPWELL_OK)
            goto end;
    if (state == STEPWELL_STATE_EXITED)
        stepwell_process_exit_code(process, &code, &error);
    else
        fprintf(stderr, "it did not end by itself: state %u\n", (unsigned) state);
end:
    if (error != NULL)
        fprintf(stderr, "%s\n", stepwell_error_message(error));
    stepwell_error_free(error);
    stepwell_process_free(process);
    stepwell_process_builder_free(builder);
    stepwell_module_free(module);
    stepwell_engine_free(engine);
    free(wasm);
    return (int) code;
}
