/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sight: one application's socket that is looked after. Two threads share it, and each field is of one of them: the worker of the link,
 * and the lookout's thread. This file knows what a look means (what has changed, when to look again); who looks and who is told is
 * lookout.c's.
 */
#ifndef HANGUP_RELAY_SIGHT_H
#define HANGUP_RELAY_SIGHT_H

#include <stdatomic.h>

#include "kernel/sockets.h"
#include "relay/lookout.h"
#include "relay/sighting.h"
#include "relay/timers.h"

struct link;
struct post;
struct relay;
struct worker;

struct sight {
    atomic_uint references; /* of the post, of the thread's list, and of each message on its way */

    /* Set when it is made, and constant. */
    struct worker *worker;
    const struct relay *relay; /* held */
    uint64_t number; /* the connection's */
    enum side side;
    struct sockaddr_storage client; /* where the connection came from */
    struct socket_pair pair;        /* as the application's socket names it */

    /* The worker's. */
    struct post *post; /* NULL: nobody is to be told any more */
    struct sight *next_of_post, *previous_of_post;
    struct link *link; /* NULL: it is closed */
    bool elsewhere;    /* it is not on this machine */

    /* The thread's, once it is followed. */
    struct side_interest interest;
    struct sight *next;      /* of all */
    struct sight *next_hash; /* of those that a dump is compared with */
    struct socket_seen glimpse; /* what the dump said, if it did */
    bool glimpsed;
    bool early;           /* its connection is not there yet: it may still come to be */
    bool asleep;          /* nothing is to be looked at before something happens */
    bool left;            /* the link is closed */
    unsigned misses;      /* looks without finding it, before it was ever found */
    uint64_t inode;       /* of the last look */
    uint64_t asked_at;    /* ns: when somebody first asked who has it */
    bool owner_known;     /* that is known, or that nobody can be known; else a walk through all processes may find it */
    uint64_t stirred_at;  /* ns: something happened on the link, or its state has changed */
    uint64_t due;         /* ns: the next look */
    struct sighting seen; /* the last; state 0: none yet */
};

enum verdict {
    SIGHT_SAME,      /* nothing to be said */
    SIGHT_CHANGED,   /* `seen` is new */
    SIGHT_GONE,      /* the same, and there will be no more: the socket is gone */
    SIGHT_ELSEWHERE, /* it is not on this machine */
    SIGHT_LEFT,      /* the link is closed, and nobody is interested in what becomes of the socket */
};

struct sight *sight_new(void); /* one reference; zeroed */
void sight_hold(struct sight *sight);
void sight_release(struct sight *sight);

/* A look, at `at`, has found the socket as `found`, or none (NULL). Asks `processes` who has it, where that is worth it. */
enum verdict sight_look(struct sight *sight, const struct socket_seen *found, const struct processes *processes, uint64_t at);

/* Something happened on its link. */
void sight_stir(struct sight *sight, uint64_t at);

/* When to look again, after a look or a stir. */
uint64_t sight_next(const struct sight *sight, uint64_t now);

#endif
