/* Receipts. */
#include <sys/resource.h>

#include "check.h"

static stepwell_bytes *receipt_of(stepwell_process_builder *builder, const char *input, const char *reason)
{
    stepwell_bytes *receipt = NULL;
    stepwell_process *process = spawn(builder);
    feed(process, input);
    OK(stepwell_process_close_stdin(process, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    OK(stepwell_process_receipt(process, reason, &receipt, &error));
    stepwell_process_free(process);
    return receipt;
}

static size_t differences(stepwell_bytes *recorded, stepwell_bytes *found)
{
    stepwell_strings *strings = NULL;
    OK(stepwell_receipt_differences(stepwell_bytes_data(recorded), stepwell_bytes_len(recorded),
        stepwell_bytes_data(found), stepwell_bytes_len(found), &strings, &error));
    size_t count = stepwell_strings_count(strings);
    stepwell_strings_free(strings);
    return count;
}

/* A receipt has the hashes of all files: there is none where they cannot be read, here for want of descriptors. */
static void files_that_cannot_be_read(const char *folder)
{
    stepwell_process *process = NULL;
    stepwell_error *error = NULL;
    stepwell_process_builder *builder = BUILDER(echo);
    struct rlimit before, none;
    OK(stepwell_process_builder_mount_host(builder, "/", folder, STEPWELL_HOST_MODE_COPY_ON_WRITE, &error));
    OK(stepwell_process_builder_receipt(builder, &error));
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = before;
    none.rlim_cur = 0;
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    stepwell_status status = stepwell_process_builder_spawn(builder, &process, &error);
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(status == STEPWELL_FILES && process == NULL && stepwell_error_errno(error) != 0);
    stepwell_error_free(error);
    stepwell_process_builder_free(builder);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    files_that_cannot_be_read(argv[1]);
    stepwell_process_builder *builder = BUILDER(echo);
    OK(stepwell_process_builder_receipt(builder, &error));
    OK(stepwell_process_builder_arg(builder, "echo", &error));
    OK(stepwell_process_builder_seed(builder, 9, &error));
    stepwell_bytes *recorded = receipt_of(builder, "a\n", NULL);

    builder = BUILDER(echo);
    OK(stepwell_process_builder_repeat(builder, stepwell_bytes_data(recorded), stepwell_bytes_len(recorded), &error));
    stepwell_bytes *same = receipt_of(builder, "a\n", NULL);
    CHECK(differences(recorded, same) == 0);
    builder = BUILDER(echo);
    OK(stepwell_process_builder_repeat(builder, stepwell_bytes_data(recorded), stepwell_bytes_len(recorded), &error));
    stepwell_bytes *other = receipt_of(builder, "b\n", "interrupted");
    CHECK(differences(recorded, other) > 0);
    CHECK(holds(other, "interrupted"));

    builder = BUILDER(echo);
    static const uint8_t sha256[32] = {0xab, 0xcd};
    OK(stepwell_process_builder_repeat(builder, stepwell_bytes_data(recorded), stepwell_bytes_len(recorded), &error));
    OK(stepwell_process_builder_receipt_of(builder, sha256, &error));
    stepwell_bytes *renamed = receipt_of(builder, "a\n", NULL);
    CHECK(differences(recorded, renamed) == 1);
    CHECK(holds(renamed, "abcd000000"));

    builder = BUILDER(echo);
    static const uint8_t invalid[] = {0xff}, text[] = "{}";
    FAILS(STEPWELL_INVALID_UTF8, stepwell_process_builder_repeat(builder, invalid, 1, &error));
    FAILS(STEPWELL_RECEIPT, stepwell_process_builder_repeat(builder, text, 2, &error));
    stepwell_strings *strings = NULL;
    FAILS(STEPWELL_RECEIPT, stepwell_receipt_differences(text, 2, text, 2, &strings, &error));
    FAILS(STEPWELL_RECEIPT, stepwell_receipt_differences(stepwell_bytes_data(recorded),
        stepwell_bytes_len(recorded) - 1, text, 2, &strings, &error));

    stepwell_bytes *none = NULL;
    stepwell_process *process = spawn(builder);
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_receipt(process, NULL, &none, &error));
    stepwell_process_free(process);
    stepwell_bytes_free(same);
    stepwell_bytes_free(recorded);
    return 0;
}
