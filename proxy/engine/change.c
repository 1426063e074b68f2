/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing the rules while links are open: what stands as it was goes on, what is gone is lifted, what is new comes into force.
 */
#include "engine/engine.h"

#include <stdlib.h>

#include "engine/crowd.h"
#include "engine/refusal.h"
#include "engine/sieve.h"
#include "engine/window.h"
#include "rules/memory.h"

static void window_changed(struct rule_state *state, bool open)
{
    if (state->on_relays) {
        (open ? refusal_start : refusal_end)(state);
    }
    engine_each_instance(state->engine, state, open ? instance_arm_later : instance_lift);
}

static bool event_follows_clients(const struct event *event)
{
    return event != NULL && (event->deed.row->id == DEED_RECONNECTS || event->deed.row->id == DEED_CONNECTS_TO);
}

static bool rule_follows_clients(const struct rule *rule)
{
    bool follows = event_follows_clients(rule->event);

    for (size_t i = 0; i < rule->step_count; i++) {
        follows = follows || (rule->steps[i].kind == STEP_ACTION && event_follows_clients(rule->steps[i].action.until));
    }
    return follows;
}

/* ---- what is new ---- */

/* Links that are open already: the rule gets its place on them. */
static void join_links(struct rule_state *state)
{
    struct engine *engine = state->engine;

    for (struct link *link = engine->worker->links; link != NULL; link = link->next) {
        if (rule_state_chooses(state, link, false)) {
            struct engine_link *rules = link->rules != NULL ? link->rules : engine_link_new(link);

            struct instance *instance = instance_new(state, rules, rule_state_turn(state));

            engine_link_add(rules, instance);
            instance_begin(instance);
        }
    }
}

static void start_rule(struct rule_state *state)
{
    join_links(state);
    if (state->rule->window.present) {
        state->window = window_new(state, window_changed);
    } else {
        window_changed(state, true);
    }
}

/* ---- what is gone ---- */

static void end_rule(struct rule_state *state)
{
    state->over = true;
    window_free(state->window);
    state->window = NULL;
    refusal_end(state);
    engine_each_instance(state->engine, state, instance_retire);
    rule_state_drop(state);
}

/* ---- the change ---- */

/* Looks from `hint` on: most rules stand where they stood. */
static struct rule_state *take_state(struct rule_state **states, size_t count, size_t hint, const struct rule *rule)
{
    for (size_t i = 0; i < count; i++) {
        struct rule_state **place = &states[(hint + i) % count], *state = *place;

        if (state != NULL && state->rule == rule) {
            *place = NULL;
            return state;
        }
    }
    return NULL;
}

/* Those that wait in the crowd, and those that are found by the sieve. */
static void sort_rules(struct engine *engine)
{
    struct rule_state **others = xmalloc((engine->state_count + 1) * sizeof(*others));
    size_t count = 0;

    crowd_free(engine->crowd);
    engine->crowd = crowd_new(engine->states, engine->state_count);
    for (size_t i = 0; i < engine->state_count; i++) {
        if (!crowd_has(engine->crowd, engine->states[i])) {
            others[count++] = engine->states[i];
        }
    }
    sieve_free(engine->sieve);
    engine->sieve = sieve_new(others, count);
    free(others);
}

/* What is changed is each instance by itself. */
static void dissolve_crowds(const struct engine *engine)
{
    for (struct link *link = engine->worker->links; link != NULL; link = link->next) {
        if (link->rules != NULL) {
            crowd_dissolve(link->rules);
        }
    }
}

/* All of the old are in force until all of the new have their place: what they do to a link is done in the order of S6. */
void engine_change(struct engine *engine, const struct roster *roster)
{
    struct rule_state **old = engine->states, **fresh = xmalloc((roster->rule_count + 1) * sizeof(struct rule_state *));
    size_t old_count = engine->state_count, fresh_count = 0;

    dissolve_crowds(engine);
    engine->states = xmalloc((roster->rule_count + 1) * sizeof(struct rule_state *));
    engine->state_count = roster->rule_count;
    engine->follows_clients = false;
    engine->worker->mirrors_refusals = engine->worker->mirrors_refusals && roster->rule_count == 0 && roster->standing_count == 0;
    for (size_t i = 0; i < roster->rule_count; i++) {
        struct rule_state *state = take_state(old, old_count, i, roster->rules[i].rule);

        if (state == NULL) {
            state = fresh[fresh_count++] = rule_state_new(engine, &roster->rules[i]);
        }
        state->place = i;
        engine->states[i] = state;
        engine->follows_clients = engine->follows_clients || rule_follows_clients(state->rule);
    }
    sort_rules(engine);
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != NULL) {
            end_rule(old[i]);
        }
    }
    for (size_t i = 0; i < fresh_count; i++) {
        start_rule(fresh[i]);
    }
    engine->started = true;
    free(fresh);
    free(old);
}
