/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load generator's server: one thread, as little work a connection as can be, so that the relay is what is measured. What a
 * connection is for is its first byte: bulk, it counts what comes and answers with the count behind the FIN; echo, it sends everything
 * back; delay, it answers each time stamp with how long that was on its way; pull, it sends for as long as it is listened to. Called by
 * main.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/load/job.h"
#include "tools/load/purpose.h"
#include "tools/load/sockets.h"
#include "tools/peer/clock.h"

#define EVENTS 256

struct served {
    int fd;
    char purpose;      /* PURPOSE_*; 0: its first byte has not come */
    uint64_t bytes;    /* that came */
    char stamp[8];     /* delay: a time stamp of which only the beginning has come */
    size_t stamp_size; /* how much of it */
};

struct server {
    int listener, poll;
    char block[BLOCK];
};

static void served_end(struct served *served)
{
    if (served->purpose == PURPOSE_BULK)
        (void)!write(served->fd, &served->bytes, sizeof(served->bytes));
    close(served->fd);
    free(served);
}

static void answer(const struct served *served, const void *bytes, size_t size)
{
    if (write(served->fd, bytes, size) != (ssize_t)size && errno != EPIPE && errno != ECONNRESET)
        fail("the server's answer");
}

static void answer_stamps(struct served *served, const char *bytes, size_t size)
{
    int64_t now = (int64_t)clock_now(), sent, way;

    for (size_t i = 0; i < size; i++) {
        served->stamp[served->stamp_size++] = bytes[i];
        if (served->stamp_size < sizeof(served->stamp))
            continue;
        memcpy(&sent, served->stamp, sizeof(sent));
        way = now - sent;
        answer(served, &way, sizeof(way));
        served->stamp_size = 0;
    }
}

static void served_read(struct server *server, struct served *served)
{
    char *bytes = server->block;
    ssize_t got = read(served->fd, bytes, BLOCK);

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        served_end(served);
        return;
    }
    served->bytes += (uint64_t)got;
    if (served->purpose == 0) {
        served->purpose = bytes[0];
        if (served->purpose == PURPOSE_DELAY)
            bytes++, got--;
        if (served->purpose == PURPOSE_PULL)
            epoll_ctl(server->poll, EPOLL_CTL_MOD, served->fd, &(struct epoll_event){.events = EPOLLOUT, .data.ptr = served});
    }
    if (served->purpose == PURPOSE_ECHO)
        answer(served, bytes, (size_t)got);
    if (served->purpose == PURPOSE_DELAY)
        answer_stamps(served, bytes, (size_t)got);
}

static void served_write(struct server *server, struct served *served)
{
    if (write(served->fd, server->block, BLOCK) < 0 && errno != EAGAIN)
        served_end(served);
}

static void accept_all(struct server *server)
{
    int fd;

    while ((fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct served *served = calloc(1, sizeof(*served));

        if (!served)
            fail("memory");
        served->fd = fd;
        sockets_set_nodelay(fd);
        sockets_watch(server->poll, fd, EPOLLIN, served);
    }
    if (errno != EAGAIN && errno != ECONNABORTED)
        fail("accept");
}

_Noreturn void serve(void)
{
    static struct server server;
    struct epoll_event events[EVENTS];

    server.listener = sockets_listen();
    server.poll = epoll_create1(EPOLL_CLOEXEC);
    sockets_watch(server.poll, server.listener, EPOLLIN, NULL);
    for (;;) {
        int count = epoll_wait(server.poll, events, EVENTS, -1);

        for (int i = 0; i < count; i++) {
            struct served *served = events[i].data.ptr;

            if (!served)
                accept_all(&server);
            else if (served->purpose == PURPOSE_PULL)
                served_write(&server, served);
            else
                served_read(&server, served);
        }
    }
}
