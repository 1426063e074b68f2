/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers against a monotonic clock in nanoseconds. One heap serves a worker; whoever drives it (a worker's event loop, or a test with a
 * clock of its own) calls timers_run() and sleeps until the time that it returns. Not for wall-clock time. Used by everything that waits.
 */
#ifndef HANGUP_RELAY_TIMERS_H
#define HANGUP_RELAY_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
#define TIME_NEVER UINT64_MAX

/* Where the time comes from: CLOCK_MONOTONIC, or a test's own. */
struct clock {
    uint64_t (*now)(const struct clock *clock); /* ns */
};

extern const struct clock clock_monotonic;

/* Embedded in its owner, zeroed before first use. It may be set, moved, cancelled and freed (once cancelled) from anywhere, its own
 * callback too. */
struct timer {
    uint64_t at; /* ns */
    uint64_t order; /* timers due at the same time fire in the order in which they were set */
    size_t slot; /* place in the heap, from 1; 0: not set */
    void (*fire)(struct timer *timer);
};

struct timers {
    const struct clock *clock;
    struct timer **heap; /* heap[1 … count] */
    size_t count, capacity;
    uint64_t next_order;
    void (*sooner)(struct timers *timers); /* told when the earliest time becomes earlier outside of timers_run(); may be NULL */
    bool running;
};

void timers_init(struct timers *timers, const struct clock *clock);
void timers_release(struct timers *timers);

uint64_t timers_now(const struct timers *timers);
void timer_set(struct timers *timers, struct timer *timer, uint64_t at);
void timer_cancel(struct timers *timers, struct timer *timer); /* fine if not set */
bool timer_is_set(const struct timer *timer);

/* Fires all that is due at the time of the call, and no later ones, so that a very short period leaves time for all else. Returns when
 * the next one is due (maybe now), TIME_NEVER if none is set. */
uint64_t timers_run(struct timers *timers);

/* When the earliest is due, TIME_NEVER if none is set. */
uint64_t timers_next(const struct timers *timers);

#endif
