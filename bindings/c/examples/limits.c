/* Runs a module with exact limits, and says which of them ended it:  limits PROGRAM.wasm */
#include "common.h"

int main(int argc, char **argv)
{
    stepwell_module *module = load(argc < 2 ? NULL : argv[1]);
    stepwell_limits *limits = NULL;
    stepwell_process_builder *builder = NULL;
    stepwell_process *process = NULL;
    uint64_t steps = 0, bytes = 0;
    TRY(stepwell_limits_new(&limits, &error));
    TRY(stepwell_limits_set(limits, STEPWELL_LIMIT_STEPS, 1000000, &error));
    TRY(stepwell_limits_set(limits, STEPWELL_LIMIT_MEMORY_BYTES, 1 << 20, &error));
    TRY(stepwell_limits_set(limits, STEPWELL_LIMIT_OUTPUT_BYTES, 1000, &error));
    TRY(stepwell_process_builder_new(module, &builder, &error));
    TRY(stepwell_process_builder_limits(builder, limits, &error));
    TRY(stepwell_process_builder_spawn(builder, &process, &error));
    TRY(stepwell_process_close_stdin(process, &error));
    /* A step is an executed operator, counted exactly: this says the same on every machine, however it is cut. */
    stepwell_state state = drive(process);
    TRY(stepwell_process_steps(process, &steps, &error));
    TRY(stepwell_process_memory_peak_bytes(process, &bytes, &error));
    if (state == STEPWELL_STATE_EXHAUSTED) {
        stepwell_limit limit = STEPWELL_LIMIT_STEPS;
        TRY(stepwell_process_exhausted_limit(process, &limit, &error));
        printf("limit %u after %llu steps with %llu bytes of memory\n", (unsigned) limit,
            (unsigned long long) steps, (unsigned long long) bytes);
    } else {
        printf("state %u after %llu steps\n", (unsigned) state, (unsigned long long) steps);
    }
    stepwell_process_free(process);
    stepwell_process_builder_free(builder);
    stepwell_limits_free(limits);
    stepwell_module_free(module);
    return 0;
}
