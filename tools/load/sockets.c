/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets and polling for the load generator. Called by its clients and its server. */
#include "tools/load/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "tools/peer/clock.h"

_Noreturn void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

struct sockaddr_in sockets_parse(const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strrchr(text, ':');
    char host[INET_ADDRSTRLEN];

    if (colon && (size_t)(colon - text) < sizeof(host)) {
        snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
        address.sin_port = htons((uint16_t)atoi(colon + 1));
        if (inet_pton(AF_INET, host, &address.sin_addr) == 1)
            return address;
    }
    fprintf(stderr, "load: %s is no IPv4 address and port\n", text);
    exit(2);
}

void sockets_set_nodelay(int fd)
{
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void sockets_set_nonblocking(int fd)
{
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        fail("fcntl");
}

int sockets_dial(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
        fail("connect");
    sockets_set_nodelay(fd);
    return fd;
}

int sockets_start_dial(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        fail("socket");
    sockets_set_nodelay(fd);
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 && errno != EINPROGRESS)
        fail("connect");
    return fd;
}

int sockets_listen_at(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 || listen(fd, 4096) < 0)
        fail("listen");
    return fd;
}

int sockets_listen(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = sockets_listen_at(&address);

    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        fail("listen");
    printf("127.0.0.1:%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

void sockets_watch(int poll, int fd, uint32_t events, void *of)
{
    struct epoll_event event = {.events = events, .data.ptr = of};

    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0)
        fail("epoll_ctl");
}

int sockets_wait(int poll, struct epoll_event *events, int room, uint64_t deadline)
{
    uint64_t now = clock_now();
    uint64_t left = deadline > now ? deadline - now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u)};
    int count = epoll_pwait2(poll, events, room, &timeout, NULL);

    if (count < 0 && errno != EINTR)
        fail("epoll_pwait2");
    return count < 0 ? 0 : count;
}
