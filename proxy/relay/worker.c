/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loop of a worker: timers, then what was left over, then sockets; frees and closes come at the end of each turn.
 */
#include "relay/worker.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "relay/courier.h"
#include "relay/crew.h"
#include "relay/inlet.h"
#include "relay/link.h"
#include "relay/relay.h"

#define DESCRIPTORS_TO_SPARE 8

/* At this age a link gets what only long ones need. */
#define YOUNG (250 * NS_PER_MS)

/* How often the resolver is looked after while it works: it cannot be polled with the rest. */
#define RESOLVER_TURN NS_PER_MS

/* No timer of ours may be late for being joined with others' (prctl(2), PR_SET_TIMERSLACK). */
#define SLACK_NS 1

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

bool worker_has_descriptors(struct worker *worker)
{
    size_t links = worker->crew != NULL ? crew_link_count(worker->crew) : worker->link_count;

    while (links + worker->pipes.count >= worker->link_limit) { /* a pipe costs as many as a link */
        if (!pipes_shrink(&worker->pipes)) {
            return false;
        }
    }
    return true;
}

static void worker_mail(struct polled *polled, unsigned says)
{
    (void)says;
    inbox_run(&((struct worker *)((char *)polled - offsetof(struct worker, mail)))->inbox);
}

static bool worker_open_loop(struct worker *worker)
{
    worker->mail.ready = worker_mail;
    if (!inbox_open(&worker->inbox)) {
        return false;
    }
    worker->poller = poller_new();
    return worker->poller != NULL && poller_add_level(worker->poller, worker->inbox.fd, &worker->mail) == 0;
}

void worker_has_young(struct worker *worker)
{
    if (!timer_is_set(&worker->adult)) {
        timer_set(&worker->timers, &worker->adult, timers_now(&worker->timers) + YOUNG);
    }
}

/* The newest links stand first in the list. */
static void worker_links_grow(struct timer *timer)
{
    struct worker *worker = (struct worker *)((char *)timer - offsetof(struct worker, adult));
    uint64_t now = timers_now(&worker->timers);

    for (struct link *link = worker->links; link != NULL && !link->grown; link = link->next) {
        if (link->opened_at + YOUNG <= now) {
            link_is_grown(link);
        } else {
            worker_has_young(worker);
        }
    }
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
    worker->adult.fire = worker_links_grow;
    if (!worker_open_loop(worker)) {
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
    inbox_close(&worker->inbox);
    if (worker->dns != NULL) {
        evdns_base_free(worker->dns, 1);
        event_base_loop(worker->base, EVLOOP_NONBLOCK); /* what was being resolved hears of it, and is freed */
    }
    if (worker->base != NULL) {
        event_base_free(worker->base);
    }
    while (pipes_shrink(&worker->pipes)) {
    }
    inlets_free(worker->inlets);
    poller_free(worker->poller);
    timers_release(&worker->timers);
    observers_clear(&worker->observers);
    free(worker->closing);
    free(worker);
}

void worker_observe(struct worker *worker, struct observer *observer)
{
    observers_add(&worker->observers, observer);
}

void worker_tell(struct worker *worker, const struct notice *notice)
{
    observers_tell(&worker->observers, notice);
}

/* When there is something to do; 0: now. */
static uint64_t worker_due(const struct worker *worker)
{
    uint64_t next = timers_next(&worker->timers), turn;

    if (worker->again != NULL) {
        return 0;
    }
    if (worker->lookups > 0) {
        turn = timers_now(&worker->timers) + RESOLVER_TURN;
        next = next < turn ? next : turn;
    }
    return next;
}

void worker_run(struct worker *worker)
{
    prctl(PR_SET_TIMERSLACK, SLACK_NS, 0, 0, 0);
    while (!worker->stopping) {
        timers_run(&worker->timers);
        worker_end_turn(worker);
        if (worker->stopping) {
            break;
        }
        sleeper_wait(&worker->sleeper, worker->poller, &worker->timers, worker_due(worker));
        if (worker->lookups > 0) {
            event_base_loop(worker->base, EVLOOP_NONBLOCK);
        }
        worker_end_turn(worker);
    }
    worker->stopping = false;
}

void worker_stop(struct worker *worker)
{
    worker->stopping = true;
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
    if (worker->courier != NULL) {
        courier_send(worker->courier);
    }
    while (worker->finished != NULL) {
        struct link *link = worker->finished;

        worker->finished = link->next;
        link_free(link);
    }
    if (worker->removed != NULL) {
        relay_free_removed(worker);
    }
    for (size_t i = 0; i < worker->closing_count; i++) {
        close(worker->closing[i]);
    }
    worker->closing_count = 0;
    if (worker->crowded && worker->link_count == 0) {
        worker->crowded = false;
        malloc_trim(0);
    }
}

void worker_keep_descriptors(struct worker *worker, size_t count)
{
    size_t links = (count + 1) / 2;

    worker->link_limit = worker->link_limit > links + 1 ? worker->link_limit - links : 1;
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
