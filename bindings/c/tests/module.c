/* Engines and modules. */
#include "check.h"

static stepwell_engine *engine;

static void refused(stepwell_status expected, const uint8_t *wasm, size_t len)
{
    stepwell_module *module = NULL;
    FAILS(expected, stepwell_module_new(engine, wasm, len, &module, &error));
    CHECK(module == NULL);
}

/* A prepared module is refused if it was cut off, and never believed where a byte was changed: by the interpreter if its frame
   is that of a module. */
static void damaged(const uint8_t *prepared, size_t len)
{
    size_t by_interpreter = 0;
    stepwell_module *module = NULL;
    for (size_t cut = 0; cut < len; cut++)
        FAILS(STEPWELL_NOT_PREPARED, stepwell_module_from_prepared(engine, prepared, cut, &module, &error));
    uint8_t *copy = malloc(len);
    CHECK(copy != NULL);
    for (size_t at = 0; at < len; at++) {
        stepwell_error *error = NULL;
        memcpy(copy, prepared, len);
        copy[at] ^= 0xff;
        module = NULL;
        stepwell_status status = stepwell_module_from_prepared(engine, copy, len, &module, &error);
        CHECK(stepwell_error_status(error) == status && (status == STEPWELL_OK) == (module != NULL));
        by_interpreter += status == STEPWELL_INTERPRETER;
        stepwell_error_free(error);
        stepwell_module_free(module);
    }
    CHECK(by_interpreter > 0);
    free(copy);
}

int main(void)
{
    OK(stepwell_engine_new(&engine, &error));
    static const uint8_t text[] = "int main;";
    refused(STEPWELL_NOT_WASM, text, sizeof text);
    refused(STEPWELL_NOT_WASM, NULL, 0);
    refused(STEPWELL_INVALID_MODULE, guest_hello, sizeof guest_hello - 3);
    refused(STEPWELL_UNSUPPORTED_PROPOSAL, guest_shared, sizeof guest_shared);
    refused(STEPWELL_UNKNOWN_IMPORT, guest_unknown, sizeof guest_unknown);
    refused(STEPWELL_IMPORT_TYPE, guest_wrong_type, sizeof guest_wrong_type);

    stepwell_module *module = NULL;
    stepwell_bytes *prepared = NULL, *preparation = NULL;
    FAILS(STEPWELL_NOT_WASM, stepwell_module_prepare(text, sizeof text, &prepared, &error));
    FAILS(STEPWELL_NOT_PREPARED,
        stepwell_module_from_prepared(engine, guest_add, sizeof guest_add, &module, &error));
    OK(stepwell_module_prepare(guest_add, sizeof guest_add, &prepared, &error));
    OK(stepwell_module_from_prepared(engine, stepwell_bytes_data(prepared), stepwell_bytes_len(prepared),
        &module, &error));
    damaged(stepwell_bytes_data(prepared), stepwell_bytes_len(prepared));
    stepwell_bytes_free(prepared);
    OK(stepwell_module_preparation(&preparation, &error));
    CHECK(stepwell_bytes_len(preparation) > 0);
    stepwell_bytes_free(preparation);

    uint8_t given[32] = {0}, kept[32] = {0};
    stepwell_module *same = MODULE(add);
    OK(stepwell_module_sha256(module, kept, &error));
    OK(stepwell_module_sha256(same, given, &error));
    CHECK(memcmp(given, kept, 32) == 0);

    bool exports = false;
    OK(stepwell_module_exports_function(module, "add", &exports, &error));
    CHECK(exports);
    OK(stepwell_module_exports_function(module, "subtract", &exports, &error));
    CHECK(!exports);
    stepwell_strings *names = NULL;
    OK(stepwell_module_exported_functions(module, &names, &error));
    CHECK(stepwell_strings_count(names) == 3);
    CHECK(is_text(stepwell_strings_data(names, 2), stepwell_strings_len(names, 2), "half"));
    CHECK(stepwell_strings_data(names, 3) == NULL && stepwell_strings_len(names, 3) == 0);
    stepwell_strings_free(names);

    /* The engine's maxima are those of the modules that are made with it afterwards. */
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_engine_set_call_depth_max(engine, 0, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_engine_set_stack_bytes_max(engine, 0, &error));
    OK(stepwell_engine_set_call_depth_max(engine, 10, &error));
    OK(stepwell_engine_set_stack_bytes_max(engine, 1 << 20, &error));
    stepwell_module *deep = NULL;
    stepwell_process_builder *builder = NULL;
    OK(stepwell_module_new(engine, guest_deep, sizeof guest_deep, &deep, &error));
    OK(stepwell_process_builder_new(deep, &builder, &error));
    stepwell_process *process = spawn(builder);
    CHECK(run(process, 1000000) == STEPWELL_STATE_TRAPPED);
    stepwell_trap trap = STEPWELL_TRAP_UNREACHABLE;
    OK(stepwell_process_trap_kind(process, &trap, &error));
    CHECK(trap == STEPWELL_TRAP_STACK_OVERFLOW);
    uint64_t steps = 0;
    OK(stepwell_process_steps(process, &steps, &error));
    CHECK(steps < 100);

    stepwell_process_free(process);
    stepwell_module_free(deep);
    stepwell_module_free(same);
    stepwell_module_free(module);
    stepwell_engine_free(engine);
    return 0;
}
