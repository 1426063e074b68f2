/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Awake, asleep, awake.
 */
#include "relay/sleeper.h"

#include "kernel/poller.h"
#include "relay/timers.h"

/* A sleep of less than so many busy waits was nearly one. */
#define LIVELY 4

/* It is not awake for longer than that before a timer, however late it is woken; and each time counts for so much. */
#define LATENESS_MOST (100 * NS_PER_US)
#define LATENESS_SHARE 8

/* Awake until then, or until a socket is ready. */
static bool watch(struct poller *poller, const struct timers *timers, uint64_t until)
{
    while (timers_now(timers) < until) {
        if (poller_wait(poller, 0)) {
            return true;
        }
    }
    return false;
}

static void learn(struct sleeper *sleeper, uint64_t late)
{
    late = late < LATENESS_MOST ? late : LATENESS_MOST;
    sleeper->lateness = (sleeper->lateness * (LATENESS_SHARE - 1) + late) / LATENESS_SHARE;
}

/* Asleep until shortly before it is due. */
static bool doze(struct sleeper *sleeper, struct poller *poller, const struct timers *timers, uint64_t now, uint64_t due)
{
    uint64_t early = sleeper->busy_wait > sleeper->lateness ? sleeper->busy_wait : sleeper->lateness, woken;
    bool came;

    if (due != TIME_NEVER && now + early >= due) {
        return false;
    }
    came = poller_wait(poller, due == TIME_NEVER ? POLLER_FOREVER : due - early - now);
    woken = timers_now(timers);
    sleeper->lively = came && woken < now + LIVELY * sleeper->busy_wait;
    if (!came && due != TIME_NEVER && woken >= due - early) {
        learn(sleeper, woken - (due - early));
    }
    return came;
}

void sleeper_wait(struct sleeper *sleeper, struct poller *poller, const struct timers *timers, uint64_t due)
{
    uint64_t now, soon;

    if (due == 0 || (due == TIME_NEVER && sleeper->busy_wait == 0)) {
        poller_wait(poller, due == 0 ? 0 : POLLER_FOREVER);
        return;
    }
    now = timers_now(timers);
    if (due <= now) {
        poller_wait(poller, 0);
        return;
    }
    if (sleeper->lively) {
        soon = now + sleeper->busy_wait;
        if (watch(poller, timers, due < soon ? due : soon)) {
            return;
        }
        now = timers_now(timers);
    }
    if (!doze(sleeper, poller, timers, now, due) && due != TIME_NEVER) {
        watch(poller, timers, due);
    }
}
