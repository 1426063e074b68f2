/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker: one thread's event loop with the links, relays and timers that belong to it, and nothing shared with any other. It owns what
 * every link needs for a moment only (the buffer that is read into), and it frees and closes at the end of a turn what callbacks have
 * given up.
 */
#ifndef HANGUP_RELAY_WORKER_H
#define HANGUP_RELAY_WORKER_H

#include <stdatomic.h>

#include "kernel/pipes.h"
#include "kernel/poller.h"
#include "relay/inbox.h"
#include "relay/notice.h"
#include "relay/sleeper.h"
#include "relay/timers.h"

struct callers;
struct courier;
struct crew;
struct event_base;
struct evdns_base;
struct inlets;

/* Which flows are moved by splice(2), of those that no rule looks into. */
enum splicing {
    SPLICING_AUTO,   /* those that are worth it, as long as they are */
    SPLICING_NEVER,
    SPLICING_ALWAYS, /* from the first byte on */
};

/* The memory of so many links is worth giving back to the system when all are gone. */
#define WORKER_CROWD 256

#define WORKER_SCRATCH ((size_t)64 * 1024)

/* Who says which rules a link has that opens on the first worker and goes to another: engine/. */
struct chooser {
    void (*choose)(struct chooser *chooser, struct link *link);
};

struct worker {
    struct crew *crew;       /* the workers of this run; NULL: it is alone */
    struct courier *courier; /* takes what is told here to the first worker; NULL: this is it */
    struct chooser *chooser; /* or NULL */
    struct poller *poller;
    struct inbox inbox;      /* what other threads want done here */
    struct polled mail;      /* for the inbox */
    struct timers timers;
    struct timer adult;      /* when the next links are no longer young */
    struct event_base *base; /* libevent's, for its resolver: made when the first name has to be resolved */
    struct evdns_base *dns;
    size_t lookups;          /* names that are being resolved: only then `base` turns */
    bool mirrors_refusals;   /* its relays refuse while their servers do: there are no rules that want to hear of attempts */
    bool holds_syns;         /* its relays do, where it is allowed: set before they are opened, */
    struct callers *callers; /* or this: those on loopback ignore SYNs until their servers have answered; or NULL */
    struct relay *relays;    /* all that it listens for */
    struct relay *removed;   /* those that listen no more, while connections of them are open */
    struct link *links;      /* open ones, the newest first */
    struct link *finished;   /* freed at the end of the turn */
    struct link *again;      /* links that have more to do in this turn */
    struct pipes pipes;      /* for the flows that are spliced */
    struct inlets *inlets;   /* what those of its ends' inlets share, from the first one on */
    enum splicing splicing;
    atomic_size_t link_count; /* open ones; other threads read it */
    bool crowded;            /* had many at a time, and has kept the memory of those that are gone */
    size_t link_limit;       /* as many as there are descriptors for */
    struct observers observers;
    uint64_t started_at;     /* ns: when the rules were loaded */
    size_t buffer_limit;     /* bytes that a flow may keep */
    struct sleeper sleeper;
    int *closing;            /* descriptors to be closed at the end of the turn: a number must not be used again within it */
    size_t closing_count, closing_capacity;
    bool stopping;           /* worker_run() returns at the end of the turn */
    uint8_t scratch[WORKER_SCRATCH];
};

struct worker *worker_new(const struct clock *clock, size_t buffer_limit); /* NULL and errno */
void worker_free(struct worker *worker); /* resets nothing: open links are closed as a process that exits closes them */

/* Adds an observer behind those that are there. It must outlive the worker's links. */
void worker_observe(struct worker *worker, struct observer *observer);
void worker_tell(struct worker *worker, const struct notice *notice);

/* Turns until worker_stop(). */
void worker_run(struct worker *worker);
void worker_stop(struct worker *worker);

/* Does what is left over from the calls before: again-links, frees, closes. A turn ends with it; unit tests call it themselves. */
void worker_end_turn(struct worker *worker);

/* A link is young: it is told by link_is_grown() when it no longer is. Until then it costs the kernel no timer. */
void worker_has_young(struct worker *worker);

/* Whether one more link may be opened: each takes two descriptors, and those that are waiting for a server must get theirs. */
bool worker_has_descriptors(struct worker *worker);

/* So many descriptors are somebody else's. */
void worker_keep_descriptors(struct worker *worker, size_t count);

void worker_close_later(struct worker *worker, int fd);

#endif
