/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup's load generator: a server and a client for measuring what a relay costs. `load serve` is the server; `load bulk ADDRESS` and
 * `load connect ADDRESS` are clients that reach it through a relay, or directly, and print one figure. tools/versus-socat runs them. Not
 * a test: it judges nothing.
 *
 * What a connection is for is its first byte: 'b', the server counts what comes and answers, after the FIN, with the count; 'c', it sends
 * the byte back and closes when the client has.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BLOCK ((size_t)256 * 1024)
#define EVENTS 256
#define CONNECTORS 64

static char block[BLOCK];

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* 127.0.0.1:80 */
static struct sockaddr_in parse_address(const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strrchr(text, ':');
    char host[64];

    if (colon != NULL && (size_t)(colon - text) < sizeof(host)) {
        snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
        address.sin_port = htons((uint16_t)atoi(colon + 1));
        if (inet_pton(AF_INET, host, &address.sin_addr) == 1) {
            return address;
        }
    }
    fprintf(stderr, "load: %s is no IPv4 address and port\n", text);
    exit(2);
}

/* ---- the server ---- */

struct served {
    int fd;
    char purpose; /* 0: its first byte has not come */
    uint64_t bytes;
};

static void served_end(struct served *served)
{
    if (served->purpose == 'b') {
        (void)!write(served->fd, &served->bytes, sizeof(served->bytes));
    }
    close(served->fd);
    free(served);
}

static void served_read(struct served *served)
{
    ssize_t got = read(served->fd, block, BLOCK);

    if (got <= 0) {
        served_end(served);
        return;
    }
    if (served->purpose == 0) {
        served->purpose = block[0];
    }
    served->bytes += (uint64_t)got;
    if (served->purpose == 'c') {
        (void)!write(served->fd, block, (size_t)got);
    }
}

static void accept_one(int listener, int poll)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct served *served = calloc(1, sizeof(*served));
    int on = 1;

    if (served == NULL) {
        die("memory");
    }
    served->fd = accept(listener, NULL, NULL);
    if (served->fd < 0) {
        free(served);
        return;
    }
    setsockopt(served->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    event.data.ptr = served;
    epoll_ctl(poll, EPOLL_CTL_ADD, served->fd, &event);
}

static _Noreturn void serve(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    struct epoll_event events[EVENTS], first = {.events = EPOLLIN};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);

    if (listener < 0 || poll < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 4096) < 0) {
        die("listen");
    }
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("127.0.0.1:%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &first);
    for (;;) {
        int count = epoll_wait(poll, events, EVENTS, -1);

        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL) {
                accept_one(listener, poll);
            } else {
                served_read(events[i].data.ptr);
            }
        }
    }
}

/* ---- the clients ---- */

static int dial(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
        die("connect");
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

/* GB/s of one connection, as the server counted. */
static int bulk(const struct sockaddr_in *address, double seconds)
{
    int fd = dial(address);
    double start = now(), end = start + seconds;
    uint64_t bytes = 0;

    memset(block, 'b', BLOCK);
    while (now() < end) {
        if (write(fd, block, BLOCK) < 0) {
            die("write");
        }
    }
    shutdown(fd, SHUT_WR);
    if (read(fd, &bytes, sizeof(bytes)) != sizeof(bytes)) {
        die("the server's count");
    }
    printf("%.3f\n", (double)bytes / (now() - start) / 1e9);
    return 0;
}

struct connector {
    pthread_t thread;
    const struct sockaddr_in *address;
    double end;
    uint64_t count;
};

static void *connect_on(void *argument)
{
    struct connector *connector = argument;
    char byte = 'c';

    while (now() < connector->end) {
        int fd = dial(connector->address);

        if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) {
            die("a byte there and back");
        }
        close(fd);
        connector->count++;
    }
    return NULL;
}

/* Connections a second: connect, a byte there and back, close; CONNECTORS of them at a time. */
static int connects(const struct sockaddr_in *address, double seconds)
{
    struct connector connectors[CONNECTORS];
    double start = now();
    uint64_t count = 0;

    for (int i = 0; i < CONNECTORS; i++) {
        connectors[i] = (struct connector){.address = address, .end = start + seconds};
        if (pthread_create(&connectors[i].thread, NULL, connect_on, &connectors[i]) != 0) {
            die("a thread");
        }
    }
    for (int i = 0; i < CONNECTORS; i++) {
        pthread_join(connectors[i].thread, NULL);
        count += connectors[i].count;
    }
    printf("%.0f\n", (double)count / (now() - start));
    return 0;
}

int main(int argc, char **argv)
{
    double seconds = argc > 3 ? atof(argv[3]) : 3;

    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && strcmp(argv[1], "serve") == 0) {
        serve();
    }
    if ((argc == 3 || argc == 4) && (strcmp(argv[1], "bulk") == 0 || strcmp(argv[1], "connect") == 0)) {
        struct sockaddr_in address = parse_address(argv[2]);

        return argv[1][0] == 'b' ? bulk(&address, seconds) : connects(&address, seconds);
    }
    fprintf(stderr, "usage: load serve | load bulk ADDRESS [SECONDS] | load connect ADDRESS [SECONDS]\n");
    return 2;
}
