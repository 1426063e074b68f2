/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A binary heap of timers, numbered from 1, in which each timer knows its place.
 */
#include "relay/timers.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

static uint64_t monotonic_now(const struct clock *clock)
{
    struct timespec now;

    (void)clock;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

const struct clock clock_monotonic = {.now = monotonic_now};

void timers_init(struct timers *timers, const struct clock *clock)
{
    *timers = (struct timers){.clock = clock};
}

void timers_release(struct timers *timers)
{
    free(timers->heap);
    *timers = (struct timers){.clock = timers->clock};
}

uint64_t timers_now(const struct timers *timers)
{
    return timers->clock->now(timers->clock);
}

bool timer_is_set(const struct timer *timer)
{
    return timer->slot != 0;
}

static bool before(const struct timer *a, const struct timer *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void put(struct timers *timers, size_t slot, struct timer *timer)
{
    timers->heap[slot] = timer;
    timer->slot = slot;
}

/* Moves the timer from a free slot up or down to where it belongs. */
static void settle(struct timers *timers, size_t slot, struct timer *timer)
{
    size_t child;

    while (slot > 1 && before(timer, timers->heap[slot / 2])) {
        put(timers, slot, timers->heap[slot / 2]);
        slot /= 2;
    }
    while ((child = slot * 2) <= timers->count) {
        if (child < timers->count && before(timers->heap[child + 1], timers->heap[child])) {
            child++;
        }
        if (!before(timers->heap[child], timer)) {
            break;
        }
        put(timers, slot, timers->heap[child]);
        slot = child;
    }
    put(timers, slot, timer);
}

void timer_cancel(struct timers *timers, struct timer *timer)
{
    size_t slot = timer->slot;
    struct timer *last;

    if (slot == 0) {
        return;
    }
    assert(timers->heap[slot] == timer);
    timer->slot = 0;
    last = timers->heap[timers->count--];
    if (last != timer) {
        settle(timers, slot, last);
    }
}

void timer_set(struct timers *timers, struct timer *timer, uint64_t at)
{
    assert(timer->fire != NULL);
    timer_cancel(timers, timer);
    if (timers->count + 1 >= timers->capacity) {
        timers->capacity = timers->capacity == 0 ? 64 : timers->capacity * 2;
        timers->heap = realloc(timers->heap, timers->capacity * sizeof(struct timer *));
        if (timers->heap == NULL) {
            abort();
        }
    }
    timer->at = at;
    timer->order = timers->next_order++;
    settle(timers, ++timers->count, timer);
    if (timer->slot == 1 && !timers->running && timers->sooner != NULL) {
        timers->sooner(timers);
    }
}

uint64_t timers_run(struct timers *timers)
{
    uint64_t now = timers->count > 0 ? timers_now(timers) : 0;

    timers->running = true;
    while (timers->count > 0 && timers->heap[1]->at <= now) {
        struct timer *due = timers->heap[1];

        timer_cancel(timers, due);
        due->fire(due);
    }
    timers->running = false;
    return timers_next(timers);
}

uint64_t timers_next(const struct timers *timers)
{
    return timers->count > 0 ? timers->heap[1]->at : TIME_NEVER;
}
