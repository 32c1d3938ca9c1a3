/* A guest that waits for input is fed line by line:  interactive PROGRAM.wasm < lines */
#include "common.h"

int main(int argc, char **argv)
{
    stepwell_module *module = load(argc < 2 ? NULL : argv[1]);
    stepwell_process_builder *builder = NULL;
    stepwell_process *process = NULL;
    stepwell_state state = STEPWELL_STATE_YIELDED;
    TRY(stepwell_process_builder_new(module, &builder, &error));
    TRY(stepwell_process_builder_arg(builder, "interactive", &error));
    TRY(stepwell_process_builder_spawn(builder, &process, &error));
    while (state == STEPWELL_STATE_YIELDED || state == STEPWELL_STATE_BLOCKED) {
        uint32_t wait = 0;
        char line[256];
        TRY(stepwell_process_run(process, 1000000, &state, &error));
        print_output(process);
        TRY(stepwell_process_blocked_on(process, &wait, &error));
        /* Draining was enough for a guest that waits for output. One that waits for input gets the next line. */
        if (!(wait & STEPWELL_WAIT_INPUT))
            continue;
        printf("> ");
        if (fgets(line, sizeof line, stdin) != NULL) {
            printf("%s", line);
            TRY(stepwell_process_feed_stdin(process, (const uint8_t *) line, strlen(line), &error));
        } else {
            printf("(end)\n");
            TRY(stepwell_process_close_stdin(process, &error));
        }
    }
    stepwell_process_free(process);
    stepwell_process_builder_free(builder);
    stepwell_module_free(module);
    return state == STEPWELL_STATE_EXITED ? 0 : 1;
}
