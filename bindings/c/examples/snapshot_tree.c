/* A tree of files is made once and forked for each test case; what a case has changed is listed:
   snapshot_tree PROGRAM.wasm */
#include "common.h"

static const char *const NAMES[] = {"added", "modified", "removed", "renamed"};

/* Runs the program over a fork of the tree, and prints what it has changed. */
static void run_case(stepwell_module *module, const stepwell_tree *base, const char *name)
{
    stepwell_process_builder *builder = NULL;
    stepwell_process *process = NULL;
    stepwell_tree *tree = NULL;
    stepwell_diff *diff = NULL;
    TRY(stepwell_process_builder_new(module, &builder, &error));
    TRY(stepwell_process_builder_arg(builder, name, &error));
    /* The process gets a fork, in constant time: `base` never changes. */
    TRY(stepwell_process_builder_mount_tree(builder, "/", base, false, &error));
    TRY(stepwell_process_builder_spawn(builder, &process, &error));
    TRY(stepwell_process_close_stdin(process, &error));
    int status = report(process, drive(process));
    TRY(stepwell_process_tree(process, "/", &tree, &error));
    TRY(stepwell_tree_diff(tree, base, &diff, &error));
    printf("%s ended with %d:\n", name, status);
    for (size_t at = 0; at < stepwell_diff_count(diff); at++)
        printf("  %s %.*s\n", NAMES[stepwell_diff_change(diff, at)], (int) stepwell_diff_path_len(diff, at),
            (const char *) stepwell_diff_path(diff, at));
    stepwell_diff_free(diff);
    stepwell_tree_free(tree);
    stepwell_process_free(process);
    stepwell_process_builder_free(builder);
}

int main(int argc, char **argv)
{
    stepwell_module *module = load(argc < 2 ? NULL : argv[1]);
    stepwell_tree *base = NULL;
    TRY(stepwell_tree_new(&base, &error));
    TRY(stepwell_tree_write(base, "data/input.txt", (const uint8_t *) "1 2 3\n", 6, &error));
    run_case(module, base, "first case");
    run_case(module, base, "second case");
    stepwell_tree_free(base);
    stepwell_module_free(module);
    return 0;
}
