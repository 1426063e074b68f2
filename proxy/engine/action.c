/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An action at work: starts its faults, ends them when its time, its event or its amount says so, and tells when it can be felt.
 */
#include "engine/action.h"

#include <stdlib.h>

#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/outlet.h"

#define ACK_PAUSE_LEAST (500 * NS_PER_US)
#define ACK_PAUSE_MOST (20 * NS_PER_MS)

static struct timers *run_timers(const struct action_run *run)
{
    return &run->instance->link->worker->timers;
}

static const struct action *run_action(const struct action_run *run)
{
    return &run->step->action;
}

static bool is_timed(const struct action_run *run)
{
    return run_action(run)->has_time || run_action(run)->until != NULL;
}

/* ---- what has happened ---- */

/* Of a timed action the clocks below hear when its time is over; of all others, when it is felt. */
static void run_tell_felt(struct action_run *run)
{
    if (!run->felt) {
        run->felt = true;
        instance_tell(run->instance, NOTICE_ACTION_HAPPENED, run->step, 0);
    }
}

void action_felt(struct action_run *run)
{
    run_tell_felt(run);
    if (!is_timed(run)) {
        instance_happened(run->instance, run->step);
    }
}

static bool is_acknowledged(const struct action_run *run)
{
    for (const struct fault *fault = run->faults; fault != NULL; fault = fault->next) {
        if (fault->kind->place == FAULT_ON_FLOW && !end_is_acknowledged(&run->instance->link->ends[side_other(fault->side)])) {
            return false;
        }
    }
    return true;
}

static void run_ask_ack(struct timer *timer)
{
    struct action_run *run = (struct action_run *)((char *)timer - offsetof(struct action_run, ack));

    if (is_acknowledged(run)) {
        run_tell_felt(run);
        instance_happened(run->instance, run->step);
        instance_tidy_later(run->instance);
        return;
    }
    run->ack_pause = run->ack_pause * 2 > ACK_PAUSE_MOST ? ACK_PAUSE_MOST : run->ack_pause * 2;
    timer_set(run_timers(run), timer, timers_now(run_timers(run)) + run->ack_pause);
}

/* ---- the end ---- */

static void run_over(struct action_run *run)
{
    run->over = true;
    timer_cancel(run_timers(run), &run->time);
    if (run->until != NULL) {
        watch_free(run->until);
        run->until = NULL;
    }
    instance_tell(run->instance, NOTICE_ACTION_ENDED, run->step, 0);
    instance_tidy_later(run->instance);
}

void action_end(struct action_run *run)
{
    bool let_go = false;

    if (run->over) {
        return;
    }
    run_over(run);
    for (struct fault *fault = run->faults; fault != NULL; fault = fault->next) {
        if (!fault->done) {
            let_go = let_go || fault->kept.bytes > 0 || fault->endings != 0;
            fault_finish(fault);
            if (fault->kind->stop != NULL) {
                fault->kind->stop(fault);
            }
        }
    }
    run->live = 0;
    if (let_go) {
        run->ack_pause = ACK_PAUSE_LEAST;
        timer_set(run_timers(run), &run->ack, timers_now(run_timers(run)) + run->ack_pause);
    } else if (is_timed(run)) {
        run_tell_felt(run);
        instance_happened(run->instance, run->step);
    }
}

static void run_time_is_up(struct timer *timer)
{
    struct action_run *run = (struct action_run *)((char *)timer - offsetof(struct action_run, time));
    struct link *link = run->instance->link;

    link_cork(link);
    action_end(run);
    instance_advance(run->instance);
    link_uncork(link);
    link_again(link);
}

void action_fault_done(struct action_run *run)
{
    if (--run->live > 0 || run->over) {
        return;
    }
    run_over(run);
    if (is_timed(run)) {
        run_tell_felt(run);
        instance_happened(run->instance, run->step);
    }
    if (!run->starting) {
        instance_advance(run->instance);
    }
}

static void run_cancel(struct action_run *run, enum fault_place place, enum side side)
{
    for (struct fault *fault = run->faults; fault != NULL; fault = fault->next) {
        if (fault->kind->place == place && fault->side == side && !fault->done) {
            if (fault->kind->stop != NULL) {
                fault->kind->stop(fault);
            }
            fault_done(fault);
        }
    }
}

void action_cancel_side(struct action_run *run, enum side side)
{
    run_cancel(run, FAULT_ON_SIDE, side);
}

void action_cancel_flow(struct action_run *run, enum side speaker)
{
    run_cancel(run, FAULT_ON_FLOW, speaker);
}

void action_settle(struct action_run *run)
{
    for (struct fault *fault = run->faults; fault != NULL; fault = fault->next) {
        fault_settle(fault);
    }
    if (timer_is_set(&run->ack) && is_acknowledged(run)) {
        run_tell_felt(run);
        instance_happened(run->instance, run->step);
    }
}

/* ---- the start ---- */

void action_time_starts(struct action_run *run)
{
    const struct action *action = run_action(run);
    struct instance *instance = run->instance;
    uint64_t key;

    if (!action->has_time || run->over || timer_is_set(&run->time)) {
        return;
    }
    key = draw_key_text(draw_key_number(instance->key, run->step->index + 1), "for");
    timer_set(run_timers(run), &run->time,
        timers_now(run_timers(run)) + draw_range(key, instance->firings, &action->time, instance->turn));
}

/* `hold fin for 30s`: from when the ending comes. */
static bool time_waits_for_ending(const struct action *action)
{
    const struct value *what = phrase_value(&action->effect, SLOT_WHAT);

    return what != NULL && what->flow.what != WHAT_DATA && what->flow.what != WHAT_SEGMENTS && what->flow.what != WHAT_ACKS
        && what->flow.what != WHAT_RECORDS && what->flow.what != WHAT_WINDOW;
}

static enum sides run_sides(const struct fault_kind *kind, const struct phrase *effect)
{
    const struct value *what = phrase_value(effect, SLOT_WHAT), *side = phrase_value(effect, SLOT_SIDE);

    if ((kind->place == FAULT_ON_FLOW || kind->place == FAULT_ON_ATTEMPT) && what != NULL) {
        return what->flow.sides;
    }
    if (side != NULL) {
        return side->side == SIDE_CLIENT ? SIDES_CLIENT : SIDES_SERVER;
    }
    return SIDES_BOTH;
}

static void run_add_fault(struct action_run *run, const struct fault_kind *kind, enum side side)
{
    struct fault *fault = fault_new(kind, run, side), **place = &run->faults;

    while (*place != NULL) {
        place = &(*place)->next;
    }
    *place = fault;
    run->live++;
    if (kind->segment != NULL) {
        inlet_join(&run->instance->link->ends[side], &fault->inlet);
    }
    if (kind->place == FAULT_ON_FLOW) {
        fault->at_outlet = kind->on_wire && run->instance->link->ends[side_other(side)].layer != NULL;
        if (fault->at_outlet) {
            outlet_join(fault);
        }
        gate_add(&run->instance->gates[side], &fault->filter);
    }
}

static void run_add_faults(struct action_run *run, const struct fault_kind *kind)
{
    enum sides sides = run_sides(kind, &run_action(run)->effect);

    if (kind->place == FAULT_ON_LINK || kind->place == FAULT_ON_RELAY) {
        run_add_fault(run, kind, SIDE_CLIENT);
        return;
    }
    if (sides != SIDES_SERVER) {
        run_add_fault(run, kind, SIDE_CLIENT);
    }
    if (sides != SIDES_CLIENT) {
        run_add_fault(run, kind, SIDE_SERVER);
    }
}

struct action_run *action_start(struct instance *instance, const struct step *step)
{
    const struct action *action = &step->action;
    const struct fault_kind *kind = instance->engine->kind_of(action->effect.row);
    struct action_run *run = calloc(1, sizeof(*run));

    if (run == NULL) {
        abort();
    }
    *run = (struct action_run){.next = instance->runs, .instance = instance, .step = step, .starting = true,
        .time = {.fire = run_time_is_up}, .ack = {.fire = run_ask_ack}};
    run->holds_up = is_timed(run) || (kind->place == FAULT_ON_FLOW && (kind->row.traits & ROW_STAYS) == 0);
    instance->runs = run;
    instance_tell(instance, NOTICE_ACTION_STARTED, step, 0);
    run_add_faults(run, kind);
    for (struct fault *fault = run->faults; fault != NULL; fault = fault->next) {
        if (kind->start != NULL && !fault->at_outlet) {
            kind->start(fault);
        }
    }
    if (!run->over && !time_waits_for_ending(action)) {
        action_time_starts(run);
    }
    if (!run->over && action->until != NULL) {
        run->until = watch_new(instance, WATCH_UNTIL, action->until->subject, &action->until->deed, step);
    }
    run->starting = false;
    return run;
}

void action_again(struct action_run *run)
{
    instance_tell(run->instance, NOTICE_ACTION_STARTED, run->step, 0);
    run->felt = false;
    for (struct fault *fault = run->faults; fault != NULL; fault = fault->next) {
        if (!fault->done && fault->kind->start != NULL) {
            fault->happened = false;
            fault->kind->start(fault);
        }
    }
}

/* ---- freeing ---- */

bool action_can_be_freed(const struct action_run *run)
{
    return run->over && !timer_is_set(&run->ack);
}

void action_free(struct action_run *run)
{
    struct action_run **place = &run->instance->runs;

    while (*place != run) {
        place = &(*place)->next;
    }
    *place = run->next;
    timer_cancel(run_timers(run), &run->time);
    timer_cancel(run_timers(run), &run->ack);
    if (run->until != NULL) {
        watch_free(run->until);
    }
    while (run->faults != NULL) {
        struct fault *fault = run->faults;

        run->faults = fault->next;
        fault_free(fault);
    }
    free(run);
}
