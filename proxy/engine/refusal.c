/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that refuse, at work on relays.
 */
#include "engine/refusal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/engine.h"
#include "relay/relay.h"

/* One rule's refusal at one relay. */
struct refusal {
    struct refusal *next;
    struct engine *engine;
    struct rule_state *state; /* in force */
    const struct rule *rule;  /* its */
    struct fault *fault;
    struct timer time; /* of `refuse for DURATION` */
};

/* What is about the server's SYN is about one link's server. */
static bool may_be_on_relay(const struct fault_kind *kind, const struct phrase *effect)
{
    const struct value *what = phrase_value(effect, SLOT_WHAT);

    return kind->place == FAULT_ON_RELAY || (kind->place == FAULT_ON_ATTEMPT && what != NULL && what->flow.sides != SIDES_SERVER);
}

static const struct step *find_step(const struct engine *engine, const struct rule *rule)
{
    for (size_t i = 0; i < rule->step_count; i++) {
        const struct step *step = &rule->steps[i];

        if (step->kind == STEP_ACTION && may_be_on_relay(engine->kind_of(step->action.effect.row), &step->action.effect)) {
            return step;
        }
    }
    return NULL;
}

bool refusal_is_rule(const struct engine *engine, const struct rule *rule)
{
    return find_step(engine, rule) != NULL;
}

/* All connections alike, and nothing is to be seen of any. */
static bool is_of_all(const struct rule *rule, const struct step *step)
{
    for (size_t i = 0; i < rule->selector_count; i++) {
        if (rule->selectors[i].phrase.row->id != SELECT_RELAY) {
            return false;
        }
    }
    for (size_t i = 0; i < rule->step_count; i++) {
        if (rule->steps[i].kind == STEP_EXPECTATION) {
            return false;
        }
    }
    return phrase_value(&step->action.effect, SLOT_ERRNO) == NULL && phrase_value(&step->action.effect, SLOT_WHAT) == NULL;
}

bool refusal_is_at(const struct rule_state *state, const struct relay *relay)
{
    const struct step *step = find_step(state->engine, state->rule);

    return step != NULL && (!relay_holds_syns(relay) || is_of_all(state->rule, step));
}

/* Such a rule may choose by relay only. */
static bool concerns(const struct rule_state *state, const struct relay *relay)
{
    const struct rule *rule = state->rule;

    if (!refusal_is_at(state, relay)) {
        return false;
    }

    if (state->scope.link != 0 || (state->scope.relay != NULL && strcmp(state->scope.relay, relay->spec->name) != 0)) {
        return false;
    }
    for (size_t i = 0; i < rule->selector_count; i++) {
        const struct selector *selector = &rule->selectors[i];

        if (selector->phrase.row->id != SELECT_RELAY) {
            continue;
        }
        if ((strcmp(selector->phrase.values[0].name, relay->spec->name) == 0) == selector->negated) {
            return false;
        }
    }
    return true;
}

static void tell(const struct refusal *refusal, enum notice_kind kind)
{
    struct engine *engine = refusal->engine;

    worker_tell(engine->worker, &(struct notice){.kind = kind, .relay = refusal->fault->relay, .rule = refusal->rule,
        .step = kind == NOTICE_RULE_FIRED ? NULL : find_step(engine, refusal->rule), .firing = 1, .bytes = 1,
        .at = timers_now(&engine->worker->timers)});
}

static void refusal_free(struct refusal *refusal)
{
    struct refusal **place = &refusal->engine->refusals;

    while (*place != refusal) {
        place = &(*place)->next;
    }
    *place = refusal->next;
    timer_cancel(&refusal->engine->worker->timers, &refusal->time);
    if (refusal->fault->kind->stop != NULL) {
        refusal->fault->kind->stop(refusal->fault);
    }
    tell(refusal, NOTICE_ACTION_ENDED);
    fault_free(refusal->fault);
    free(refusal);
}

static void time_is_up(struct timer *timer)
{
    refusal_free((struct refusal *)((char *)timer - offsetof(struct refusal, time)));
}

static void refuse_at(struct rule_state *state, struct relay *relay)
{
    struct engine *engine = state->engine;
    const struct rule *rule = state->rule;
    struct timers *timers = &engine->worker->timers;
    const struct action *action = &find_step(engine, rule)->action;
    const struct fault_kind *kind = engine->kind_of(action->effect.row);
    struct refusal *refusal = calloc(1, sizeof(*refusal));

    if (refusal == NULL) {
        abort();
    }
    *refusal = (struct refusal){.next = engine->refusals, .engine = engine, .state = state, .rule = rule, .time = {.fire = time_is_up}};
    refusal->fault = fault_new_for_relay(kind, &action->effect, relay);
    engine->refusals = refusal;
    state->firings++;
    tell(refusal, NOTICE_RULE_FIRED);
    tell(refusal, NOTICE_ACTION_STARTED);
    kind->start(refusal->fault);
    tell(refusal, NOTICE_ACTION_HAPPENED);
    if (action->has_time) {
        uint64_t key = draw_key_text(draw_key_text(draw_key(engine->seed), relay->spec->name), rule->name);

        timer_set(timers, &refusal->time, timers_now(timers) + draw_range(key, 0, &action->time, 0));
    }
}

void refusal_start(struct rule_state *state)
{
    for (struct relay *relay = state->engine->worker->relays; relay != NULL; relay = relay->next) {
        if (concerns(state, relay)) {
            refuse_at(state, relay);
        }
    }
}

void refusal_end(struct rule_state *state)
{
    struct refusal *refusal = state->engine->refusals;

    while (refusal != NULL) {
        struct refusal *next = refusal->next;

        if (refusal->state == state) {
            refusal_free(refusal);
        }
        refusal = next;
    }
}

void refusal_relay_opened(struct engine *engine, unsigned index)
{
    struct relay *relay = engine->worker->relays;

    while (relay != NULL && relay->index != index) {
        relay = relay->next;
    }
    for (size_t i = 0; relay != NULL && i < engine->state_count; i++) {
        struct rule_state *state = engine->states[i];

        if (state->on_relays && rule_is_in_force(state) && concerns(state, relay)) {
            refuse_at(state, relay);
        }
    }
}

void refusal_relay_removed(struct engine *engine, unsigned index)
{
    struct refusal *refusal = engine->refusals;

    while (refusal != NULL) {
        struct refusal *next = refusal->next;

        if (refusal->fault->relay->index == index) {
            refusal_free(refusal);
        }
        refusal = next;
    }
}

static bool lasts_until(const struct refusal *refusal, const char *name)
{
    const struct event *until = find_step(refusal->engine, refusal->rule)->action.until;

    return until != NULL && until->deed.row->id == DEED_SIGNAL && strcasecmp(until->deed.values[0].name, name) == 0;
}

void refusal_signal(struct engine *engine, const char *name)
{
    struct refusal *refusal = engine->refusals;

    while (refusal != NULL) {
        struct refusal *next = refusal->next;

        if (lasts_until(refusal, name)) {
            refusal_free(refusal);
        }
        refusal = next;
    }
}

void refusal_end_all(struct engine *engine)
{
    while (engine->refusals != NULL) {
        refusal_free(engine->refusals);
    }
}
