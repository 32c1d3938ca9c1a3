// Runs a WASI module from C++, where destructors free the handles:  embed PROGRAM.wasm
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <vector>

#include "stepwell.h"

// Ten lines that make every handle an owner and every failure an exception.
template <typename T, void (*release)(T *)> struct Release { void operator()(T *handle) const { release(handle); } };
template <typename T, void (*release)(T *)> using Owned = std::unique_ptr<T, Release<T, release>>;
template <typename T, void (*release)(T *), typename Call> Owned<T, release> own(Call call)
{
    T *handle = nullptr;
    Owned<stepwell_error, stepwell_error_free> error;
    stepwell_error *failed = nullptr;
    if (call(&handle, &failed) != STEPWELL_OK)
        throw std::runtime_error((error.reset(failed), stepwell_error_message(failed)));
    return Owned<T, release>(handle);
}

int main(int argc, char **argv)
try {
    std::ifstream file(argc < 2 ? "" : argv[1], std::ios::binary);
    const std::vector<char> wasm{std::istreambuf_iterator<char>(file), {}};
    auto engine = own<stepwell_engine, stepwell_engine_free>(stepwell_engine_new);
    auto module = own<stepwell_module, stepwell_module_free>([&](auto out, auto error) {
        auto data = reinterpret_cast<const uint8_t *>(wasm.data());
        return stepwell_module_new(engine.get(), data, wasm.size(), out, error);
    });
    auto builder = own<stepwell_process_builder, stepwell_process_builder_free>(
        [&](auto out, auto error) { return stepwell_process_builder_new(module.get(), out, error); });
    auto process = own<stepwell_process, stepwell_process_free>(
        [&](auto out, auto error) { return stepwell_process_builder_spawn(builder.get(), out, error); });
    stepwell_state state = STEPWELL_STATE_YIELDED;
    while (state == STEPWELL_STATE_YIELDED && stepwell_process_run(process.get(), 1000000, &state, nullptr) == 0) {}
    auto output = own<stepwell_bytes, stepwell_bytes_free>(
        [&](auto out, auto error) { return stepwell_process_drain_stdout(process.get(), out, error); });
    std::fwrite(stepwell_bytes_data(output.get()), 1, stepwell_bytes_len(output.get()), stdout);
    return state == STEPWELL_STATE_EXITED ? 0 : 1;
} catch (const std::exception &failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
}
