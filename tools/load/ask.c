/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Request and response: on each of some links a message goes, comes back, and the next one goes; requests, and the percentiles of the
 * time there and back. Called by main.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/load/job.h"
#include "tools/load/purpose.h"
#include "tools/load/sockets.h"
#include "tools/load/spread.h"
#include "tools/peer/clock.h"

#define MESSAGE 128 /* bytes there, and the same back */
#define EVENTS  64

struct asker {
    int fd;
    uint64_t asked; /* when, ns */
    size_t come;    /* bytes of the answer so far */
};

static void asker_send(struct asker *asker)
{
    char message[MESSAGE];

    memset(message, PURPOSE_ECHO, sizeof(message));
    asker->come = 0;
    asker->asked = clock_now();
    if (write(asker->fd, message, sizeof(message)) != sizeof(message))
        fail("ask: write");
}

/* Whether the answer is whole now. */
static int asker_read(struct asker *asker)
{
    char message[MESSAGE];
    ssize_t got = read(asker->fd, message, sizeof(message) - asker->come);

    if (got <= 0)
        fail("ask: read");
    asker->come += (size_t)got;
    return asker->come == MESSAGE;
}

void ask(const struct job *job)
{
    struct asker *askers = calloc((size_t)job->links, sizeof(*askers));
    struct epoll_event events[EVENTS];
    struct spread spread = {0};
    int poll = epoll_create1(0);
    uint64_t start, end;

    if (!askers)
        fail("memory");
    for (int i = 0; i < job->links; i++) {
        askers[i].fd = sockets_dial(&job->address);
        sockets_watch(poll, askers[i].fd, EPOLLIN, &askers[i]);
    }
    start = clock_now();
    end = start + job->length;
    for (int i = 0; i < job->links; i++)
        asker_send(&askers[i]);
    while (clock_now() < end || spread.count == 0) {
        int count = sockets_wait(poll, events, EVENTS, spread.count ? end : end + FIRST);

        for (int i = 0; i < count; i++) {
            struct asker *asker = events[i].data.ptr;

            if (asker_read(asker)) {
                spread_add(&spread, (int64_t)(clock_now() - asker->asked));
                asker_send(asker);
            }
        }
    }
    printf("{\"requests\": %zu, \"seconds\": %.6f, ", spread.count, (double)(clock_now() - start) / 1e9);
    spread_print(&spread, "us");
    printf("}\n");
    spread_free(&spread);
    free(askers);
}
