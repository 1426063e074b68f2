/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Relays that come, change and go.
 */
#include "control/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/control.h"
#include "engine/action.h"
#include "engine/engine.h"
#include "judge/judge.h"
#include "relay/address.h"
#include "relay/layer.h"
#include "relay/link.h"
#include "relay/worker.h"
#include "rules/memory.h"
#include "tls/tls.h"

static struct relay_plan *find_plan(const struct change *change, const char *name)
{
    for (size_t i = 0; i < change->plan_count; i++) {
        if (strcmp(change->plans[i].name, name) == 0) {
            return &change->plans[i];
        }
    }
    return NULL;
}

static struct relay_plan *add_plan(struct change *change, const char *name, const struct part_relay *before, const struct part_relay *after)
{
    struct relay_plan *plan;

    change->plans = xrealloc(change->plans, (change->plan_count + 1) * sizeof(*change->plans));
    plan = &change->plans[change->plan_count++];
    *plan = (struct relay_plan){.name = xstrdup(name)};
    if (before != NULL) {
        plan->was_open = before->open;
        plan->was_enabled = plan->enabled = before->enabled;
        memcpy(plan->text, before->text, sizeof(plan->text));
    }
    if (after != NULL) {
        plan->spec = after->spec;
        plan->enabled = after->enabled;
        plan->changed = before == NULL || before->spec != after->spec;
        plan->same_address = before != NULL && (strcmp(before->spec->listen.text, after->spec->listen.text) == 0
            || strcmp(before->text, after->spec->listen.text) == 0);
    }
    return plan;
}

struct relay_plan *plan_for(struct change *change, const char *name)
{
    struct relay_plan *plan = find_plan(change, name);
    struct part *part;

    if (plan == NULL) {
        struct part_relay *relay = part_list_relay(&change->proposal, name, &part);

        plan = add_plan(change, name, relay, relay);
    }
    return plan;
}

void plan_make(struct change *change, const struct part_list *old)
{
    struct part *part;

    for (size_t i = 0; i < old->count; i++) {
        for (size_t j = 0; j < old->parts[i]->relay_count; j++) {
            struct part_relay *before = &old->parts[i]->relays[j];
            struct part_relay *after = part_list_relay(&change->proposal, before->spec->name, &part);

            if (after == NULL || after->spec != before->spec) {
                add_plan(change, before->spec->name, before, after);
            }
        }
    }
    for (size_t i = 0; i < change->proposal.count; i++) {
        for (size_t j = 0; j < change->proposal.parts[i]->relay_count; j++) {
            struct part_relay *after = &change->proposal.parts[i]->relays[j];

            if (part_list_relay(old, after->spec->name, &part) == NULL) {
                add_plan(change, after->spec->name, NULL, after);
            }
        }
    }
}

void plan_free(struct relay_plan *plans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(plans[i].name);
        if (plans[i].kit != NULL) {
            plans[i].kit->free(plans[i].kit);
        }
    }
    free(plans);
}

/* It listens at an address that the workers do not have yet. */
static bool opens(const struct relay_plan *plan)
{
    return plan->spec != NULL && (plan->was_open ? plan->changed : plan->enabled);
}

static char *prepare(struct relay_plan *plan, struct tls *tls)
{
    const char *problem = address_resolve_here(&plan->spec->listen, &plan->address.address, &plan->address.length);
    char *line = NULL, error[1024];

    if (problem != NULL && asprintf(&line, "relay %s cannot listen on %s: %s", plan->name, plan->spec->listen.text, problem) < 0) {
        abort();
    }
    if (problem == NULL && !tls_prepare(tls, plan->spec, &plan->kit, error, sizeof(error))) {
        line = xstrdup(error);
    }
    return line;
}

char *plan_prepare(struct change *change)
{
    char *line = NULL;

    for (size_t i = 0; i < change->plan_count && line == NULL; i++) {
        if (opens(&change->plans[i])) {
            line = prepare(&change->plans[i], control_options(change->errand.control)->tls);
        }
    }
    return line;
}

/* ---- on the worker ---- */

static struct relay *relay_before(const struct relay_plan *plan, const struct worker *worker)
{
    struct relay *relay = worker->relays;

    while (relay != NULL && (relay == plan->opened || strcmp(relay->spec->name, plan->name) != 0)) {
        relay = relay->next;
    }
    return relay;
}

static bool open_relay(struct change *change, struct relay_plan *plan, struct worker *worker)
{
    struct relay *before = plan->was_open && plan->same_address ? relay_before(plan, worker) : NULL;
    char error[512];

    plan->opened = relay_open_at(worker, plan->spec, &plan->address, before, error, sizeof(error));
    if (plan->opened == NULL) {
        free(change->problem);
        change->problem = xstrdup(error);
        change->failed = true;
        return false;
    }
    relay_take_kit(plan->opened, plan->kit);
    plan->kit = NULL;
    snprintf(plan->text, sizeof(plan->text), "%s", plan->opened->text);
    return true;
}

static void close_opened(struct change *change)
{
    for (size_t i = 0; i < change->plan_count; i++) {
        if (change->plans[i].opened != NULL) {
            relay_close(change->plans[i].opened);
            change->plans[i].opened = NULL;
        }
    }
}

/* First those that may fail, and of which nothing is felt yet when they are closed again; those that take another's place last. */
static bool open_relays(struct change *change, struct worker *worker)
{
    for (int in_place = 0; in_place <= 1; in_place++) {
        for (size_t i = 0; i < change->plan_count; i++) {
            struct relay_plan *plan = &change->plans[i];

            if (!opens(plan) || (plan->was_open && plan->same_address) != in_place) {
                continue;
            }
            if (!open_relay(change, plan, worker)) {
                close_opened(change);
                return false;
            }
        }
    }
    return true;
}

/* Those too that an earlier one of that name has left behind. */
static void close_links(const char *name, struct worker *worker)
{
    struct link *next;

    for (struct link *link = worker->links; link != NULL; link = next) {
        next = link->next;
        if (strcmp(link->relay->spec->name, name) == 0) {
            link_close(link, "its relay was closed");
        }
    }
}

static void settle_relay(struct relay_plan *plan, struct worker *worker)
{
    struct relay *before = relay_before(plan, worker), *now = plan->opened != NULL ? plan->opened : before;
    bool refused_before = plan->was_open && !plan->was_enabled && plan->opened == NULL;

    if (before != NULL && (plan->spec == NULL || plan->opened != NULL)) {
        relay_remove(before);
    }
    if (plan->spec != NULL && now != NULL && plan->enabled == refused_before) {
        relay_refuse(now, !plan->enabled);
    }
}

static bool expects_something(const struct rule *rule)
{
    bool expects = false;

    for (size_t i = 0; i < rule->step_count; i++) {
        expects = expects || rule->steps[i].kind == STEP_EXPECTATION;
    }
    return expects;
}

static bool is_at_work(const struct instance *instance)
{
    bool works = instance->firing || instance->watches != NULL;

    for (const struct action_run *run = instance->runs; run != NULL; run = run->next) {
        works = works || !run->over;
    }
    return works;
}

static bool is_spent(const struct rule_state *state)
{
    bool works = expects_something(state->rule);

    for (const struct link *link = state->engine->worker->links; state->users > 1 && link != NULL; link = link->next) {
        const struct instance *instance = link->rules != NULL ? link->rules->first : NULL;

        while (instance != NULL && instance->state != state) {
            instance = instance->next;
        }
        works = works || (instance != NULL && is_at_work(instance));
    }
    return !works;
}

/* Those that are spent on all workers so far. */
static void note_spent(struct change *change, const struct station *station)
{
    const struct engine *engine = station->engine;
    const struct rule **spent = xmalloc((engine->state_count + 1) * sizeof(*spent));
    size_t count = 0;

    for (size_t i = 0; i < engine->state_count; i++) {
        bool before = station->number == 0;

        for (size_t j = 0; j < change->spent_count; j++) {
            before = before || change->spent[j] == engine->states[i]->rule;
        }
        if (before && engine->states[i]->scope.open_only && is_spent(engine->states[i])) {
            spent[count++] = engine->states[i]->rule;
        }
    }
    free(change->spent);
    change->spent = spent;
    change->spent_count = count;
}

void plan_work(struct errand *errand, struct station *station)
{
    struct change *change = (struct change *)(void *)errand;

    if (change->failed || (station->number == 0 && !open_relays(change, station->worker))) {
        return;
    }
    for (size_t i = 0; i < change->plan_count; i++) {
        if (change->plans[i].close_links) {
            close_links(change->plans[i].name, station->worker);
        }
        if (station->number == 0) {
            settle_relay(&change->plans[i], station->worker);
        }
        change->plans[i].opened = NULL;
    }
    if (station->judge != NULL) {
        judge_change(station->judge, &change->roster, timers_now(&station->worker->timers));
    }
    engine_change(station->engine, &change->roster);
    note_spent(change, station);
    if (station->number == 0) {
        control_options(errand->control)->changed(control_options(errand->control)->session, &change->roster);
    }
}

void plan_note(struct change *change)
{
    for (size_t i = 0; i < change->plan_count; i++) {
        struct relay_plan *plan = &change->plans[i];
        struct part *part;
        struct part_relay *relay = part_list_relay(&change->proposal, plan->name, &part);

        if (relay != NULL) {
            relay->enabled = plan->enabled;
            relay->open = plan->was_open || plan->enabled;
            snprintf(relay->text, sizeof(relay->text), "%s", relay->open ? plan->text : relay->spec->listen.text);
        }
    }
}
