/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loop of a worker: timers, then what was left over, then sockets; frees and closes come at the end of each turn.
 */
#include "relay/worker.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "relay/link.h"

#define DESCRIPTORS_TO_SPARE 8

static void worker_alarm(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    ((struct worker *)argument)->alarm_at = TIME_NEVER; /* worker_run() runs the timers */
}

static void worker_mail(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    inbox_run(&((struct worker *)argument)->inbox);
}

static struct event_base *base_new(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;

    if (config != NULL) {
        /* Without this flag libevent rounds every time to whole milliseconds. */
        event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NOLOCK);
        base = event_base_new_with_config(config);
        event_config_free(config);
    }
    return base;
}

/* Two a link of what the limit leaves when the descriptors that are open now, and as many to spare as a program needs for its files, are
 * taken off. */
static size_t count_link_limit(void)
{
    struct rlimit limit;
    size_t open_now = DESCRIPTORS_TO_SPARE;

    for (int fd = 0; fd < 1024; fd++) {
        open_now += fcntl(fd, F_GETFD) >= 0;
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur <= open_now + 2) {
        return 1;
    }
    return (limit.rlim_cur - open_now) / 2;
}

bool worker_has_descriptors(const struct worker *worker)
{
    return worker->link_count < worker->link_limit;
}

static bool worker_open_loop(struct worker *worker)
{
    worker->base = base_new();
    if (worker->base == NULL) {
        return false;
    }
    worker->alarm = evtimer_new(worker->base, worker_alarm, worker);
    worker->mail = event_new(worker->base, worker->inbox.fd, EV_READ | EV_PERSIST, worker_mail, worker);
    return worker->alarm != NULL && worker->mail != NULL && event_add(worker->mail, NULL) == 0;
}

struct worker *worker_new(const struct clock *clock, size_t buffer_limit)
{
    struct worker *worker = calloc(1, sizeof(*worker));

    if (worker == NULL) {
        return NULL;
    }
    timers_init(&worker->timers, clock);
    worker->started_at = timers_now(&worker->timers);
    worker->buffer_limit = buffer_limit;
    worker->link_limit = count_link_limit();
    worker->alarm_at = TIME_NEVER;
    if (!inbox_open(&worker->inbox) || !worker_open_loop(worker)) {
        worker_free(worker);
        return NULL;
    }
    return worker;
}

void worker_free(struct worker *worker)
{
    if (worker == NULL) {
        return;
    }
    while (worker->links != NULL) {
        link_drop(worker->links);
    }
    worker_end_turn(worker);
    if (worker->mail != NULL) {
        event_free(worker->mail);
    }
    inbox_close(&worker->inbox);
    if (worker->dns != NULL) {
        evdns_base_free(worker->dns, 1);
        event_base_loop(worker->base, EVLOOP_NONBLOCK); /* what was being resolved hears of it, and is freed */
    }
    if (worker->alarm != NULL) {
        event_free(worker->alarm);
    }
    if (worker->base != NULL) {
        event_base_free(worker->base);
    }
    timers_release(&worker->timers);
    free(worker->closing);
    free(worker);
}

void worker_observe(struct worker *worker, struct observer *observer)
{
    struct observer **place = &worker->observers;

    while (*place != NULL) {
        place = &(*place)->next;
    }
    observer->next = NULL;
    *place = observer;
}

void worker_tell(struct worker *worker, const struct notice *notice)
{
    for (struct observer *observer = worker->observers; observer != NULL; observer = observer->next) {
        observer->tell(observer, notice);
    }
}

static void worker_set_alarm(struct worker *worker, uint64_t at)
{
    uint64_t now, left;
    struct timeval wait;

    if (at == worker->alarm_at) {
        return;
    }
    worker->alarm_at = at;
    if (at == TIME_NEVER) {
        evtimer_del(worker->alarm);
        return;
    }
    now = timers_now(&worker->timers);
    left = at > now ? (at - now + NS_PER_US - 1) / NS_PER_US : 0;
    wait = (struct timeval){.tv_sec = (time_t)(left / 1000000), .tv_usec = (suseconds_t)(left % 1000000)};
    evtimer_add(worker->alarm, &wait);
}

void worker_run(struct worker *worker)
{
    while (!worker->stopping) {
        timers_run(&worker->timers);
        worker_end_turn(worker);
        if (worker->stopping) {
            break;
        }
        worker_set_alarm(worker, timers_next(&worker->timers));
        event_base_loop(worker->base, worker->again != NULL ? EVLOOP_NONBLOCK : EVLOOP_ONCE);
        worker_end_turn(worker);
    }
    worker->stopping = false;
}

void worker_stop(struct worker *worker)
{
    worker->stopping = true;
    event_base_loopbreak(worker->base);
}

static void worker_run_again(struct worker *worker)
{
    struct link *link = worker->again;

    worker->again = NULL; /* what asks again now has its turn after the next look at the sockets */
    while (link != NULL) {
        struct link *next = link->again_next;

        link->wants_again = false;
        link->again_next = NULL;
        if (!link->finished) {
            link_continue(link);
        }
        link = next;
    }
}

void worker_end_turn(struct worker *worker)
{
    worker_run_again(worker);
    while (worker->finished != NULL) {
        struct link *link = worker->finished;

        worker->finished = link->next;
        link_free(link);
    }
    for (size_t i = 0; i < worker->closing_count; i++) {
        close(worker->closing[i]);
    }
    worker->closing_count = 0;
}

void worker_close_later(struct worker *worker, int fd)
{
    if (fd < 0) {
        return;
    }
    if (worker->closing_count == worker->closing_capacity) {
        worker->closing_capacity = worker->closing_capacity == 0 ? 64 : worker->closing_capacity * 2;
        worker->closing = realloc(worker->closing, worker->closing_capacity * sizeof(int));
        if (worker->closing == NULL) {
            abort();
        }
    }
    worker->closing[worker->closing_count++] = fd;
}
