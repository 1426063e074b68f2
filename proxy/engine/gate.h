/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A gate: the place of one rule in one flow of a link. It looks at what passes for the watches of its instance, stops at the very byte at
 * which one is hit, and lets the instance act there before the rest goes on. Behind it in the chain stand the faults of the same rule,
 * then the next rule's gate (S6). For `is about to send` it keeps back what may be the beginning of a match.
 */
#ifndef HANGUP_ENGINE_GATE_H
#define HANGUP_ENGINE_GATE_H

#include "relay/filter.h"
#include "relay/queue.h"
#include "rules/vocab.h"

struct instance;

struct gate {
    struct filter filter; /* not in a chain: the rule has nothing to do in this flow */
    struct instance *instance;
    enum side speaker;
    struct filter *tail; /* the last filter of this rule: what it sends itself goes behind */
    struct queue held;   /* bytes that may begin a match; always the last that came */
    uint64_t heard_at;   /* ns: when the last byte came */
};

void gate_init(struct gate *gate, struct instance *instance, enum side speaker);
void gate_release(struct gate *gate);

/* Makes sure that it stands in the chain, in its rule's place. */
void gate_open(struct gate *gate);

/* Takes it out if nothing needs it: no watch, no fault, nothing held. Not from within a call of its filter. */
void gate_tidy(struct gate *gate);

/* Puts a filter of this rule at its end, takes one out. */
void gate_add(struct gate *gate, struct filter *filter);
void gate_remove(struct gate *gate, struct filter *filter);

/* Lets go of what no watch needs any more. */
void gate_let_go(struct gate *gate);

#endif
