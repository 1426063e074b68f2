/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine: a rule set at work on a worker. It is the worker's last observer: when a link opens it decides which rules chose it and
 * makes their instances; what the relay tells it hands to those that wait for it; signals and windows come through here. It knows faults
 * only by the function that finds a kind.
 */
#ifndef HANGUP_ENGINE_ENGINE_H
#define HANGUP_ENGINE_ENGINE_H

#include "engine/commons.h"
#include "engine/draw.h"
#include "engine/fault.h"
#include "engine/instance.h"
#include "engine/roster.h"
#include "engine/rule_state.h"
#include "relay/notice.h"
#include "relay/worker.h"

struct crowd;
struct crowd_link;
struct peers;
struct refusal;
struct sieve;

/* The rules at work on one link. */
struct engine_link {
    struct link *link;
    struct timer tidy;
    bool tls_is_told; /* an instance that looks into TLS tells the notices about it; one is enough */
    enum tcp_state state[2]; /* by side: the last state of the application's socket that watches were shown; 0: none */
    bool reset[2]; /* by side: an RST came from it or went to it; what runs on its way to it is over, at the next tidying */
    struct instance *first; /* in the order of the rules */
    struct crowd_link *crowd; /* those that are no instances yet; NULL: there are none */
    bool filling;           /* they are armed for the first time, one after the other: no gate stands behind the one that comes */
};

struct engine {
    struct observer observer;
    struct chooser chooser; /* of links that go to other workers */
    struct worker *worker;
    struct commons *commons;
    const struct peers *peers; /* this one among them; NULL: there is one worker. Set before the threads start */
    uint64_t seed;
    const struct fault_kind *(*kind_of)(const struct row *row);
    struct rule_state **states; /* of the rules in force, in the order of S6 */
    size_t state_count;
    struct crowd *crowd;      /* of these: those that wait together; NULL: there are too few */
    struct sieve *sieve;      /* of the others: finds those that may choose a link */
    bool started;             /* the first ones are in force: what comes now is counted from now */
    struct refusal *refusals; /* refuse: at work on relays, not on links */
    bool follows_clients;     /* some rule waits for `reconnects` or `connects to relay` */
};

/*
 * The engine becomes an observer of the worker: it must be the last, so that what happens is told before what rules do about it. `kind_of`
 * finds the kind of fault of an effect's row. `commons` is what the engines of all workers have together.
 */
struct engine *engine_new(
    struct worker *worker, struct commons *commons, uint64_t seed, const struct fault_kind *(*kind_of)(const struct row *row));

/* Puts the rules of a rule set in force, when all other observers listen and its relays are open. */
void engine_start(struct engine *engine, const struct ruleset *rules);

/*
 * From now on these rules are in force, and no others. Whose pointer was there before goes on as if nothing had happened: its counts, its
 * window, what it runs on links. What is no longer there is lifted: its faults end as if their time were up. What is new comes into force
 * on open links too, as if its window opened now: without an event it strikes them.
 */
void engine_change(struct engine *engine, const struct roster *roster);

void engine_free(struct engine *engine); /* when the worker's links are gone */

/* Lets so many bytes more of a flow pass what holds it up, now or when they come. Returns how many faults hold it: 0: none does. */
unsigned engine_step(struct link *link, enum side speaker, uint64_t bytes);

/* Somebody gave the signal of that name: all workers hear of it. */
void engine_signal(struct engine *engine, const char *name);

/* For peers.c: a signal, for this worker; a client has come to that relay, by this link if it is on this worker. */
void engine_take_signal(struct engine *engine, const char *name);
void engine_client_came(
    struct engine *engine, const struct sockaddr_storage *client, const struct relay *relay, const struct link *opened);

/* Does something for each instance of a rule on the open links. */
void engine_each_instance(struct engine *engine, const struct rule_state *state, void (*act)(struct instance *instance));

/* The instance joins the others of its link, in its rule's place. */
void engine_link_add(struct engine_link *rules, struct instance *instance);

/* Makes instances of these on a link that has none, and arms those that are in force. */
void engine_link_fill(struct engine_link *rules, struct rule_state *const *states, size_t count);

/* The rules at work on a link that had none. */
struct engine_link *engine_link_new(struct link *link);

void engine_tidy_later(struct engine_link *rules); /* frees what is over, soon and from outside of all calls */

#endif
