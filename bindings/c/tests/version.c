/* The library is the one of the header; errors, bytes and strings answer NULL with nothing. */
#include "check.h"

int main(void)
{
    CHECK(stepwell_abi_version() == STEPWELL_ABI_VERSION);
    CHECK(strcmp(stepwell_version(), STEPWELL_VERSION) == 0);
    char version[64];
    snprintf(version, sizeof version, "%d.%d.%d", STEPWELL_VERSION_MAJOR, STEPWELL_VERSION_MINOR,
        STEPWELL_VERSION_PATCH);
    CHECK(strcmp(version, STEPWELL_VERSION) == 0);

    CHECK(stepwell_error_status(NULL) == STEPWELL_OK);
    CHECK(stepwell_error_errno(NULL) == 0);
    CHECK(stepwell_error_message(NULL) == NULL);
    CHECK(stepwell_bytes_data(NULL) == NULL && stepwell_bytes_len(NULL) == 0);
    CHECK(stepwell_strings_count(NULL) == 0);
    CHECK(stepwell_strings_data(NULL, 0) == NULL && stepwell_strings_len(NULL, 0) == 0);
    CHECK(stepwell_listing_count(NULL) == 0);
    CHECK(stepwell_listing_name(NULL, 0) == NULL && stepwell_listing_name_len(NULL, 0) == 0);
    CHECK(stepwell_listing_type(NULL, 0) == STEPWELL_FILE_TYPE_UNKNOWN);
    CHECK(stepwell_stat_type(NULL) == STEPWELL_FILE_TYPE_UNKNOWN && stepwell_stat_size(NULL) == 0);
    CHECK(stepwell_stat_links(NULL) == 0 && stepwell_stat_mode(NULL) == 0);
    CHECK(stepwell_stat_accessed(NULL) == 0 && stepwell_stat_modified(NULL) == 0);
    CHECK(stepwell_diff_count(NULL) == 0 && stepwell_diff_change(NULL, 0) == STEPWELL_CHANGE_ADDED);
    CHECK(stepwell_diff_path(NULL, 0) == NULL && stepwell_diff_path_len(NULL, 0) == 0);
    CHECK(stepwell_diff_from(NULL, 0) == NULL && stepwell_diff_from_len(NULL, 0) == 0);
    CHECK(stepwell_backtrace_count(NULL) == 0 && stepwell_backtrace_function(NULL, 0) == UINT32_MAX);
    CHECK(stepwell_backtrace_name(NULL, 0) == NULL && stepwell_backtrace_name_len(NULL, 0) == 0);

    stepwell_engine_free(NULL);
    stepwell_module_free(NULL);
    stepwell_limits_free(NULL);
    stepwell_tree_free(NULL);
    stepwell_listing_free(NULL);
    stepwell_stat_free(NULL);
    stepwell_diff_free(NULL);
    stepwell_process_builder_free(NULL);
    stepwell_process_free(NULL);
    stepwell_backtrace_free(NULL);
    stepwell_interrupt_free(NULL);
    stepwell_image_free(NULL);
    stepwell_template_free(NULL);
    stepwell_pool_free(NULL);
    stepwell_bases_free(NULL);
    stepwell_mounts_free(NULL);
    stepwell_error_free(NULL);
    stepwell_bytes_free(NULL);
    stepwell_strings_free(NULL);

    /* A handle of another type is left alone, and so is what a call would have written. */
    stepwell_tree *tree = NULL;
    OK(stepwell_tree_new(&tree, &error));
    stepwell_engine_free((stepwell_engine *) tree);
    CHECK(stepwell_bytes_len((const stepwell_bytes *) tree) == 0);
    stepwell_bytes *bytes = (stepwell_bytes *) tree;
    ERRNO(E_NOENT, stepwell_tree_read(tree, "a", &bytes, &error));
    CHECK(bytes == (stepwell_bytes *) tree);
    /* Nobody has to take the error. */
    CHECK(stepwell_tree_read(tree, "a", &bytes, NULL) == STEPWELL_ERRNO);
    stepwell_tree_free(tree);
    return 0;
}
