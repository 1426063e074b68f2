/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A crew: the workers of a run. The first one runs on the thread that runs the crew; it alone listens, numbers the connections and has the
 * rules choose them, and hands each link to a worker in turn, so that what is counted over all links stays exact. The others run on threads
 * of their own and get their links by their inboxes. A crew of one is a worker like any other. Made by the session.
 */
#ifndef HANGUP_RELAY_CREW_H
#define HANGUP_RELAY_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct clock;
struct worker;

#define CREW_MOST 256

struct crew {
    struct worker **workers; /* the first one is the home of relays, judge and commands */
    pthread_t *threads;      /* of all but the first */
    size_t count;
    size_t last;             /* who has got a link last; the first one, which has more to do, begins with none */
    size_t running;          /* threads that were started */
    atomic_size_t arriving;  /* links that were handed over and are not taken yet */
};

/* NULL and errno. `buffer_limit`: bytes that a flow may keep because of rules. */
struct crew *crew_new(size_t count, const struct clock *clock, size_t buffer_limit);

/* Starts the threads of all but the first. False and errno: none of them runs. */
bool crew_start(struct crew *crew);

/* Has the threads end, and waits for that: from then on all of the crew belongs to the caller's thread, links and what is in the inboxes
 * too. Fine where none was started. */
void crew_stop(struct crew *crew);

void crew_free(struct crew *crew); /* NULL is fine */

/* The worker that gets the next link. */
struct worker *crew_choose(struct crew *crew);

/* Open ones of all workers, and those that are on their way to one. */
size_t crew_link_count(const struct crew *crew);

#endif
