/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A rule over all links of a worker: made, counted by its users, asked which links it chooses.
 */
#include "engine/rule_state.h"

#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "engine/look.h"
#include "engine/refusal.h"
#include "engine/window.h"
#include "relay/relay.h"
#include "rules/memory.h"

/* Connections are counted from when the rule came. Of those that it finds open none has a number. */
static void note_bases(struct rule_state *state)
{
    size_t count = 0;

    for (const struct relay *relay = state->engine->worker->relays; relay != NULL; relay = relay->next) {
        count += relay->last_number > 0;
    }
    state->bases = count > 0 ? xmalloc(count * sizeof(*state->bases)) : NULL;
    for (const struct relay *relay = state->engine->worker->relays; relay != NULL; relay = relay->next) {
        if (relay->last_number > 0) {
            state->bases[state->base_count++] = (struct rule_base){.relay = relay->index, .number = relay->last_number};
        }
    }
}

struct rule_state *rule_state_new(struct engine *engine, const struct roster_rule *rule)
{
    struct rule_state *state = xmalloc(sizeof(*state));

    *state = (struct rule_state){.engine = engine, .rule = rule->rule, .scope = scope_copy(&rule->scope), .users = 1,
        .since = engine->started ? timers_now(&engine->worker->timers) : engine->worker->started_at,
        .on_relays = refusal_is_rule(engine, rule->rule), .counts = select_counts_new(rule->rule),
        .common = commons_use(engine->commons, rule->rule)};
    if (!rule->scope.open_only) {
        note_bases(state);
    }
    ruleset_ref(rule->rule->set);
    return state;
}

struct rule_state *rule_state_use(struct rule_state *state)
{
    state->users++;
    return state;
}

void rule_state_drop(struct rule_state *state)
{
    if (--state->users > 0) {
        return;
    }
    window_free(state->window);
    select_counts_free(state->counts);
    commons_drop(state->engine->commons, state->common);
    scope_release(&state->scope);
    free(state->bases);
    ruleset_unref(state->rule->set);
    free(state);
}

bool rule_is_in_force(const struct rule_state *state)
{
    return !state->over && (state->window == NULL || state->window->open);
}

uint64_t rule_state_turn(struct rule_state *state)
{
    if (look_waits_for_hello(state->rule)) {
        return 0;
    }
    return rule_state_late_turn(state);
}

uint64_t rule_state_late_turn(struct rule_state *state)
{
    return atomic_fetch_add_explicit(&state->common->chosen, 1, memory_order_relaxed);
}

static uint64_t number_of(const struct rule_state *state, const struct link *link)
{
    for (size_t i = 0; i < state->base_count; i++) {
        if (state->bases[i].relay == link->relay->index) {
            return link->number > state->bases[i].number ? link->number - state->bases[i].number : 0;
        }
    }
    return link->number;
}

static bool is_in_scope(const struct rule_state *state, const struct link *link)
{
    const struct scope *scope = &state->scope;

    return (scope->link == 0 || scope->link == link->number)
        && (scope->relay == NULL || strcmp(scope->relay, link->relay->spec->name) == 0);
}

bool rule_state_chooses(struct rule_state *state, const struct link *link, bool opening)
{
    struct select_numbers numbers = {.of_relay = opening || state->scope.open_only ? number_of(state, link) : 0};

    if (opening && state->counts != NULL) {
        numbers.of_client = select_count_client(state->counts, link);
    }
    return !(state->on_relays && refusal_is_at(state, link->relay)) && !(opening && state->scope.open_only) && is_in_scope(state, link)
        && select_holds(state->rule, state->scope.lot, link, state->engine->seed, &numbers);
}
