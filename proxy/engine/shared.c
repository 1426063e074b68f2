/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that the faults of one action share: a list, since there are few.
 */
#include "engine/shared.h"

#include <stdlib.h>

#include "engine/fault.h"
#include "engine/rule_state.h"

struct shared {
    struct shared *next;
    const struct phrase *phrase; /* the action's: there is one in the rule set for each */
    const struct relay *relay;
    enum side side;
    max_align_t memory[];
};

static const struct relay *relay_of(const struct fault *fault)
{
    return fault->link != NULL ? fault->link->relay : fault->relay;
}

void *shared_get(struct rule_state *state, const struct fault *fault, size_t size)
{
    struct shared *shared = state->shared;

    while (shared != NULL && (shared->phrase != fault->phrase || shared->relay != relay_of(fault) || shared->side != fault->side)) {
        shared = shared->next;
    }
    if (shared == NULL) {
        shared = calloc(1, sizeof(*shared) + size);
        if (shared == NULL) {
            abort();
        }
        *shared = (struct shared){.next = state->shared, .phrase = fault->phrase, .relay = relay_of(fault), .side = fault->side};
        state->shared = shared;
    }
    return shared->memory;
}

void shared_free_all(struct rule_state *state)
{
    while (state->shared != NULL) {
        struct shared *shared = state->shared;

        state->shared = shared->next;
        free(shared);
    }
}
