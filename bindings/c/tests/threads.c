/* A second thread: it may interrupt a run, and anything else that it does to the process is refused. */
#include "check.h"
#include "busy.h"
#include <pthread.h>

static void *run_for_ever(void *process)
{
    stepwell_state state = STEPWELL_STATE_YIELDED;
    stepwell_status status = STEPWELL_BUSY;
    /* The other thread may be inside just now, to ask. */
    while (status == STEPWELL_BUSY)
        status = stepwell_process_run(process, UINT64_MAX, &state, NULL);
    CHECK(status == STEPWELL_OK);
    CHECK(state == STEPWELL_STATE_INTERRUPTED);
    return NULL;
}

/* Waits until the other thread is inside. */
static void wait_until_busy(stepwell_process *process)
{
    uint64_t steps = 0;
    while (stepwell_process_steps(process, &steps, NULL) != STEPWELL_BUSY) {}
}

static stepwell_process *start(pthread_t *thread, stepwell_interrupt **interrupt)
{
    stepwell_process *process = spawn(BUILDER(spin));
    OK(stepwell_process_interrupt(process, interrupt, &error));
    CHECK(pthread_create(thread, NULL, run_for_ever, process) == 0);
    wait_until_busy(process);
    return process;
}

int main(void)
{
    pthread_t thread;
    stepwell_interrupt *interrupt = NULL;
    stepwell_process *process = start(&thread, &interrupt);
    check_busy(process);
    OK(stepwell_interrupt_raise(interrupt, &error));
    CHECK(pthread_join(thread, NULL) == 0);

    /* It goes on where it was, and an interrupt that comes early is not lost. */
    uint64_t before = 0, after = 0;
    stepwell_state state = STEPWELL_STATE_YIELDED;
    OK(stepwell_process_state(process, &state, &error));
    CHECK(state == STEPWELL_STATE_INTERRUPTED);
    OK(stepwell_process_steps(process, &before, &error));
    OK(stepwell_interrupt_raise(interrupt, &error));
    CHECK(run(process, 1000) == STEPWELL_STATE_INTERRUPTED);
    CHECK(run(process, 1000) == STEPWELL_STATE_YIELDED);
    OK(stepwell_process_steps(process, &after, &error));
    CHECK(after > before && after <= before + 1000);
    stepwell_interrupt_free(interrupt);
    stepwell_process_free(process);

    /* What is freed while the other thread is inside goes when that leaves. The interrupt outlives it. */
    process = start(&thread, &interrupt);
    stepwell_process_free(process);
    OK(stepwell_interrupt_raise(interrupt, &error));
    CHECK(pthread_join(thread, NULL) == 0);
    OK(stepwell_interrupt_raise(interrupt, &error));
    stepwell_interrupt_free(interrupt);
    return 0;
}
