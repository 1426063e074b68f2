/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The choice of rules for a link that goes to another worker.
 */
#include "engine/choice.h"

#include "engine/engine.h"
#include "engine/sieve.h"
#include "rules/memory.h"

struct choice *choice_make(const struct engine *engine, const struct link *link)
{
    size_t count;
    struct rule_state *const *states = sieve_find(engine->sieve, link, &count);
    struct choice *choice = xmalloc(sizeof(*choice) + count * sizeof(struct chosen));

    choice->at = timers_now(&engine->worker->timers);
    choice->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (rule_state_chooses(states[i], link, true)) {
            choice->rules[choice->count++] = (struct chosen){states[i]->rule, rule_state_turn(states[i])};
        }
    }
    return xrealloc(choice, sizeof(*choice) + choice->count * sizeof(struct chosen));
}

bool choice_has(const struct choice *choice, const struct rule *rule, size_t *at, uint64_t *turn)
{
    for (size_t i = *at; i < choice->count; i++) {
        if (choice->rules[i].rule == rule) {
            *turn = choice->rules[i].turn;
            *at = i + 1;
            return true;
        }
    }
    return false;
}
