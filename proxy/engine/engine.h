/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine: a rule set at work on a worker. It is the worker's last observer: when a link opens it decides which rules chose it and
 * makes their instances; what the relay tells it hands to those that wait for it; signals and windows come through here. It knows faults
 * only by the function that finds a kind.
 */
#ifndef HANGUP_ENGINE_ENGINE_H
#define HANGUP_ENGINE_ENGINE_H

#include "engine/draw.h"
#include "engine/fault.h"
#include "engine/instance.h"
#include "engine/select.h"
#include "relay/notice.h"
#include "relay/worker.h"

struct refusal;
struct shared;
struct window_run;

/* The rules at work on one link. */
struct engine_link {
    struct link *link;
    struct timer tidy;
    bool reset[2]; /* by side: an RST came from it or went to it; what runs on its way to it is over, at the next tidying */
    size_t count;
    struct instance instances[]; /* in the order of the rules */
};

struct engine {
    struct observer observer;
    struct worker *worker;
    struct ruleset *rules;
    uint64_t seed;
    const struct fault_kind *(*kind_of)(const struct row *row);
    struct rule_state *states;    /* by rule */
    struct select_counts *counts; /* connections of each relay and client */
    struct refusal *refusals;     /* refuse: at work on relays, not on links */
    struct shared *shared;        /* fault_shared()'s */
    bool follows_clients;         /* some rule waits for `reconnects` or `connects to relay` */
};

/* One rule on this worker, over all links. */
struct rule_state {
    struct engine *engine;
    const struct rule *rule;
    uint64_t chosen;          /* links so far, for `in turn` */
    bool on_relays;           /* it refuses: no instances */
    struct window_run *window; /* NULL: always in force */
};

/*
 * The engine becomes an observer of the worker: it must be the last, so that what happens is told before what rules do about it. `kind_of`
 * finds the kind of fault of an effect's row. Takes a reference of the rule set.
 */
struct engine *engine_new(
    struct worker *worker, struct ruleset *rules, uint64_t seed, const struct fault_kind *(*kind_of)(const struct row *row));

/* Puts the rules in force, when all other observers listen and the relays of the rule set are open. */
void engine_start(struct engine *engine);

void engine_free(struct engine *engine); /* when the worker's links are gone */

/* Somebody gave the signal of that name. */
void engine_signal(struct engine *engine, const char *name);

bool rule_is_in_force(const struct rule_state *state);

/* Does something for each instance of a rule on the open links. */
void engine_each_instance(struct engine *engine, const struct rule *rule, void (*act)(struct instance *instance));

#endif
