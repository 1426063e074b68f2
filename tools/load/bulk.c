/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bulk: some links, each as fast as it goes, one way; GB (10^9 bytes) a second, from the first write until the server has said what it
 * counted, which must be what was sent. Called by main.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/load/job.h"
#include "tools/load/purpose.h"
#include "tools/load/sockets.h"
#include "tools/peer/clock.h"

#define EVENTS 64

/* Writes to whoever can take it, until the time is over. Returns the bytes that were sent. */
static uint64_t write_until(int poll, uint64_t end)
{
    static char block[BLOCK];
    struct epoll_event events[EVENTS];
    uint64_t bytes = 0;

    memset(block, PURPOSE_BULK, sizeof(block));
    while (clock_now() < end) {
        int count = sockets_wait(poll, events, EVENTS, end);

        for (int i = 0; i < count; i++) {
            ssize_t sent = send(events[i].data.fd, block, sizeof(block), MSG_DONTWAIT);

            if (sent > 0)
                bytes += (uint64_t)sent;
            else if (errno != EAGAIN)
                fail("bulk: write");
        }
    }
    return bytes;
}

void bulk(const struct job *job)
{
    int *fds = calloc((size_t)job->links, sizeof(*fds)), poll = epoll_create1(0);
    uint64_t counted = 0, sent, start;

    if (!fds)
        fail("memory");
    for (int i = 0; i < job->links; i++) {
        struct epoll_event event = {.events = EPOLLOUT};

        event.data.fd = fds[i] = sockets_dial(&job->address);
        epoll_ctl(poll, EPOLL_CTL_ADD, fds[i], &event);
    }
    start = clock_now();
    sent = write_until(poll, start + job->length);
    for (int i = 0; i < job->links; i++)
        shutdown(fds[i], SHUT_WR);
    for (int i = 0; i < job->links; i++) {
        uint64_t count;

        if (recv(fds[i], &count, sizeof(count), MSG_WAITALL) != sizeof(count))
            fail("bulk: the server's count");
        counted += count;
    }
    if (counted != sent) {
        errno = EIO;
        fail("bulk: not all that was sent has come");
    }
    printf("{\"bytes\": %" PRIu64 ", \"seconds\": %.6f}\n", counted, (double)(clock_now() - start) / 1e9);
    free(fds);
}
