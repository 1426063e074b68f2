/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a message is on its way from the client to the server: each carries the time at which it was sent, the server looks at the
 * same clock when it has read it, and answers with the difference. A link's messages are `every` apart, the links' turns spread evenly
 * over that; 0: the next one goes when the answer has come. Called by main.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/load/job.h"
#include "tools/load/purpose.h"
#include "tools/load/sockets.h"
#include "tools/load/spread.h"
#include "tools/peer/clock.h"

#define EVENTS 64

static void stamp(int fd)
{
    uint64_t now = clock_now();

    if (write(fd, &now, sizeof(now)) != sizeof(now))
        fail("delay: write");
}

/* Reads answers until `deadline`. Where nothing sets the pace, each is answered by the next message. */
static void hear(int poll, struct spread *spread, uint64_t deadline, int at_once)
{
    struct epoll_event events[EVENTS];
    int count;

    do {
        count = sockets_wait(poll, events, EVENTS, at_once && spread->count == 0 ? deadline + FIRST : deadline);
        for (int i = 0; i < count; i++) {
            int64_t way;

            if (recv(events[i].data.fd, &way, sizeof(way), MSG_WAITALL) != sizeof(way))
                fail("delay: read");
            spread_add(spread, way);
            if (at_once)
                stamp(events[i].data.fd);
        }
    } while (clock_now() < deadline || (at_once && spread->count == 0));
}

void delay(const struct job *job)
{
    int *fds = calloc((size_t)job->links, sizeof(*fds)), poll = epoll_create1(0);
    struct spread spread = {0};
    char purpose = PURPOSE_DELAY;
    uint64_t start, end;

    if (!fds)
        fail("memory");
    for (int i = 0; i < job->links; i++) {
        struct epoll_event event = {.events = EPOLLIN};

        event.data.fd = fds[i] = sockets_dial(&job->address);
        if (write(fds[i], &purpose, 1) != 1 || epoll_ctl(poll, EPOLL_CTL_ADD, fds[i], &event) < 0)
            fail("delay: a link");
    }
    start = clock_now();
    end = start + job->length;
    for (int i = 0; job->every == 0 && i < job->links; i++)
        stamp(fds[i]);
    for (uint64_t turn = 0; job->every > 0 && (clock_now() < end || spread.count == 0); turn++) {
        stamp(fds[turn % (uint64_t)job->links]);
        hear(poll, &spread, start + (turn + 1) * job->every / (uint64_t)job->links, 0);
    }
    if (job->every == 0)
        hear(poll, &spread, end, 1);
    printf("{\"messages\": %zu, ", spread.count);
    spread_print(&spread, "us");
    printf("}\n");
    spread_free(&spread);
    free(fds);
}
