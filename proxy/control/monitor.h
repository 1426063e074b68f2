/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitor: an observer on a worker, for the control side. It counts what metrics tell, pokes the control thread when something happens
 * that somebody waits for, and keeps events for those who listen, in a bounded buffer: a reader who is slow loses events, and never holds
 * up a link. Counts are the worker's own, and read by errands; all else may be asked from the control thread.
 */
#ifndef HANGUP_CONTROL_MONITOR_H
#define HANGUP_CONTROL_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/seen.h"
#include "relay/inbox.h"
#include "relay/notice.h"
#include "trace/record.h"

#define MONITOR_DELAYS 7 /* classes of the time that bytes spend in us; see metrics.c */

/* What one relay has seen, by its name. */
struct relay_count {
    char *name;
    uint64_t opened, closed;
    uint64_t received[2], delivered[2]; /* bytes from that side, to that side */
};

/* Links by how they ended, actions by their effect. */
struct word_count {
    const char *word; /* constant, or of the vocabulary */
    size_t length;
    uint64_t count;
};

struct word_counts {
    struct word_count *list;
    size_t count;
};

struct monitor_counts {
    struct relay_count *relays; /* name NULL: of a relay that is gone */
    size_t relay_count;
    size_t *places; /* by a relay's index: its place in that list, from 1 */
    size_t place_count;
    struct word_counts endings, actions;
    uint64_t delays[MONITOR_DELAYS], delay_sum, delay_count; /* ns */
    uint64_t firings;
};

struct monitor;
struct watchers;

/* `start`: the run's beginning, ns. An observer of its worker, in front of the engine. */
struct monitor *monitor_new(uint64_t start);
void monitor_free(struct monitor *monitor); /* NULL is fine */
struct observer *monitor_observer(struct monitor *monitor);

/* Before the threads start: where pokes go. `poke->run` is called on the thread of the inbox; the next one comes after monitor_poked(). */
void monitor_report_to(struct monitor *monitor, struct inbox *inbox, struct message *poke);
void monitor_poked(struct monitor *monitor);

/* Of which kinds of notices a poke is wanted, a bit each; and whether events are. */
void monitor_want(struct monitor *monitor, uint64_t kinds, bool events);

/* On the worker's thread. */
const struct monitor_counts *monitor_counts(const struct monitor *monitor);
const struct seen_links *monitor_seen(const struct monitor *monitor);

/* An event that was kept: `line` is a line of the trace, and what it is about. */
struct monitor_event {
    uint64_t relay; /* monitor_relay() of its name */
    uint64_t link;  /* 0: of none */
    const char *line;
    size_t length;
};
uint64_t monitor_relay(const char *name);

/* Takes what was kept: calls `tell` for each; returns how many were lost since the last time. */
uint64_t monitor_take(struct monitor *monitor, void (*tell)(struct watchers *watchers, const struct monitor_event *event),
    struct watchers *watchers);

#endif
