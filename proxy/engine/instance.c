/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One rule on one link: counts its event, fires, walks down the steps, starts the clocks of expectations, and tidies up behind itself.
 */
#include "engine/instance.h"

#include <stdlib.h>
#include <string.h>

#include "engine/action.h"
#include "engine/cut.h"
#include "engine/engine.h"
#include "relay/relay.h"
#include "rules/memory.h"

/* The word of `stays ( open | silent | away )`. */
#define STAYS_SILENT 1

struct instance *instance_new(struct rule_state *state, struct engine_link *among, uint64_t turn)
{
    const struct rule *rule = state->rule;
    struct link *link = among->link;
    struct instance *instance = xmalloc(sizeof(*instance));
    uint64_t key = draw_key_text(draw_key(state->engine->seed), link->relay->spec->name);

    *instance = (struct instance){.state = rule_state_use(state), .engine = state->engine, .rule = rule, .link = link, .among = among,
        .turn = turn};
    instance->key = draw_key_number(draw_key_text(key, rule->name), link->number);
    instance->happened = calloc(rule->step_count + 1, sizeof(bool));
    instance->clock_started = calloc(rule->step_count + 1, sizeof(bool));
    if (instance->happened == NULL || instance->clock_started == NULL) {
        abort();
    }
    gate_init(&instance->gates[SIDE_CLIENT], instance, SIDE_CLIENT);
    gate_init(&instance->gates[SIDE_SERVER], instance, SIDE_SERVER);
    return instance;
}

void instance_settle(struct instance *instance)
{
    for (struct action_run *run = instance->runs; run != NULL; run = run->next) {
        action_settle(run);
    }
}

void instance_free(struct instance *instance)
{
    while (instance->runs != NULL) {
        action_free(instance->runs);
    }
    while (instance->watches != NULL) {
        watch_free(instance->watches);
    }
    cut_free_all(instance);
    gate_release(&instance->gates[SIDE_CLIENT]);
    gate_release(&instance->gates[SIDE_SERVER]);
    look_free(instance->look);
    free(instance->happened);
    free(instance->clock_started);
    rule_state_drop(instance->state);
    free(instance);
}

void instance_tell(struct instance *instance, enum notice_kind kind, const struct step *step, uint64_t bytes)
{
    link_tell(instance->link,
        (struct notice){.kind = kind, .rule = instance->rule, .step = step, .bytes = bytes, .firing = instance->firings});
}

void instance_tell_deed(struct instance *instance, enum notice_kind kind, const struct step *step, const char *text)
{
    link_tell(instance->link,
        (struct notice){.kind = kind, .rule = instance->rule, .step = step, .text = text, .firing = instance->firings});
}

/* ---- clocks ---- */

static void start_clocks(struct instance *instance)
{
    const struct rule *rule = instance->rule;

    for (size_t i = 0; i < instance->step && i < rule->step_count; i++) {
        if (rule->steps[i].kind == STEP_EXPECTATION) {
            if (!instance->clock_started[i]) {
                instance->clock_started[i] = true;
                instance_tell(instance, NOTICE_EXPECTED, &rule->steps[i], 0);
            }
        } else if (!instance->happened[i]) {
            return;
        }
    }
}

void instance_happened(struct instance *instance, const struct step *step)
{
    instance->happened[step->index] = true;
    start_clocks(instance);
}

/* ---- firing ---- */

static bool is_seen_by_engine(const struct phrase *deed)
{
    return deed->row->id == DEED_SENDS_BYTES || deed->row->id == DEED_SENDS_TEXT || deed->row->id == DEED_SILENT
        || (deed->row->id >= DEED_SENDS_MESSAGE && deed->row->id <= DEED_ABORTS);
}

/* Deeds in bytes are seen here only: from now on each is told to whoever judges. */
static void watch_expectation(struct instance *instance, const struct step *step)
{
    const struct expectation *expectation = &step->expectation;
    const struct value *deed = phrase_value(&expectation->phrase, SLOT_DEED);
    const struct value *word = phrase_value(&expectation->phrase, SLOT_WORDS);
    enum sides subject = expectation->side == SIDE_CLIENT ? SIDES_CLIENT : SIDES_SERVER;

    if (deed != NULL && is_seen_by_engine(deed->deed)) {
        watch_new(instance, WATCH_DEED, subject, deed->deed, step);
    } else if (expectation->phrase.row->id == EXPECT_STAYS && word != NULL && word->word == STAYS_SILENT) {
        watch_new(instance, WATCH_SILENCE, subject, &expectation->phrase, step);
    }
}

static void forget_expectations(struct instance *instance)
{
    struct watch *watch = instance->watches;

    while (watch != NULL) {
        struct watch *next = watch->next;

        if (watch->purpose == WATCH_DEED || watch->purpose == WATCH_SILENCE) {
            watch_free(watch);
        }
        watch = next;
    }
}

static void instance_fire(struct instance *instance)
{
    const struct rule *rule = instance->rule;

    instance->firings++;
    instance->state->firings++;
    instance->firing = true;
    instance->step = 0;
    memset(instance->happened, 0, rule->step_count * sizeof(bool));
    memset(instance->clock_started, 0, rule->step_count * sizeof(bool));
    instance_tell(instance, NOTICE_RULE_FIRED, NULL, instance->firings);
    forget_expectations(instance);
    for (size_t i = 0; i < rule->step_count; i++) {
        if (rule->steps[i].kind == STEP_EXPECTATION) {
            watch_expectation(instance, &rule->steps[i]);
        }
    }
    instance_advance(instance);
}

static void drop_event(struct instance *instance)
{
    if (instance->event != NULL) {
        watch_free(instance->event);
        instance->event = NULL;
        instance_tidy_later(instance);
    }
}

static void instance_event(struct instance *instance)
{
    const struct rule *rule = instance->rule;
    bool fires = !instance->firing;
    bool last = false;

    instance->seen++;
    switch (rule->occasion) {
    case OCCASION_WHEN:
        last = true;
        break;
    case OCCASION_EACH:
        break;
    case OCCASION_NTH:
        fires = instance->seen == rule->count;
        last = fires;
        break;
    case OCCASION_FIRST:
        last = fires && instance->firings + 1 >= rule->count;
        break;
    }
    if (last) {
        drop_event(instance);
    }
    if (fires) {
        instance_fire(instance);
    }
}

void instance_hit(struct instance *instance, struct watch *watch)
{
    switch (watch->purpose) {
    case WATCH_EVENT:
        instance_event(instance);
        break;
    case WATCH_UNTIL:
        if (instance->waiting_for != NULL) {
            action_end(instance->waiting_for);
            instance_advance(instance);
        }
        break;
    case WATCH_DEED:
        instance_tell_deed(instance, NOTICE_DEED_SEEN, watch->step, watch->how[0] != '\0' ? watch->how : NULL);
        break;
    case WATCH_SILENCE:
        instance_tell(instance, NOTICE_BYTE_SEEN, watch->step, 0);
        watch_free(watch);
        break;
    }
}

/* What it does is for those that are not connected yet: of a link that was open before it is too late. */
static bool is_for_attempts(const struct rule *rule)
{
    for (size_t i = 0; i < rule->step_count; i++) {
        if (rule->steps[i].kind == STEP_ACTION && (rule->steps[i].action.effect.row->traits & ROW_AT_CONNECT) != 0) {
            return true;
        }
    }
    return false;
}

static void arm_event(struct instance *instance, bool connects)
{
    const struct event *event = instance->rule->event;

    if (event == NULL || (connects && event->deed.row->id == DEED_CONNECTS)) {
        instance_event(instance);
    } else if (instance->event == NULL && event->deed.row->id != DEED_CONNECTS) {
        instance->event = watch_new(instance, WATCH_EVENT, event->subject, &event->deed, NULL);
    }
}

void instance_begin(struct instance *instance)
{
    instance->undecided = look_waits_for_hello(instance->rule);
    if (look_is_needed(instance->rule)) {
        instance->look = look_new(instance);
    }
}

void instance_arm(struct instance *instance)
{
    if (!instance->undecided) {
        arm_event(instance, true);
    }
}

void instance_arm_later(struct instance *instance)
{
    if (!instance->undecided && !instance->not_chosen && !is_for_attempts(instance->rule)) {
        arm_event(instance, false);
    }
}

void instance_decide(struct instance *instance, bool over)
{
    if (!instance->undecided || !(over || tls_view_name_is_known(&instance->look->view))) {
        return;
    }
    instance->undecided = false;
    instance->not_chosen = !look_hello_holds(instance->look);
    if (instance->not_chosen) {
        instance_tidy_later(instance);
        return;
    }
    instance->turn = rule_state_late_turn(instance->state);
    if (rule_is_in_force(instance->state)) {
        arm_event(instance, true);
    }
}

bool instance_looks(const struct instance *instance)
{
    return instance->look != NULL && !instance->not_chosen && !instance->state->over
        && (instance->undecided || instance->firing || instance->watches != NULL || instance->rule->window.present);
}

void instance_lift(struct instance *instance)
{
    drop_event(instance);
    instance->firing = false;
    instance->waiting_for = NULL;
    for (struct action_run *run = instance->runs; run != NULL; run = run->next) {
        action_end(run);
    }
    instance_tidy_later(instance);
}

void instance_retire(struct instance *instance)
{
    instance_lift(instance);
    forget_expectations(instance);
}

static bool has_ended_a_side(const struct instance *instance)
{
    return instance->cuts != NULL || instance->link->ends[SIDE_CLIENT].by == instance->rule
        || instance->link->ends[SIDE_SERVER].by == instance->rule;
}

bool instance_is_over(const struct instance *instance)
{
    bool is_to_go = instance->state->over || (instance->state->scope.open_only && !instance->firing);

    return is_to_go && instance->runs == NULL && instance->watches == NULL && !has_ended_a_side(instance)
        && instance->gates[SIDE_CLIENT].filter.flow == NULL && instance->gates[SIDE_SERVER].filter.flow == NULL;
}

/* ---- steps ---- */

/* The same action of an earlier firing, if it is not over. */
static struct action_run *find_running(const struct instance *instance, const struct step *step)
{
    struct action_run *run = instance->runs;

    while (run != NULL && (run->step != step || run->over)) {
        run = run->next;
    }
    return run;
}

/* True: the step is behind us. */
static bool instance_do_step(struct instance *instance, const struct step *step)
{
    struct action_run *run = instance->waiting_for;

    if (step->kind == STEP_EXPECTATION) {
        return true;
    }
    if (run == NULL) {
        run = find_running(instance, step);
        if (run == NULL) {
            run = action_start(instance, step);
        } else if ((step->action.effect.row->traits & ROW_STAYS) == 0) {
            action_again(run);
        } else if (run->felt) { /* a lasting effect is in force already */
            instance->happened[step->index] = true;
        }
    }
    if (run->holds_up && !run->over) {
        instance->waiting_for = run;
        return false;
    }
    instance->waiting_for = NULL;
    return true;
}

void instance_advance(struct instance *instance)
{
    const struct rule *rule = instance->rule;

    if (instance->advancing) {
        return;
    }
    instance->advancing = true;
    while (instance->firing && instance->step < rule->step_count && instance_do_step(instance, &rule->steps[instance->step])) {
        instance->step++;
    }
    if (instance->firing && instance->step == rule->step_count) {
        instance->firing = false;
    }
    instance->advancing = false;
    start_clocks(instance);
    instance_tidy_later(instance);
}

/* ---- tidying up ---- */

void instance_free_over(struct instance *instance)
{
    struct action_run *run = instance->runs;

    while (run != NULL) {
        struct action_run *next = run->next;

        if (run != instance->waiting_for && action_can_be_freed(run)) {
            action_free(run);
        }
        run = next;
    }
}

void instance_tidy(struct instance *instance)
{
    instance_free_over(instance);
    gate_let_go(&instance->gates[SIDE_CLIENT]);
    gate_let_go(&instance->gates[SIDE_SERVER]);
    gate_tidy(&instance->gates[SIDE_CLIENT]);
    gate_tidy(&instance->gates[SIDE_SERVER]);
}

void instance_tidy_later(struct instance *instance)
{
    engine_tidy_later(instance->among);
}
