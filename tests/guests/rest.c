// Clocks, polling, randomness, arguments, sockets and the process itself.

static void clocks(void) {
    __wasi_timestamp_t first = 0, second = 0, resolution = 0;
    for (int id = 0; id < 4; id++) {
        OK(__wasi_clock_res_get(id, &resolution));
        IS(resolution > 0, 1);
        OK(__wasi_clock_time_get(id, 1, &first));
        OK(__wasi_clock_time_get(id, 1, &second));
        IS(second >= first, 1);
    }
    GIVES(__wasi_clock_time_get(4, 1, &first), INVAL);
    GIVES(__wasi_clock_res_get(4, &first), INVAL);
}

static __wasi_subscription_t timer(uint64_t userdata, uint32_t clock, uint64_t timeout, int flags) {
    __wasi_subscription_t subscription = {.userdata = userdata};
    subscription.u.tag = __WASI_EVENTTYPE_CLOCK;
    subscription.u.u.clock.id = clock;
    subscription.u.u.clock.timeout = timeout;
    subscription.u.u.clock.flags = flags;
    return subscription;
}

static __wasi_subscription_t ready(uint64_t userdata, int tag, int fd) {
    __wasi_subscription_t subscription = {.userdata = userdata};
    subscription.u.tag = tag;
    subscription.u.u.fd_read.file_descriptor = fd;
    return subscription;
}

static void sleeping(void) {
    __wasi_event_t events[3];
    __wasi_timestamp_t before = 0, after = 0;
    __wasi_size_t n = 0;
    uint64_t second = 1000000000;
    __wasi_subscription_t both[2] = {timer(1, 1, second, 0), timer(2, 1, 900 * second, 0)};
    OK(__wasi_clock_time_get(1, 1, &before));
    OK(__wasi_poll_oneoff(both, events, 2, &n));
    OK(__wasi_clock_time_get(1, 1, &after));
    IS(n, 1);
    IS(events[0].userdata, 1);
    IS(events[0].error, 0);
    IS(after - before >= second, 1);
    IS(after - before < 2 * second, 1);
    OK(__wasi_clock_time_get(0, 1, &before));
    __wasi_subscription_t until = timer(3, 0, before + second, 1);
    OK(__wasi_poll_oneoff(&until, events, 1, &n));
    OK(__wasi_clock_time_get(0, 1, &after));
    IS(after >= before + second, 1);
    __wasi_subscription_t past = timer(4, 1, 1, 1), unknown = timer(5, 9, 1, 0);
    OK(__wasi_poll_oneoff(&past, events, 1, &n));
    IS(n, 1);
    GIVES(__wasi_poll_oneoff(&unknown, events, 1, &n), INVAL);
    GIVES(__wasi_poll_oneoff(&past, events, 0, &n), INVAL);
}

static void waiting_for_descriptors(void) {
    __wasi_event_t events[4];
    __wasi_size_t n = 0;
    int file = open_at("polled", CREAT, READ | WRITE, 0);
    IS(write_to(file, "abc"), 3);
    __wasi_filesize_t at;
    OK(__wasi_fd_seek(file, 1, __WASI_WHENCE_SET, &at));
    __wasi_subscription_t all[4] = {
        ready(1, __WASI_EVENTTYPE_FD_READ, file),
        ready(2, __WASI_EVENTTYPE_FD_WRITE, 1),
        ready(3, __WASI_EVENTTYPE_FD_READ, 99),
        timer(4, 1, 1000000000, 0),
    };
    OK(__wasi_poll_oneoff(all, events, 4, &n));
    IS(n, 3);
    IS(events[0].userdata, 1);
    IS(events[0].fd_readwrite.nbytes, 2);
    IS(events[1].userdata, 2);
    IS(events[1].error, 0);
    IS(events[2].userdata, 3);
    IS(events[2].error, BADF);
    // Standard input is open and empty.
    __wasi_subscription_t input[2] = {ready(5, __WASI_EVENTTYPE_FD_READ, 0), timer(6, 1, 1000, 0)};
    OK(__wasi_poll_oneoff(input, events, 2, &n));
    IS(n, 1);
    IS(events[0].userdata, 6);
    OK(__wasi_fd_close(file));
}

static void randomness(void) {
    static uint8_t a[70000], b[70000];
    OK(__wasi_random_get(a, sizeof a));
    OK(__wasi_random_get(b, sizeof b));
    IS(memcmp(a, b, sizeof a) != 0, 1);
    IS(memcmp(a, b + 60000, 10000) != 0, 1);
    OK(__wasi_random_get(a, 0));
}

static void arguments(void) {
    __wasi_size_t count = 0, bytes = 0;
    static uint8_t *argv[8];
    static uint8_t buf[256];
    OK(__wasi_args_sizes_get(&count, &bytes));
    IS(count, 3);
    IS(bytes, sizeof "rest" + sizeof "" + sizeof "zwei \xc3\xa4");
    OK(__wasi_args_get(argv, buf));
    IS(strcmp((char *)argv[0], "rest") | strcmp((char *)argv[1], ""), 0);
    IS(strcmp((char *)argv[2], "zwei \xc3\xa4"), 0);
    OK(__wasi_environ_sizes_get(&count, &bytes));
    IS(count, 1);
    IS(bytes, sizeof "NAME=value");
    OK(__wasi_environ_get(argv, buf));
    IS(strcmp((char *)argv[0], "NAME=value"), 0);
}

static void sockets(void) {
    uint8_t buf[4];
    __wasi_iovec_t in = {buf, 4};
    __wasi_ciovec_t out = {buf, 4};
    __wasi_size_t n;
    __wasi_fd_t fd;
    __wasi_roflags_t flags;
    int file = open_at("no-socket", CREAT, READ | WRITE, 0);
    int others[] = {0, 1, ROOT, file};
    for (int i = 0; i < 4; i++) {
        GIVES(__wasi_sock_accept(others[i], 0, &fd), NOTSOCK);
        GIVES(__wasi_sock_recv(file, &in, 1, 0, &n, &flags), NOTSOCK);
        GIVES(__wasi_sock_send(file, &out, 1, 0, &n), NOTSOCK);
        GIVES(__wasi_sock_shutdown(others[i], __WASI_SDFLAGS_RD), NOTSOCK);
    }
    GIVES(__wasi_sock_accept(99, 0, &fd), BADF);
    GIVES(__wasi_sock_recv(99, &in, 1, 0, &n, &flags), BADF);
    GIVES(__wasi_sock_send(99, &out, 1, 0, &n), BADF);
    GIVES(__wasi_sock_shutdown(99, __WASI_SDFLAGS_RD), BADF);
    OK(__wasi_fd_close(file));
}

__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_raise"))) int proc_raise(int);

int main(void) {
    clocks();
    sleeping();
    waiting_for_descriptors();
    randomness();
    arguments();
    sockets();
    OK(__wasi_sched_yield());
    GIVES(proc_raise(2), NOSYS);
    if (wrong == 0) __wasi_proc_exit(0x12345);
    return wrong;
}
