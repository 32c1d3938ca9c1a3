// Runs a WASI module from C++, where destructors free the handles:  embed PROGRAM.wasm [ARGUMENT]...
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <vector>

#include "stepwell.h"

// Eight lines make every failure an exception, and eight every handle an owner.
template <auto release> struct Release { template <typename T> void operator()(T *handle) const { release(handle); } };
template <typename T, auto release> using Owned = std::unique_ptr<T, Release<release>>;
template <typename Call> void attempt(Call call)
{
    stepwell_error *failed = nullptr;
    const stepwell_status status = call(&failed);
    const Owned<stepwell_error, stepwell_error_free> error(failed);
    if (status != STEPWELL_OK)
        throw std::runtime_error(stepwell_error_message(failed));
}
template <typename T, auto release, typename Call> Owned<T, release> own(Call call)
{
    T *handle = nullptr;
    attempt([&](auto error) { return call(&handle, error); });
    return Owned<T, release>(handle);
}

using Process = Owned<stepwell_process, stepwell_process_free>;

static Process spawn(const std::vector<char> &wasm, char **arguments)
{
    auto engine = own<stepwell_engine, stepwell_engine_free>(stepwell_engine_new);
    auto module = own<stepwell_module, stepwell_module_free>([&](auto out, auto error) {
        auto data = reinterpret_cast<const uint8_t *>(wasm.data());
        return stepwell_module_new(engine.get(), data, wasm.size(), out, error);
    });
    auto builder = own<stepwell_process_builder, stepwell_process_builder_free>(
        [&](auto out, auto error) { return stepwell_process_builder_new(module.get(), out, error); });
    for (; *arguments != nullptr; arguments++)
        attempt([&](auto error) { return stepwell_process_builder_arg(builder.get(), *arguments, error); });
    return own<stepwell_process, stepwell_process_free>(
        [&](auto out, auto error) { return stepwell_process_builder_spawn(builder.get(), out, error); });
}

// Passes on what was written since the last time: while it lies there, a guest that writes on is blocked.
template <typename Drain> void pass_on(const Process &process, Drain drain, std::FILE *stream)
{
    auto bytes = own<stepwell_bytes, stepwell_bytes_free>(
        [&](auto out, auto error) { return drain(process.get(), out, error); });
    std::fwrite(stepwell_bytes_data(bytes.get()), 1, stepwell_bytes_len(bytes.get()), stream);
}

int main(int argc, char **argv)
try {
    std::ifstream file(argc < 2 ? "" : argv[1], std::ios::binary);
    const std::vector<char> wasm{std::istreambuf_iterator<char>(file), {}};
    auto process = spawn(wasm, argv + (argc > 1));
    attempt([&](auto error) { return stepwell_process_close_stdin(process.get(), error); });
    stepwell_state state = STEPWELL_STATE_YIELDED;
    // Its input has ended and its clock is virtual, so it can only wait for its output to be passed on.
    while (state == STEPWELL_STATE_YIELDED || state == STEPWELL_STATE_BLOCKED) {
        attempt([&](auto error) { return stepwell_process_run(process.get(), 10000000, &state, error); });
        pass_on(process, stepwell_process_drain_stdout, stdout);
        pass_on(process, stepwell_process_drain_stderr, stderr);
    }
    uint32_t code = 1;
    attempt([&](auto error) { return stepwell_process_exit_code(process.get(), &code, error); });
    return static_cast<int>(code);
} catch (const std::exception &failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
}
