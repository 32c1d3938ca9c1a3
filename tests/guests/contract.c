// Does what its arguments say (`read PATH`, `write PATH TEXT`, `poll`, `exit STATUS`), or shows what it was given.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

extern char **environ;

static int poll_input(void) {
    __wasi_subscription_t subscriptions[2] = {{.userdata = 1}, {.userdata = 2}};
    __wasi_event_t events[2];
    __wasi_size_t n = 0;
    subscriptions[0].u.tag = __WASI_EVENTTYPE_FD_READ;
    subscriptions[1].u.tag = __WASI_EVENTTYPE_CLOCK;
    subscriptions[1].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
    subscriptions[1].u.u.clock.timeout = 200000000;
    int e = __wasi_poll_oneoff(subscriptions, events, 2, &n);
    printf("poll: %d, %d event of %d\n", e, (int)n, (int)events[0].userdata);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "read")) {
        char text[64] = {0};
        FILE *file = fopen(argv[2], "r");
        if (file == NULL) return perror("read"), 1;
        printf("%s\n", fgets(text, sizeof text, file));
        return 0;
    }
    if (argc == 4 && !strcmp(argv[1], "write")) {
        FILE *file = fopen(argv[2], "w");
        if (file == NULL) return perror("write"), 1;
        return fputs(argv[3], file) < 0 || fclose(file) != 0;
    }
    if (argc == 2 && !strcmp(argv[1], "poll")) return poll_input();
    if (argc == 3 && !strcmp(argv[1], "exit")) exit(atoi(argv[2]));
    for (int i = 0; i < argc; i++) printf("arg %s\n", argv[i]);
    for (char **variable = environ; *variable; variable++) printf("env %s\n", *variable);
    __wasi_prestat_t prestat;
    for (int fd = 3; __wasi_fd_prestat_get(fd, &prestat) == 0; fd++) {
        char name[16] = {0};
        __wasi_fd_prestat_dir_name(fd, (uint8_t *)name, sizeof name);
        printf("dir %d %s\n", fd, name);
    }
    return 0;
}
