/* Listeners, and the connections that the host offers to them. */
#include "check.h"

static uint32_t waits_for(const stepwell_process *process)
{
    uint32_t wait = 0;
    OK(stepwell_process_blocked_on(process, &wait, &error));
    return wait;
}

static uint32_t offer(stepwell_process *process)
{
    uint32_t connection = UINT32_MAX;
    OK(stepwell_process_offer(process, 4, &connection, &error));
    return connection;
}

static void say(stepwell_process *process, uint32_t connection, const char *text)
{
    OK(stepwell_process_connection_feed(process, connection, (const uint8_t *) text, strlen(text), &error));
}

static stepwell_bytes *answer(stepwell_process *process, uint32_t connection)
{
    stepwell_bytes *bytes = NULL;
    OK(stepwell_process_connection_drain(process, connection, &bytes, &error));
    return bytes;
}

static size_t queued(stepwell_process *process, uint32_t connection)
{
    size_t count = SIZE_MAX;
    OK(stepwell_process_connection_queued(process, connection, &count, &error));
    return count;
}

static bool is_closed(stepwell_process *process, uint32_t connection)
{
    bool closed = false;
    OK(stepwell_process_connection_is_closed(process, connection, &closed, &error));
    return closed;
}

static size_t connections(const stepwell_process *process)
{
    size_t count = SIZE_MAX;
    OK(stepwell_process_connection_count(process, &count, &error));
    return count;
}

static void listeners(const stepwell_process *process)
{
    size_t count = 0;
    uint32_t descriptor = 0;
    OK(stepwell_process_listener_count(process, &count, &error));
    CHECK(count == 2);
    OK(stepwell_process_listener(process, 0, &descriptor, &error));
    CHECK(descriptor == 4);
    OK(stepwell_process_listener(process, 1, &descriptor, &error));
    CHECK(descriptor == 5);
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_listener(process, 2, &descriptor, &error));
}

static void a_connection_is_served(stepwell_process *process)
{
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    CHECK(waits_for(process) == STEPWELL_WAIT_SOCKET);
    uint32_t first = offer(process), second = offer(process), number = 0;
    CHECK(connections(process) == 2);
    OK(stepwell_process_connection(process, 1, &number, &error));
    CHECK(number == second);
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_connection(process, 2, &number, &error));

    say(process, first, "hello");
    CHECK(queued(process, first) == 5);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    CHECK(waits_for(process) == STEPWELL_WAIT_SOCKET);
    CHECK(queued(process, first) == 0);
    BYTES(answer(process, first), "hello");
    CHECK(!is_closed(process, first));
    OK(stepwell_process_connection_close_input(process, first, &error));
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    CHECK(is_closed(process, first));
    OK(stepwell_process_connection_reset(process, first, &error));
    CHECK(connections(process) == 1);
    OK(stepwell_process_connection(process, 0, &number, &error));
    CHECK(number == second);
}

/* Every call about a connection that was reset, or never offered. */
static void what_is_gone(stepwell_process *process, uint32_t connection)
{
    stepwell_bytes *bytes = NULL;
    size_t count = 0;
    bool closed = false;
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_connection_feed(process, connection, NULL, 0, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_connection_queued(process, connection, &count, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_connection_close_input(process, connection, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_connection_drain(process, connection, &bytes, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_connection_close_output(process, connection, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_connection_is_closed(process, connection, &closed, &error));
    FAILS(STEPWELL_INVALID_ARGUMENT, stepwell_process_connection_reset(process, connection, &error));
}

/* A process that is thawed has the connections of the frozen one, and waits for them. */
static void a_connection_is_frozen_and_thawed(stepwell_process *process)
{
    stepwell_module *module = MODULE(serve);
    stepwell_image *image = NULL;
    stepwell_template *template = NULL;
    stepwell_process *thawed = NULL;
    uint32_t number = UINT32_MAX;
    OK(stepwell_process_freeze(process, &image, &error));
    OK(stepwell_image_prepare(image, module, &template, &error));
    OK(stepwell_template_thaw(template, NULL, &thawed, &error));
    listeners(thawed);
    CHECK(connections(thawed) == 1);
    OK(stepwell_process_connection(thawed, 0, &number, &error));
    CHECK(run(thawed, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    CHECK(waits_for(thawed) == STEPWELL_WAIT_SOCKET);
    say(thawed, number, "again");
    CHECK(run(thawed, UINT64_MAX) == STEPWELL_STATE_BLOCKED);
    BYTES(answer(thawed, number), "again");
    stepwell_process_free(thawed);
    stepwell_template_free(template);
    stepwell_image_free(image);
    stepwell_module_free(module);
}

int main(void)
{
    stepwell_process_builder *builder = BUILDER(serve);
    OK(stepwell_process_builder_listener(builder, &error));
    OK(stepwell_process_builder_listener(builder, &error));
    stepwell_process *process = spawn(builder);
    listeners(process);
    uint32_t number = 0;
    ERRNO(E_NOTSOCK, stepwell_process_offer(process, 3, &number, &error));
    ERRNO(E_BADF, stepwell_process_offer(process, 6, &number, &error));
    a_connection_is_served(process);
    what_is_gone(process, 0);
    what_is_gone(process, 7);
    a_connection_is_frozen_and_thawed(process);

    /* Nobody reads what the guest sends: it fails with EPIPE, with which this guest ends. */
    OK(stepwell_process_connection_close_output(process, 1, &error));
    say(process, 1, "lost");
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    CHECK(exit_code(process) == E_PIPE);
    ERRNO(E_BADF, stepwell_process_offer(process, 4, &number, &error));
    CHECK(is_closed(process, 1));
    stepwell_process_free(process);

    process = spawn(BUILDER(echo));
    size_t none = 1;
    OK(stepwell_process_listener_count(process, &none, &error));
    CHECK(none == 0);
    stepwell_process_free(process);
    return 0;
}
