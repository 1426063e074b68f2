/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A rule on one worker, over all links: what it has counted, its window, the memory that its faults share. It lives as long as the rule is
 * in force, and after that as long as one of its instances is still on a link; it holds the rule set that the rule is in. So rules come and
 * go while links are open.
 */
#ifndef HANGUP_ENGINE_RULE_STATE_H
#define HANGUP_ENGINE_RULE_STATE_H

#include "engine/commons.h"
#include "engine/roster.h"
#include "engine/select.h"

struct engine;
struct window_run;

/* How many links a relay had before the rule came. */
struct rule_base {
    unsigned relay; /* its index */
    uint64_t number;
};

struct rule_state {
    struct engine *engine;
    const struct rule *rule;
    struct scope scope;
    size_t users;              /* the engine while the rule is in force, and each of its instances */
    size_t place;              /* among the engine's rules: in this order their instances stand on a link */
    uint64_t since;            /* ns: when it was loaded */
    struct common *common;     /* what all workers have of it together */
    uint64_t firings;          /* on all links */
    bool on_relays;            /* it refuses: no instances on links of relays where it is at work as a whole */
    bool over;                 /* it was taken out of force; what is left of it on links goes */
    struct window_run *window; /* NULL: always in force */
    struct select_counts *counts; /* by client; NULL: no selector needs them */
    struct rule_base *bases;
    size_t base_count;
};

/* With one user. Its window does not run yet. */
struct rule_state *rule_state_new(struct engine *engine, const struct roster_rule *rule);
struct rule_state *rule_state_use(struct rule_state *state);
void rule_state_drop(struct rule_state *state); /* frees with the last user */

bool rule_is_in_force(const struct rule_state *state);

/* Which of the links that it chose the next one is, from 0: for `in turn`. 0 of a rule that still waits for the link's `tls name`. */
uint64_t rule_state_turn(struct rule_state *state);
uint64_t rule_state_late_turn(struct rule_state *state); /* when the name is known */

/* Whether the rule chooses this link; `opening`: it opens now, and is counted. Once for each link that opens. */
bool rule_state_chooses(struct rule_state *state, const struct link *link, bool opening);

#endif
