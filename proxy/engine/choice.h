/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A choice: which rules chose a link, and which of their links it is. Where there are several workers it is made on the first one, which
 * accepts all links and numbers them, and goes with the link to its own; so what is counted over all links is exact. Called by engine.c.
 */
#ifndef HANGUP_ENGINE_CHOICE_H
#define HANGUP_ENGINE_CHOICE_H

#include "engine/rule_state.h"

struct engine;
struct link;

struct chosen {
    const struct rule *rule;
    uint64_t turn; /* see rule_state_turn() */
};

struct choice {
    uint64_t at;   /* ns: when it was made; rules that came later find the link open */
    size_t count;
    struct chosen rules[]; /* in the order of the rules */
};

/* On the first worker, for a link that opens. */
struct choice *choice_make(const struct engine *engine, const struct link *link);

/* Whether it has this rule; `at` is where to look from, and goes on behind it: rules are asked for in their order. */
bool choice_has(const struct choice *choice, const struct rule *rule, size_t *at, uint64_t *turn);

#endif
