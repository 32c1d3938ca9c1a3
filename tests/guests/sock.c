// A server of lines: every line that a connection sends comes back with the connection's number and its own. It listens on
// the descriptor that its argument names, and ends with a report when some connection says "quit".
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONNECTIONS 16

static struct {
    int fd;
    int lines, received, unsent;
    const char *ended;
    char line[256];
    int length;
} connections[CONNECTIONS];
static int accepted, quitting;

static void fail(const char *what) {
    printf("%s: %s\n", what, strerror(errno));
    fflush(stdout);
    _Exit(1);
}

// Every other connection is a socket to its user, the rest are plain files that do not wait.
static int is_file(int k) { return k % 2; }

static ssize_t receive(int k, char *bytes, size_t size) {
    if (is_file(k)) return read(connections[k].fd, bytes, size);
    char first;
    ssize_t peeked = recv(connections[k].fd, &first, 1, MSG_PEEK);
    if (peeked < 0) return peeked;
    ssize_t n = recv(connections[k].fd, bytes, size, 0);
    if (peeked != (n > 0) || (n > 0 && first != bytes[0])) fail("peeking");
    return n;
}

// Sends everything; the number of bytes that nobody wanted.
static size_t reply(int k, const char *bytes, size_t size) {
    int fd = connections[k].fd;
    while (size > 0) {
        ssize_t n = is_file(k) ? write(fd, bytes, size) : send(fd, bytes, size, 0);
        if (n < 0 && errno == EAGAIN && is_file(k)) {
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            if (poll(&room, 1, -1) != 1) fail("polling for room");
            continue;
        }
        if (n < 0 && errno == EPIPE) return size;
        if (n < 0) fail("sending");
        bytes += n;
        size -= n;
    }
    return 0;
}

static void finish(int k, const char *how) {
    connections[k].ended = how;
    if (close(connections[k].fd) != 0) fail("closing");
    connections[k].fd = -1;
}

static void answer(int k) {
    char *line = connections[k].line, text[320];
    line[connections[k].length] = 0;
    connections[k].length = 0;
    int size = snprintf(text, sizeof text, "%d.%d: %s\n", k, connections[k].lines++, line);
    connections[k].unsent += reply(k, text, size);
    int how = !strcmp(line, "bye") ? SHUT_WR : !strcmp(line, "deaf") ? SHUT_RD : -1;
    if (how >= 0 && shutdown(connections[k].fd, how) != 0) fail("shutting down");
    if (!strcmp(line, "quit")) quitting = 1;
}

static void serve(int k) {
    char bytes[64];
    ssize_t n = receive(k, bytes, sizeof bytes);
    if (n < 0 && errno == EAGAIN && is_file(k)) return;
    if (n < 0) {
        if (errno != ECONNRESET) fail("receiving");
        finish(k, "reset");
        return;
    }
    if (n == 0) {
        if (connections[k].length > 0) answer(k);
        finish(k, "end of input");
        return;
    }
    connections[k].received += n;
    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] == '\n') answer(k);
        else if (connections[k].length < 255) connections[k].line[connections[k].length++] = bytes[i];
    }
}

// Takes every connection that is there.
static void take(int listener) {
    while (accepted < CONNECTIONS) {
        int fd = is_file(accepted) ? accept4(listener, NULL, NULL, SOCK_NONBLOCK) : accept(listener, NULL, NULL);
        if (fd < 0 && errno == EAGAIN) return;
        if (fd < 0) fail("accepting");
        struct stat stat;
        if (fstat(fd, &stat) != 0 || !S_ISSOCK(stat.st_mode)) fail("the type of a connection");
        connections[accepted++].fd = fd;
    }
}

int main(int argc, char **argv) {
    int listener = atoi(argv[argc - 1]);
    if (fcntl(listener, F_SETFL, O_NONBLOCK) != 0) fail("the flags of the listener");
    while (!quitting) {
        struct pollfd wanted[CONNECTIONS + 1] = {{.fd = listener, .events = POLLIN}};
        int who[CONNECTIONS + 1], n = 1;
        for (int k = 0; k < accepted; k++) {
            if (connections[k].fd < 0) continue;
            wanted[n].fd = connections[k].fd;
            wanted[n].events = POLLIN;
            who[n++] = k;
        }
        if (poll(wanted, n, -1) <= 0) fail("polling");
        for (int i = 1; i < n; i++)
            if (wanted[i].revents) serve(who[i]);
        if (wanted[0].revents) take(listener);
    }
    for (int k = 0; k < accepted; k++)
        printf("%d: %d lines, %d bytes, %d unsent, %s\n", k, connections[k].lines, connections[k].received,
               connections[k].unsent, connections[k].ended ? connections[k].ended : "open");
    return 0;
}
