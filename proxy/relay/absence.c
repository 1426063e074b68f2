/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking for a server that has refused.
 */
#include "relay/absence.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/poller.h"
#include "relay/relay.h"
#include "relay/socket.h"
#include "relay/worker.h"

/* Between two looks, at first and at last. */
#define PAUSE_FIRST (20 * NS_PER_MS)
#define PAUSE_LAST (250 * NS_PER_MS)

struct absence {
    struct relay *relay;
    struct polled polled;
    int fd;          /* connecting, or connected and waiting for a client; -1: between two looks */
    bool back;       /* the server is: the relay listens again */
    struct timer timer;
    uint64_t pause;  /* ns to the next look */
};

static struct timers *absence_timers(const struct absence *absence)
{
    return &absence->relay->worker->timers;
}

static void hang_up(struct absence *absence)
{
    if (absence->fd >= 0) {
        poller_remove(absence->relay->worker->poller, absence->fd, &absence->polled);
        worker_close_later(absence->relay->worker, absence->fd);
        absence->fd = -1;
    }
}

static void absence_free(struct absence *absence)
{
    hang_up(absence);
    timer_cancel(absence_timers(absence), &absence->timer);
    absence->relay->absence = NULL;
    free(absence);
}

/* Of those that are ignored no rule hears more than their server's answer. */
static bool may_refuse(const struct relay *relay)
{
    return relay->worker->mirrors_refusals || relay->bell != NULL;
}

/* A rule has come that wants to hear of attempts, or the server is back. */
static void be_there_again(struct absence *absence)
{
    absence->back = true;
    relay_refuse(absence->relay, false);
}

static void try_later(struct absence *absence)
{
    hang_up(absence);
    timer_set(absence_timers(absence), &absence->timer, timers_now(absence_timers(absence)) + absence->pause);
    absence->pause = absence->pause * 2 < PAUSE_LAST ? absence->pause * 2 : PAUSE_LAST;
}

static void absence_ready(struct polled *polled, unsigned says)
{
    struct absence *absence = (struct absence *)((char *)polled - offsetof(struct absence, polled));

    if (absence->back && (says & (POLLER_ENDING | POLLER_ERROR)) != 0) {
        absence_free(absence); /* the server did not wait for a client */
    } else if (!absence->back && (says & POLLER_ERROR) != 0) {
        try_later(absence);
    } else if (!absence->back && (says & POLLER_WRITE) != 0) {
        be_there_again(absence);
    }
}

static void look(struct timer *timer)
{
    struct absence *absence = (struct absence *)((char *)timer - offsetof(struct absence, timer));
    struct relay *relay = absence->relay;

    if (!may_refuse(relay)) {
        be_there_again(absence);
        absence_free(absence);
        return;
    }
    absence->fd = socket_new(relay->server.ss_family);
    if (absence->fd < 0 || socket_prepare(absence->fd, relay->server.ss_family, relay->spec->window, relay->spec->segments) < 0
        || (connect(absence->fd, (const struct sockaddr *)&relay->server, relay->server_length) < 0 && errno != EINPROGRESS)
        || poller_add(relay->worker->poller, absence->fd, &absence->polled) < 0) {
        try_later(absence);
    }
}

void absence_begin(struct relay *relay, int error)
{
    struct absence *absence = relay->absence;

    if (error != ECONNREFUSED || !may_refuse(relay) || relay_holds_syns(relay) || relay->removed
        || relay->server_length == 0 || relay->server.ss_family == AF_UNIX || relay->address.ss_family == AF_UNIX) {
        return;
    }
    if (absence != NULL && !absence->back) {
        return;
    }
    if (absence != NULL) {
        absence_free(absence);
    }
    absence = calloc(1, sizeof(*absence));
    if (absence == NULL) {
        abort();
    }
    *absence = (struct absence){
        .relay = relay, .polled = {.ready = absence_ready}, .fd = -1, .timer = {.fire = look}, .pause = PAUSE_FIRST};
    relay->absence = absence;
    relay_refuse(relay, true);
    try_later(absence);
}

int absence_take(struct relay *relay)
{
    struct absence *absence = relay->absence;
    int fd;

    if (absence == NULL || !absence->back || absence->fd < 0) {
        return -1;
    }
    fd = absence->fd;
    poller_remove(relay->worker->poller, fd, &absence->polled);
    absence->fd = -1;
    absence_free(absence);
    return fd;
}

void absence_end(struct relay *relay)
{
    if (relay->absence != NULL) {
        absence_free(relay->absence);
    }
}
