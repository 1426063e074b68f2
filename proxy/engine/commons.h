/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commons: what the engines of all workers have in common of each rule. One block a rule: counts that any thread may read and raise,
 * and the memory that its faults share, behind a lock. Everything else of a rule belongs to one worker (rule_state.h). Made by whoever
 * makes the engines.
 */
#ifndef HANGUP_ENGINE_COMMONS_H
#define HANGUP_ENGINE_COMMONS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct rule;
struct shared;

struct common {
    struct common *next; /* in its bucket */
    const struct rule *rule;
    size_t users;                 /* rule states of it, on all workers */
    _Atomic uint64_t chosen;      /* links so far, for `in turn` */
    pthread_mutex_t lock;         /* of the memory */
    struct shared *shared;        /* fault_shared()'s */
};

#define COMMONS_BUCKETS 1024

struct commons {
    pthread_mutex_t lock; /* of the lists, and of users */
    struct common *buckets[COMMONS_BUCKETS]; /* by rule */
};

void commons_init(struct commons *commons);
void commons_release(struct commons *commons); /* when no engine uses it any more */

/* The rule's block, made for the first who asks; each who asks is a user. */
struct common *commons_use(struct commons *commons, const struct rule *rule);
void commons_drop(struct commons *commons, struct common *common);

/* Memory for the faults of one action at one relay and in one speaker's flow, zeroed for the first who asks. The size must always be the
 * same for the same action. Whoever reads or writes it holds common->lock. */
void *common_memory(struct common *common, const struct fault *fault, size_t size);

#endif
