/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How fast the server's bytes come on each of some links: the bytes behind the first read, and the time from that read to the last one,
 * so that what a relay lets pass at the start does not count. For throttles. Called by main.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "tools/load/job.h"
#include "tools/load/purpose.h"
#include "tools/load/sockets.h"
#include "tools/peer/clock.h"

#define EVENTS 64

void pull(const struct job *job)
{
    static char block[BLOCK];
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN};
    int poll = epoll_create1(0);
    uint64_t bytes = 0, first = 0, last = 0;
    char purpose = PURPOSE_PULL;

    for (int i = 0; i < job->links; i++) {
        event.data.fd = sockets_dial(&job->address);
        if (write(event.data.fd, &purpose, 1) != 1 || epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event) < 0)
            fail("pull: a link");
    }
    while (first == 0 || last < first + job->length) {
        int count = sockets_wait(poll, events, EVENTS, clock_now() + 1000000000u);

        for (int i = 0; i < count; i++) {
            ssize_t got = read(events[i].data.fd, block, sizeof(block));

            if (got <= 0)
                fail("pull: read");
            last = clock_now();
            if (first == 0)
                first = last;
            else
                bytes += (uint64_t)got;
        }
    }
    printf("{\"bytes\": %" PRIu64 ", \"seconds\": %.6f}\n", bytes, (double)(last - first) / 1e9);
}
