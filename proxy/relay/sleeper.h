/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a worker waits for what comes next: sockets that become ready, and its earliest timer. A wake-up costs its time, some tens of
 * microseconds; so it is woken as much earlier as it was late lately, and stays awake for the rest. What is to be waited for is worker.c's.
 */
#ifndef HANGUP_RELAY_SLEEPER_H
#define HANGUP_RELAY_SLEEPER_H

#include <stdbool.h>
#include <stdint.h>

struct poller;
struct timers;

/* Zeroed: sleeps whenever it waits. */
struct sleeper {
    uint64_t busy_wait; /* ns: so long it waits awake before it sleeps, if that is worth it, and before a timer is due; 0: never */
    bool lively;        /* what it waited for last came soon: it is worth it */
    uint64_t lateness;  /* ns: how late it was woken, smoothed */
};

/* Waits until it is due (by the timers' clock; TIME_NEVER), or until a socket was ready, and has that reported. */
void sleeper_wait(struct sleeper *sleeper, struct poller *poller, const struct timers *timers, uint64_t due);

#endif
