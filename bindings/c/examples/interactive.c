/* A guest that waits for input is fed line by line, and sleeps on the host's clock:  interactive PROGRAM.wasm < lines */
#include "common.h"

/* Shows the next line as a terminal would, and gives it to the guest; or ends its input, if there is none. */
static void feed_line(stepwell_process *process)
{
    char line[256];
    printf("> ");
    if (fgets(line, sizeof line, stdin) != NULL) {
        printf("%s", line);
        TRY(stepwell_process_feed_stdin(process, (const uint8_t *) line, strlen(line), &error));
    } else {
        printf("(end)\n");
        TRY(stepwell_process_close_stdin(process, &error));
    }
}

int main(int argc, char **argv)
{
    stepwell_module *module = load(argc < 2 ? NULL : argv[1]);
    stepwell_process_builder *builder = NULL;
    stepwell_process *process = NULL;
    stepwell_state state;
    TRY(stepwell_process_builder_new(module, &builder, &error));
    TRY(stepwell_process_builder_arg(builder, "interactive", &error));
    TRY(stepwell_process_builder_host_clock(builder, &error));
    TRY(stepwell_process_builder_spawn(builder, &process, &error));
    /* There are no listeners, so what it cannot go on without is input. */
    while ((state = drive(process)) == STEPWELL_STATE_BLOCKED)
        feed_line(process);
    int status = report(process, state);
    stepwell_process_free(process);
    stepwell_process_builder_free(builder);
    stepwell_module_free(module);
    return status;
}
