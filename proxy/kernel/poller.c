/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * epoll(7), a batch of events at a time.
 */
#include "kernel/poller.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define BATCH 256
#define NS_A_SECOND UINT64_C(1000000000)
#define NS_A_MILLISECOND UINT64_C(1000000)

struct poller {
    int fd;
    int at, count;    /* of the batch, those that were reported, and all */
    bool no_pwait2;   /* a kernel before Linux 5.11 */
    struct epoll_event batch[BATCH];
};

struct poller *poller_new(void)
{
    struct poller *poller = calloc(1, sizeof(*poller));

    if (poller != NULL) {
        poller->fd = epoll_create1(EPOLL_CLOEXEC);
        if (poller->fd < 0) {
            free(poller);
            return NULL;
        }
    }
    return poller;
}

void poller_free(struct poller *poller)
{
    if (poller != NULL) {
        close(poller->fd);
        free(poller);
    }
}

static int add(struct poller *poller, int fd, uint32_t events, struct polled *polled)
{
    struct epoll_event event = {.events = events, .data.ptr = polled};

    return epoll_ctl(poller->fd, EPOLL_CTL_ADD, fd, &event);
}

int poller_add(struct poller *poller, int fd, struct polled *polled)
{
    return add(poller, fd, EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET, polled);
}

int poller_add_level(struct poller *poller, int fd, struct polled *polled)
{
    return add(poller, fd, EPOLLIN, polled);
}

void poller_remove(struct poller *poller, int fd, const struct polled *polled)
{
    epoll_ctl(poller->fd, EPOLL_CTL_DEL, fd, NULL);
    for (int i = poller->at; i < poller->count; i++) {
        if (poller->batch[i].data.ptr == polled) {
            poller->batch[i].data.ptr = NULL;
        }
    }
}

static unsigned says_of(uint32_t events)
{
    unsigned says = 0;

    says |= events & EPOLLIN ? POLLER_READ : 0;
    says |= events & EPOLLOUT ? POLLER_WRITE : 0;
    says |= events & EPOLLPRI ? POLLER_URGENT : 0;
    says |= events & (EPOLLRDHUP | EPOLLHUP) ? POLLER_READ | POLLER_ENDING : 0;
    says |= events & EPOLLERR ? POLLER_READ | POLLER_ENDING | POLLER_ERROR : 0;
    return says;
}

static int wait_for_batch(struct poller *poller, uint64_t ns)
{
    struct timespec time = {.tv_sec = (time_t)(ns / NS_A_SECOND), .tv_nsec = (long)(ns % NS_A_SECOND)};
    uint64_t ms = ns == POLLER_FOREVER ? 0 : ns / NS_A_MILLISECOND + (ns % NS_A_MILLISECOND != 0);
    int count = -1;

    if (!poller->no_pwait2) {
        count = epoll_pwait2(poller->fd, poller->batch, BATCH, ns == POLLER_FOREVER ? NULL : &time, NULL);
        poller->no_pwait2 = count < 0 && errno == ENOSYS;
    }
    if (poller->no_pwait2) {
        count = epoll_wait(poller->fd, poller->batch, BATCH, ns == POLLER_FOREVER ? -1 : ms > INT32_MAX ? INT32_MAX : (int)ms);
    }
    return count;
}

bool poller_wait(struct poller *poller, uint64_t ns)
{
    poller->count = wait_for_batch(poller, ns);
    for (poller->at = 0; poller->at < poller->count;) {
        const struct epoll_event *event = &poller->batch[poller->at++];
        struct polled *polled = event->data.ptr;

        if (polled != NULL) {
            polled->ready(polled, says_of(event->events));
        }
    }
    return poller->count > 0;
}
