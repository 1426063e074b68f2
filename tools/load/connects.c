/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections: some at a time, each connects, sends a byte, has it back and closes; then the next one begins. Called by main.c. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/load/job.h"
#include "tools/load/purpose.h"
#include "tools/load/sockets.h"
#include "tools/peer/clock.h"

#define EVENTS 64

struct caller {
    int fd;
    int asked; /* the byte is on its way */
};

static void caller_start(struct caller *caller, const struct job *job, int poll)
{
    caller->fd = sockets_start_dial(&job->address);
    caller->asked = 0;
    sockets_watch(poll, caller->fd, EPOLLIN | EPOLLOUT | EPOLLET, caller);
}

/* Goes on with what its socket allows; whether its connection is over. */
static int caller_go_on(struct caller *caller, uint32_t ready)
{
    char byte = PURPOSE_ECHO;

    if (!caller->asked && (ready & EPOLLOUT)) {
        if (write(caller->fd, &byte, 1) != 1)
            fail("connect");
        caller->asked = 1;
    }
    if (!(ready & (EPOLLIN | EPOLLERR | EPOLLHUP)))
        return 0;
    if (read(caller->fd, &byte, 1) != 1)
        fail("connect: the byte does not come back");
    close(caller->fd);
    return 1;
}

void connects(const struct job *job)
{
    struct caller *callers = calloc((size_t)job->links, sizeof(*callers));
    struct epoll_event events[EVENTS];
    int poll = epoll_create1(0);
    uint64_t start = clock_now(), end = start + job->length, connections = 0;

    if (!callers)
        fail("memory");
    for (int i = 0; i < job->links; i++)
        caller_start(&callers[i], job, poll);
    while (clock_now() < end || connections == 0) {
        int count = sockets_wait(poll, events, EVENTS, connections ? end : end + FIRST);

        for (int i = 0; i < count; i++) {
            if (caller_go_on(events[i].data.ptr, events[i].events)) {
                connections++;
                caller_start(events[i].data.ptr, job, poll);
            }
        }
    }
    printf("{\"connections\": %" PRIu64 ", \"seconds\": %.6f}\n", connections, (double)(clock_now() - start) / 1e9);
    free(callers);
}
