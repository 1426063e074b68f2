/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A relay at work: it listens at the address of its block and makes a link of each connection that it accepts, or, where SYNs are held or
 * ignored, of each attempt (attempt.h). At the descriptor limit it pauses; where a rule wants connections refused it turns attempts away,
 * or stops listening and keeps the port.
 */
#ifndef HANGUP_RELAY_RELAY_H
#define HANGUP_RELAY_RELAY_H

#include <stdatomic.h>
#include <sys/socket.h>

#include "kernel/poller.h"
#include "relay/timers.h"
#include "rules/ruleset.h"

struct absence;
struct attempts;
struct bell;
struct entrances;
struct worker;

struct relay {
    const struct relay_spec *spec; /* of a rule set that the relay holds */
    struct worker *worker;         /* that listens for it: the first one. Its links may belong to others */
    struct relay *next; /* in the worker's list */
    unsigned index;     /* its spec's, or the one's in whose place it came */
    int fd;             /* listening, or bound only while refusing */
    struct polled polled;
    bool opens_fast;    /* it takes data that comes in a SYN */
    bool listening, polling; /* whether it does; whether those that come are accepted: not while it is paused */
    struct attempts *attempts; /* NULL: it neither holds nor ignores SYNs, and whoever comes is connected before his server is asked */
    struct entrances *entrances; /* of the attempts, as long as it listens: it holds SYNs; */
    struct bell *bell;           /* or this: it ignores them, */
    unsigned let_through;        /* but while there are attempts that the kernel has to let in */
    struct sockaddr_storage address; /* as bound: with the port that the kernel chose */
    socklen_t address_length;
    char text[128];       /* the same for people */
    struct sockaddr_storage server; /* of a server that is no name */
    socklen_t server_length;        /* 0: it is a name, or no address at all (a path that is too long) */
    char server_text[128];
    _Atomic uint64_t last_number; /* of links, from 1 */
    atomic_size_t open_count;     /* links, on all workers */
    atomic_size_t busy;           /* the same, those that are closed and not freed yet, and what is still to be told of them */
    atomic_size_t users;          /* the worker, and whoever else holds it: the last one frees it */
    unsigned refusals; /* rules that want it to refuse now, and its server's absence */
    struct absence *absence; /* its server was absent, and may be so; or NULL */
    unsigned losses;   /* rules that lose all SYNs that come to it */
    bool deafened;     /* some have: what it accepts may be deaf, too */
    bool paused;       /* no descriptor was left */
    bool removed;      /* it listens no more, for good, */
    bool replaced;     /* and another one listens in its place */
    struct timer resume;
    struct layer_kit *kit; /* of its links' layers, or NULL: they have none */
};

/* Where to listen, resolved. */
struct relay_address {
    struct sockaddr_storage address;
    socklen_t length;
};

/* Binds and listens. On failure returns NULL and writes one line about it into `error`. */
struct relay *relay_open(struct worker *worker, const struct relay_spec *spec, char *error, size_t size);

/*
 * The same at an address that was resolved before, for whoever must not wait for names. `before`, or NULL: a relay of that name and that
 * address, in whose place this one comes; it is removed when this one listens, no connection is lost in between, and its numbers go on.
 */
struct relay *relay_open_at(struct worker *worker, const struct relay_spec *spec, const struct relay_address *address, struct relay *before,
    char *error, size_t size);
void relay_take_kit(struct relay *relay, struct layer_kit *kit); /* before its first link; frees it with the relay. NULL is fine */
void relay_close(struct relay *relay); /* its links must be gone */

/* Listens no more, and is told to be removed; its open links live on, and it is freed behind the last of them. */
void relay_remove(struct relay *relay);
void relay_free_removed(struct worker *worker); /* those that are without links */

/* By name; NULL: the worker has none. */
struct relay *relay_find(const struct worker *worker, const char *name);

/* No descriptor is left: accepts no more for a while, and goes on by itself. From the thread of any worker: this one's. */
void relay_pause(struct relay *relay, struct worker *worker);

/* It is not freed before it is let go of. From any thread; what may be asked of a relay that has gone meanwhile is what it was. */
void relay_hold(const struct relay *relay);
void relay_let_go(const struct relay *relay);

/* As well, and it is not told to be closed before. */
void relay_begin_work(const struct relay *relay);
void relay_end_work(const struct relay *relay);

/* Whether one more link may begin; where not, the relay pauses. */
bool relay_has_room(struct relay *relay);

/* Whether each attempt is heard, and answered, by itself. */
bool relay_holds_syns(const struct relay *relay);

/* All whose handshake is over become links now. */
void relay_accept_all(struct relay *relay);

/* Whether the SYNs of its clients are lost in front of our TCP: a connect() goes on with the first that is repeated after that, or,
 * where SYNs are ignored, with anybody's. Counted. For one that holds no SYNs; a Unix socket has none. */
void relay_lose_syns(struct relay *relay, bool lose);

/* Of one that ignores SYNs: it takes them. Counted. */
void relay_let_through(struct relay *relay, bool let);

/* Whether connections are to be refused. Counted: as many falses as trues make it accept again. */
void relay_refuse(struct relay *relay, bool refuse);

#endif
