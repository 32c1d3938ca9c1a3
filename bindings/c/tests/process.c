/* Runs: states, streams, endings. */
#include "check.h"

static void outputs(void)
{
    stepwell_process_builder *builder = BUILDER(hello);
    OK(stepwell_process_builder_trace(builder, &error));
    OK(stepwell_process_builder_profile(builder, &error));
    stepwell_process *process = spawn(builder);
    stepwell_bytes *bytes = NULL;
    uint64_t steps = 1, host_steps = 0, syscalls = 0, memory = 0;
    stepwell_state state = STEPWELL_STATE_EXITED;
    OK(stepwell_process_state(process, &state, &error));
    CHECK(state == STEPWELL_STATE_YIELDED);
    FAILS(STEPWELL_WRONG_STATE, stepwell_process_exit_code(process, (uint32_t *) &state, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    CHECK(exit_code(process) == 0);
    BYTES(stdout_of(process), "hello\n");
    BYTES(stdout_of(process), "");
    OK(stepwell_process_drain_stderr(process, &bytes, &error));
    BYTES(bytes, "oops\n");
    OK(stepwell_process_steps(process, &steps, &error));
    OK(stepwell_process_host_steps(process, &host_steps, &error));
    OK(stepwell_process_syscalls(process, &syscalls, &error));
    OK(stepwell_process_memory_peak_bytes(process, &memory, &error));
    CHECK(steps > host_steps && host_steps > 0 && syscalls == 2 && memory == 65536);
    OK(stepwell_process_drain_trace(process, &bytes, &error));
    CHECK(holds(bytes, "fd_write(fd=2"));
    OK(stepwell_process_drain_trace(process, &bytes, &error));
    BYTES(bytes, "");
    OK(stepwell_process_profile(process, &bytes, &error));
    CHECK(holds(bytes, "fd_write "));

    uint8_t memory_bytes[6];
    OK(stepwell_process_read_memory(process, 16, memory_bytes, 6, &error));
    CHECK(memcmp(memory_bytes, "hello\n", 6) == 0);
    OK(stepwell_process_read_memory(process, 65536, NULL, 0, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_read_memory(process, 65536, memory_bytes, 1, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_read_memory(process, UINT64_MAX, memory_bytes, 6, &error));

    stepwell_limit limit = STEPWELL_LIMIT_STEPS;
    stepwell_trap trap = STEPWELL_TRAP_UNREACHABLE;
    stepwell_backtrace *backtrace = NULL;
    FAILS(STEPWELL_WRONG_STATE, stepwell_process_exhausted_limit(process, &limit, &error));
    FAILS(STEPWELL_WRONG_STATE, stepwell_process_trap_kind(process, &trap, &error));
    FAILS(STEPWELL_WRONG_STATE, stepwell_process_trap_message(process, &bytes, &error));
    FAILS(STEPWELL_NO_BACKTRACE, stepwell_process_backtrace(process, &backtrace, &error));
    uint32_t wait = 1;
    OK(stepwell_process_blocked_on(process, &wait, &error));
    CHECK(wait == 0);
    OK(stepwell_process_elapse(process, &error));
    stepwell_process_free(process);

    process = spawn(BUILDER(hello));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_drain_trace(process, &bytes, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_profile(process, &bytes, &error));
    OK(stepwell_process_trace(process, &error));
    OK(stepwell_process_trace(process, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    OK(stepwell_process_drain_trace(process, &bytes, &error));
    CHECK(holds(bytes, "fd_write(fd=1"));
    stepwell_process_free(process);
}

static void inputs(void)
{
    uint32_t wait = 0;
    uint64_t nanoseconds = 0;
    stepwell_process *process = spawn(BUILDER(echo));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    OK(stepwell_process_blocked_on(process, &wait, &error));
    CHECK(wait == STEPWELL_WAIT_INPUT);
    FAILS(STEPWELL_WRONG_STATE, stepwell_process_blocked_nanoseconds(process, &nanoseconds, &error));
    feed(process, "one\n");
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    BYTES(stdout_of(process), "one\n");
    feed(process, "two");
    feed(process, "");
    OK(stepwell_process_close_stdin(process, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    BYTES(stdout_of(process), "two");
    stepwell_process_free(process);

    /* One process waits for both, and gets what comes. */
    process = spawn(BUILDER(poll));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    OK(stepwell_process_blocked_on(process, &wait, &error));
    CHECK(wait == (STEPWELL_WAIT_INPUT | STEPWELL_WAIT_TIME));
    OK(stepwell_process_blocked_nanoseconds(process, &nanoseconds, &error));
    CHECK(nanoseconds == 1000000000);
    OK(stepwell_process_elapse(process, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    CHECK(exit_code(process) == 1);
    stepwell_process_free(process);
    process = spawn(BUILDER(poll));
    feed(process, "now\n");
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    CHECK(exit_code(process) == 2);
    stepwell_process_free(process);

    process = spawn(BUILDER(flood));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    OK(stepwell_process_blocked_on(process, &wait, &error));
    CHECK(wait == STEPWELL_WAIT_OUTPUT);
    OK(stepwell_process_close_stdout(process, &error));
    OK(stepwell_process_close_stderr(process, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    CHECK(exit_code(process) == E_PIPE);
    stepwell_process_free(process);
}

static void traps(void)
{
    stepwell_trap trap = STEPWELL_TRAP_HOST_PANIC;
    stepwell_bytes *bytes = NULL;
    stepwell_backtrace *backtrace = NULL;
    stepwell_process *process = spawn(BUILDER(trap));
    CHECK(run(process, 1000) == STEPWELL_STATE_TRAPPED);
    OK(stepwell_process_trap_kind(process, &trap, &error));
    CHECK(trap == STEPWELL_TRAP_UNREACHABLE);
    OK(stepwell_process_trap_message(process, &bytes, &error));
    CHECK(holds(bytes, "unreachable"));
    OK(stepwell_process_backtrace(process, &backtrace, &error));
    CHECK(stepwell_backtrace_count(backtrace) == 3);
    CHECK(stepwell_backtrace_function(backtrace, 0) == 0);
    CHECK(is_text(stepwell_backtrace_name(backtrace, 1), stepwell_backtrace_name_len(backtrace, 1), "outer"));
    CHECK(stepwell_backtrace_name(backtrace, 2) == NULL && stepwell_backtrace_name_len(backtrace, 2) == 0);
    CHECK(stepwell_backtrace_function(backtrace, 3) == UINT32_MAX);
    stepwell_backtrace_free(backtrace);

    /* An interrupt stops the search for one. */
    stepwell_process_free(process);
    process = spawn(BUILDER(late));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_TRAPPED);
    stepwell_interrupt *interrupt = NULL;
    OK(stepwell_process_interrupt(process, &interrupt, &error));
    OK(stepwell_interrupt_raise(interrupt, &error));
    FAILS(STEPWELL_NO_BACKTRACE, stepwell_process_backtrace(process, &backtrace, &error));
    stepwell_interrupt_free(interrupt);
    stepwell_process_free(process);

    process = spawn(BUILDER(fault));
    CHECK(run(process, 1000) == STEPWELL_STATE_TRAPPED);
    OK(stepwell_process_trap_kind(process, &trap, &error));
    CHECK(trap == STEPWELL_TRAP_FAULT);
    stepwell_process_free(process);

    process = spawn(BUILDER(exit));
    CHECK(run(process, 1000) == STEPWELL_STATE_EXITED);
    CHECK(exit_code(process) == 4000000007u);
    stepwell_process_free(process);
}

static void limits(void)
{
    stepwell_limits *limits = NULL;
    stepwell_limit limit = STEPWELL_LIMIT_HOST_MEMORY;
    uint64_t steps = 0;
    OK(stepwell_limits_new(&limits, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_STEPS, 5000000, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_MEMORY_BYTES, 65536, &error));
    OK(stepwell_limits_set(limits, STEPWELL_LIMIT_OUTPUT_BYTES, 10, &error));
    stepwell_process_builder *builder = BUILDER(spin);
    OK(stepwell_process_builder_limits(builder, limits, &error));
    stepwell_process *process = spawn(builder);
    CHECK(run(process, 1000) == STEPWELL_STATE_YIELDED);
    OK(stepwell_process_steps(process, &steps, &error));
    CHECK(steps <= 1000 && steps > 900);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXHAUSTED);
    OK(stepwell_process_exhausted_limit(process, &limit, &error));
    CHECK(limit == STEPWELL_LIMIT_STEPS);
    stepwell_process_free(process);

    builder = BUILDER(flood);
    OK(stepwell_process_builder_limits(builder, limits, &error));
    process = spawn(builder);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXHAUSTED);
    OK(stepwell_process_exhausted_limit(process, &limit, &error));
    CHECK(limit == STEPWELL_LIMIT_OUTPUT_BYTES);
    stepwell_bytes *bytes = stdout_of(process);
    CHECK(stepwell_bytes_len(bytes) == 10);
    stepwell_bytes_free(bytes);
    stepwell_process_free(process);

    bool refused = false;
    builder = BUILDER(grow);
    OK(stepwell_process_builder_limits(builder, limits, &error));
    process = spawn(builder);
    OK(stepwell_process_growth_refused(process, &refused, &limit, &error));
    CHECK(!refused && limit == STEPWELL_LIMIT_OUTPUT_BYTES);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    OK(stepwell_process_growth_refused(process, &refused, &limit, &error));
    CHECK(refused && limit == STEPWELL_LIMIT_MEMORY_BYTES);
    OK(stepwell_process_growth_refused(process, &refused, NULL, &error));
    stepwell_process_free(process);
    stepwell_limits_free(limits);
}

int main(void)
{
    outputs();
    inputs();
    traps();
    limits();
    return 0;
}
