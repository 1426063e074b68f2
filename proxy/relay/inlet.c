/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hears segments, hands them from hook to hook, and sends on what comes out behind the last. What an inlet hears comes with what others of
 * its worker hear: each is handed to its hooks from the worker's loop, or from the inlet's own end, and never from another link's.
 */
#include "relay/inlet.h"

#include <stdlib.h>

#include "relay/end.h"
#include "relay/link.h"
#include "relay/worker.h"
#include "rules/memory.h"

#define SEGMENTS_A_TURN 64
#define HELD_MOST ((size_t)32 * 1024 * 1024) /* bytes */

/* Whoever goes straight again listens to all that has come before, whose it may be: that is bounded by the raw socket's memory, and the
 * loop by this. */
#define SEGMENTS_AT_THE_END 65536

struct inlet {
    struct end *end;
    struct detour detour;  /* has begun, while there is a connected socket and it is allowed, */
    struct gateway *gateway; /* in one of this one's */
    struct loss loss;      /* keeps our TCP from taking them itself */
    struct inlet_hook *hooks;
    size_t held;           /* bytes of memory: segments that hooks have */
};

/* Detours that share a socket, and the poller's look at it. */
struct gateway {
    struct polled polled;
    struct gateway *next;
    struct worker *worker;
    int family;
    struct detours *detours; /* NULL: there are none now */
};

struct inlets {
    struct gateway *gateways; /* most often one */
    struct timer timer;       /* some have heard something while one went straight again */
};

static size_t memory_of(const struct segment *segment)
{
    return sizeof(*segment) + segment->length;
}

static void free_segment(struct inlet *inlet, struct segment *segment)
{
    inlet->held -= memory_of(segment);
    free(segment);
}

static void hand_to(struct inlet *inlet, struct inlet_hook *hook, struct segment *segment)
{
    if (hook != NULL) {
        hook->segment(hook, segment);
        return;
    }
    if (inlet->detour.among != NULL) {
        detour_send(&inlet->detour, segment);
    }
    free_segment(inlet, segment);
}

void inlet_pass(struct inlet_hook *hook, struct segment *segment)
{
    hand_to(hook->end->inlet, hook->next, segment);
}

void inlet_double(struct inlet_hook *hook, const struct segment *segment)
{
    struct inlet *inlet = hook->end->inlet;

    inlet->held += memory_of(segment);
    hand_to(inlet, hook->next, segment_copy(segment));
}

void inlet_drop(struct inlet_hook *hook, struct segment *segment)
{
    free_segment(hook->end->inlet, segment);
}

/* False: there is none for now. A hook may have had the end closed, and so shut the inlet. */
static bool hear_one(struct inlet *inlet)
{
    struct segment *segment = detour_hear(&inlet->detour);

    if (segment == NULL) {
        return false;
    }
    if (inlet->held >= HELD_MOST) {
        free(segment);
        return true;
    }
    inlet->held += memory_of(segment);
    hand_to(inlet, inlet->hooks, segment);
    return true;
}

/* ---- of all ---- */

static void hand_out(struct gateway *gateway)
{
    struct detour *detour;

    while (gateway->detours != NULL && (detour = detours_waiting(gateway->detours)) != NULL) {
        (void)hear_one((struct inlet *)((char *)detour - offsetof(struct inlet, detour)));
    }
}

static void gateway_ready(struct polled *polled, unsigned says)
{
    struct gateway *gateway = (struct gateway *)((char *)polled - offsetof(struct gateway, polled));

    (void)says;
    (void)detours_listen(gateway->detours, SEGMENTS_A_TURN);
    hand_out(gateway);
}

static void hand_out_later(struct timer *timer)
{
    struct inlets *inlets = (struct inlets *)((char *)timer - offsetof(struct inlets, timer));

    for (struct gateway *gateway = inlets->gateways; gateway != NULL; gateway = gateway->next) {
        hand_out(gateway);
    }
}

static struct inlets *inlets_of(struct worker *worker)
{
    if (worker->inlets == NULL) {
        worker->inlets = xmalloc(sizeof(*worker->inlets));
        *worker->inlets = (struct inlets){.timer = {.fire = hand_out_later}};
    }
    return worker->inlets;
}

void inlets_free(struct inlets *inlets)
{
    while (inlets != NULL && inlets->gateways != NULL) {
        struct gateway *gateway = inlets->gateways;

        inlets->gateways = gateway->next;
        free(gateway); /* its last detour took the socket with it */
    }
    free(inlets);
}

/* One that has room, or a new one, which has no socket yet. */
static struct gateway *gateway_find(struct worker *worker, int family)
{
    struct gateway **place = &inlets_of(worker)->gateways;

    while (*place != NULL && ((*place)->family != family || ((*place)->detours != NULL && detours_are_full((*place)->detours)))) {
        place = &(*place)->next;
    }
    if (*place == NULL) {
        *place = xmalloc(sizeof(**place));
        **place = (struct gateway){.polled = {.ready = gateway_ready}, .worker = worker, .family = family};
    }
    return *place;
}

static bool gateway_open(struct gateway *gateway)
{
    if (gateway->detours == NULL) {
        gateway->detours = detours_open(gateway->family);
        if (gateway->detours != NULL && poller_add_level(gateway->worker->poller, detours_fd(gateway->detours), &gateway->polled) < 0) {
            detours_close(gateway->detours);
            gateway->detours = NULL;
        }
    }
    return gateway->detours != NULL;
}

/* It may be the one whose look is under way: it is not freed. */
static void gateway_close_if_none(struct gateway *gateway)
{
    if (gateway->detours != NULL && detours_are_none(gateway->detours)) {
        poller_remove(gateway->worker->poller, detours_fd(gateway->detours), &gateway->polled);
        detours_close(gateway->detours);
        gateway->detours = NULL;
    }
}

/* ---- one of them ---- */

void inlet_open(struct end *end)
{
    struct inlet *inlet = end->inlet;
    struct socket_pair pair;

    if (inlet == NULL || inlet->detour.among != NULL || end->state != END_OPEN || !end->stream.tcp
        || !socket_pair_facing(end->stream.fd, &pair)) {
        return;
    }
    inlet->gateway = gateway_find(end->link->worker, pair.local.ss_family);
    if (gateway_open(inlet->gateway) && detour_begin(inlet->gateway->detours, &inlet->detour, &pair)) {
        end_lose(end, &inlet->loss);
    } else {
        gateway_close_if_none(inlet->gateway);
    }
}

static void close_detour(struct inlet *inlet)
{
    if (inlet->detour.among != NULL) {
        detour_end(&inlet->detour);
        gateway_close_if_none(inlet->gateway);
    }
}

void inlet_shut(struct end *end)
{
    if (end->inlet != NULL) {
        close_detour(end->inlet);
    }
}

/* All that has come by now: what others hear of it they get from the loop. */
static void hear_all(struct inlet *inlet)
{
    struct worker *worker = inlet->end->link->worker;

    (void)detours_listen(inlet->detour.among, SEGMENTS_AT_THE_END);
    while (hear_one(inlet)) {
    }
    if (detours_waiting(inlet->detour.among) != NULL) {
        timer_set(&worker->timers, &worker->inlets->timer, timers_now(&worker->timers));
    }
}

/* First what is there, in order; and what came before our TCP took them itself again. */
static void go_straight_again(struct inlet *inlet)
{
    if (inlet->detour.among != NULL) {
        hear_all(inlet);
    }
    end_lose_no_more(inlet->end, &inlet->loss);
    if (inlet->detour.among != NULL) {
        detour_stop(&inlet->detour);
        hear_all(inlet);
    }
    close_detour(inlet);
}

static struct inlet *inlet_new(struct end *end)
{
    struct inlet *inlet = xmalloc(sizeof(*inlet));

    *inlet = (struct inlet){.end = end, .loss = {.what = LOSS_AFAR}};
    return inlet;
}

void inlet_join(struct end *end, struct inlet_hook *hook)
{
    struct inlet_hook **place;

    if (end->inlet == NULL) {
        end->inlet = inlet_new(end);
        inlet_open(end);
    }
    place = &end->inlet->hooks;
    while (*place != NULL) {
        place = &(*place)->next;
    }
    *place = hook;
    hook->next = NULL;
    hook->end = end;
}

void inlet_leave(struct inlet_hook *hook)
{
    struct inlet *inlet;
    struct inlet_hook **place;

    if (hook->end == NULL) {
        return;
    }
    inlet = hook->end->inlet;
    place = &inlet->hooks;
    while (*place != hook) {
        place = &(*place)->next;
    }
    *place = hook->next;
    if (inlet->hooks == NULL) {
        go_straight_again(inlet);
        hook->end->inlet = NULL;
        free(inlet);
    }
    hook->end = NULL;
}
