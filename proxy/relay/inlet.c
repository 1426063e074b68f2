/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hears segments, hands them from hook to hook, and sends on what comes out behind the last.
 */
#include "relay/inlet.h"

#include <stdlib.h>

#include "relay/end.h"
#include "relay/link.h"
#include "relay/worker.h"
#include "rules/memory.h"

#define SEGMENTS_A_TURN 64
#define HELD_MOST ((size_t)32 * 1024 * 1024) /* bytes */

struct inlet {
    struct polled polled;
    struct end *end;
    struct detour *detour; /* NULL: no connected socket, or it is not allowed */
    struct loss loss;      /* keeps our TCP from taking them itself */
    struct inlet_hook *hooks;
    size_t held;           /* bytes of memory: segments that hooks have */
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
    if (inlet->detour != NULL) {
        detour_send(inlet->detour, segment);
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
    struct segment *segment = inlet->detour != NULL ? detour_hear(inlet->detour) : NULL;

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

void inlet_open(struct end *end)
{
    struct inlet *inlet = end->inlet;
    struct poller *poller = end->link->worker->poller;

    if (inlet == NULL || inlet->detour != NULL || end->state != END_OPEN || !end->stream.tcp) {
        return;
    }
    inlet->detour = detour_open(end->stream.fd);
    if (inlet->detour != NULL && poller_add_level(poller, detour_fd(inlet->detour), &inlet->polled) < 0) {
        detour_close(inlet->detour);
        inlet->detour = NULL;
    }
    if (inlet->detour != NULL) {
        end_lose(end, &inlet->loss);
    }
}

static void close_detour(struct inlet *inlet)
{
    if (inlet->detour != NULL) {
        poller_remove(inlet->end->link->worker->poller, detour_fd(inlet->detour), &inlet->polled);
        detour_close(inlet->detour);
        inlet->detour = NULL;
    }
}

void inlet_shut(struct end *end)
{
    if (end->inlet != NULL) {
        close_detour(end->inlet);
    }
}

static void hear_some(struct inlet *inlet)
{
    for (int count = 0; count < SEGMENTS_A_TURN && hear_one(inlet); count++) {
    }
}

static void inlet_ready(struct polled *polled, unsigned says)
{
    (void)says;
    hear_some((struct inlet *)((char *)polled - offsetof(struct inlet, polled)));
}

/* First what is there, in order; and what came before our TCP took them itself again. */
static void go_straight_again(struct inlet *inlet)
{
    hear_some(inlet);
    end_lose_no_more(inlet->end, &inlet->loss);
    if (inlet->detour != NULL) {
        detour_stop(inlet->detour);
    }
    while (hear_one(inlet)) {
    }
    close_detour(inlet);
}

static struct inlet *inlet_new(struct end *end)
{
    struct inlet *inlet = xmalloc(sizeof(*inlet));

    *inlet = (struct inlet){.polled = {.ready = inlet_ready}, .end = end, .loss = {.what = LOSS_AFAR}};
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
