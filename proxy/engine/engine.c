/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the relay tells becomes what rules wait for: links get their instances, notices are shown to the watches, signals and windows
 * come in.
 */
#include "engine/engine.h"

#include <stdlib.h>

#include "engine/action.h"
#include "engine/choice.h"
#include "engine/crowd.h"
#include "engine/happening.h"
#include "engine/peers.h"
#include "engine/refusal.h"
#include "engine/sieve.h"
#include "engine/window.h"
#include "relay/address.h"
#include "relay/relay.h"
#include "relay/sighting.h"
#include "tls/tls.h"
#include "rules/memory.h"

/* Rules see them in the flows. */
#define BYTES (NOTICE_BIT(NOTICE_RECEIVED) | NOTICE_BIT(NOTICE_DELIVERED))

static struct engine *engine_of(struct observer *observer)
{
    return (struct engine *)((char *)observer - offsetof(struct engine, observer));
}

/* ---- links ---- */

/* An RST cancels what still runs on that end: what was kept for it goes on, to nobody, and is answered as in life. */
static void cancel_flows(struct engine_link *rules)
{
    for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        for (struct instance *instance = rules->first; rules->reset[side] && instance != NULL; instance = instance->next) {
            for (struct action_run *run = instance->runs; run != NULL; run = run->next) {
                action_cancel_flow(run, side_other((enum side)side));
            }
        }
        rules->reset[side] = false;
    }
}

/* Of rules that are no longer in force, when nothing of them is left. */
static void free_instances(struct engine_link *rules)
{
    struct instance **place = &rules->first;

    while (*place != NULL) {
        struct instance *instance = *place;

        if (instance_is_over(instance)) {
            *place = instance->next;
            instance_free(instance);
        } else {
            place = &instance->next;
        }
    }
}

static void tidy_link(struct timer *timer)
{
    struct engine_link *rules = (struct engine_link *)((char *)timer - offsetof(struct engine_link, tidy));

    link_cork(rules->link);
    cancel_flows(rules);
    for (struct instance *instance = rules->first; instance != NULL; instance = instance->next) {
        instance_tidy(instance);
    }
    free_instances(rules);
    link_uncork(rules->link);
    link_again(rules->link);
}

void engine_tidy_later(struct engine_link *rules)
{
    if (!timer_is_set(&rules->tidy)) {
        timer_set(&rules->link->worker->timers, &rules->tidy, 0);
    }
}

struct engine_link *engine_link_new(struct link *link)
{
    struct engine_link *rules = xmalloc(sizeof(*rules));

    *rules = (struct engine_link){.link = link, .tidy = {.fire = tidy_link}};
    link->rules = rules;
    return rules;
}

void engine_link_add(struct engine_link *rules, struct instance *instance)
{
    struct instance **place = &rules->first;

    while (*place != NULL && (*place)->state->place <= instance->state->place) {
        place = &(*place)->next;
    }
    instance->next = *place;
    *place = instance;
}

/* Which of the rule's links it is: as the first worker has counted, or as is counted now. */
static uint64_t turn_of(struct rule_state *state, const struct link *link, size_t *at)
{
    uint64_t turn;

    if (link->choice != NULL && choice_has(link->choice, state->rule, at, &turn)) {
        return turn;
    }
    return rule_state_turn(state);
}

void engine_link_fill(struct engine_link *rules, struct rule_state *const *states, size_t count)
{
    struct instance **last = &rules->first;
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        *last = instance_new(states[i], rules, turn_of(states[i], rules->link, &at));
        last = &(*last)->next;
    }
    rules->filling = true;
    for (struct instance *instance = rules->first; instance != NULL; instance = instance->next) {
        instance_begin(instance);
        if (rule_is_in_force(instance->state)) {
            instance_arm(instance);
        }
    }
    rules->filling = false;
}

/* The crowd's and those that were chosen, in the order of the rules. */
static void fill_with_crowd(struct engine *engine, struct engine_link *rules, struct rule_state *const *chosen, size_t count)
{
    size_t crowd_count, taken = 0, all = 0;
    struct rule_state *const *crowd = crowd_states(engine->crowd, &crowd_count);
    struct rule_state **states = xmalloc((count + crowd_count) * sizeof(*states));

    for (size_t i = 0; i < count; i++) {
        while (taken < crowd_count && crowd[taken]->place < chosen[i]->place) {
            states[all++] = crowd[taken++];
        }
        states[all++] = chosen[i];
    }
    while (taken < crowd_count) {
        states[all++] = crowd[taken++];
    }
    engine_link_fill(rules, states, all);
    free(states);
}

/* Whether the rule is at work on a link that opens, by what the first worker has chosen for it, or else by what is chosen now. A rule that
 * came while the link was on its way here finds it open. */
static bool is_chosen(struct rule_state *state, const struct link *link, size_t *at)
{
    bool late = link->choice != NULL && state->since > link->choice->at;
    uint64_t turn;

    if (link->choice != NULL && choice_has(link->choice, state->rule, at, &turn)) {
        return true;
    }
    return (link->choice == NULL || late) && rule_state_chooses(state, link, !late);
}

static void choose(struct chooser *chooser, struct link *link)
{
    const struct engine *engine = (const struct engine *)((char *)chooser - offsetof(struct engine, chooser));

    if (engine->state_count > 0) {
        link->choice = choice_make(engine, link);
    }
}

static bool has_action(const struct rule *rule)
{
    for (size_t i = 0; i < rule->step_count; i++) {
        if (rule->steps[i].kind == STEP_ACTION) {
            return true;
        }
    }
    return false;
}

/* Of one that is turned away whatever it is, only what is expected of its client counts. */
static void engine_open_link(struct engine *engine, struct link *link)
{
    size_t count, chosen = 0, at = 0;
    struct rule_state **states = sieve_find(engine->sieve, link, &count);

    for (size_t i = 0; i < count; i++) {
        if (is_chosen(states[i], link, &at) && !(link->turned_away && has_action(states[i]->rule))) {
            states[chosen++] = states[i];
        }
    }
    if (chosen > 0) {
        fill_with_crowd(engine, engine_link_new(link), states, chosen);
    } else if (engine->crowd != NULL && !link->turned_away) {
        crowd_begin(engine->crowd, engine_link_new(link));
    }
}

static void engine_close_link(struct link *link)
{
    struct engine_link *rules = link->rules;

    if (rules == NULL) {
        return;
    }
    link->rules = NULL;
    crowd_link_free(rules->crowd);
    timer_cancel(&link->worker->timers, &rules->tidy);
    while (rules->first != NULL) {
        struct instance *instance = rules->first;

        rules->first = instance->next;
        instance_free(instance);
    }
    free(rules);
}

static struct instance *first_instance(const struct link *link)
{
    return link->rules != NULL ? link->rules->first : NULL;
}

/* An end is gone: whoever waited for its acknowledgement waits no longer. */
static void settle(struct link *link)
{
    for (struct instance *instance = first_instance(link); instance != NULL; instance = instance->next) {
        instance_settle(instance);
    }
}

void engine_each_instance(struct engine *engine, const struct rule_state *state, void (*act)(struct instance *instance))
{
    struct link *next;

    for (struct link *link = engine->worker->links; link != NULL; link = next) {
        next = link->next;
        for (struct instance *instance = first_instance(link); instance != NULL; instance = instance->next) {
            if (instance->state == state) {
                link_cork(link);
                act(instance);
                link_uncork(link);
                link_again(link);
                break; /* one a link */
            }
        }
    }
}

/* ---- what the relay tells ---- */

/* The application's socket has entered a state: seen, or inferred from our own, which is often faster. What was seen before that is old. */
static void side_entered(struct link *link, enum side side, enum tcp_state state)
{
    const struct end *end = &link->ends[side];

    if (link->rules == NULL || link->rules->state[side] == state || !state_fits(state, end->fin_acked, end->fin_received)) {
        return;
    }
    link->rules->state[side] = state;
    happening_show(&(struct happening){.deed = DEED_IN_STATE, .side = side, .state = state}, link);
}

void engine_client_came(
    struct engine *engine, const struct sockaddr_storage *client, const struct relay *relay, const struct link *opened)
{
    struct link *next;

    for (struct link *link = engine->worker->links; engine->follows_clients && link != NULL; link = next) {
        next = link->next;
        if (link == opened || !address_same_host(&link->client, client)) {
            continue;
        }
        if (link->relay == relay) {
            happening_show(&(struct happening){.deed = DEED_RECONNECTS, .side = SIDE_CLIENT}, link);
        }
        happening_show(&(struct happening){.deed = DEED_CONNECTS_TO, .side = SIDE_CLIENT, .relay = relay->spec->name}, link);
    }
}

/* The same client has connected again: its older links may wait for that, wherever they are. */
static void show_older_links(struct engine *engine, const struct link *opened)
{
    if (engine->follows_clients) {
        engine_client_came(engine, &opened->client, opened->relay, opened);
        peers_tell_client(engine, opened);
    }
}

/* In the middle of whatever made it so: flows are not touched before the next tidying. */
static void side_was_reset(struct link *link, enum side side)
{
    if (link->rules != NULL) {
        link->rules->reset[side] = true;
        engine_tidy_later(link->rules);
    }
}

/* ---- notice by notice ---- */

static void hear_opened(struct engine *engine, const struct notice *notice)
{
    engine_open_link(engine, notice->link);
    show_older_links(engine, notice->link);
}

static void hear_closed(struct engine *engine, const struct notice *notice)
{
    (void)engine;
    engine_close_link(notice->link);
}

static void hear_connected(struct engine *engine, const struct notice *notice)
{
    (void)engine;
    happening_show(&(struct happening){.deed = DEED_ACCEPTS, .side = SIDE_SERVER}, notice->link);
}

static void hear_refused(struct engine *engine, const struct notice *notice)
{
    (void)engine;
    happening_show(&(struct happening){.deed = DEED_REFUSES, .side = SIDE_SERVER}, notice->link);
}

static void hear_fin_acked(struct engine *engine, const struct notice *notice)
{
    (void)engine;
    settle(notice->link);
    if (!notice->link->ends[notice->side].fin_received) {
        side_entered(notice->link, notice->side, STATE_CLOSE_WAIT);
    }
}

static void hear_fin_received(struct engine *engine, const struct notice *notice)
{
    (void)engine;
    if (!notice->link->ends[notice->side].fin_sent) {
        side_entered(notice->link, notice->side, STATE_FIN_WAIT2);
    }
}

static void hear_state(struct engine *engine, const struct notice *notice)
{
    (void)engine;
    if (notice->link != NULL && notice->sighting->exact) {
        side_entered(notice->link, notice->side, notice->sighting->state);
    }
}

static void hear_gone(struct engine *engine, const struct notice *notice)
{
    (void)engine;
    settle(notice->link);
}

static void hear_rst_sent(struct engine *engine, const struct notice *notice)
{
    (void)engine;
    side_was_reset(notice->link, notice->side);
    settle(notice->link);
}

static void hear_dead(struct engine *engine, const struct notice *notice)
{
    (void)engine;
    for (struct instance *instance = first_instance(notice->link); instance != NULL; instance = instance->next) {
        for (struct action_run *run = instance->runs; run != NULL; run = run->next) {
            action_cancel_side(run, notice->side);
        }
    }
    side_was_reset(notice->link, notice->side);
}

/* A handshake message that the relay's own TLS has read. */
static void hear_message(struct engine *engine, const struct notice *notice)
{
    struct link *link = notice->link;
    struct happening happening = {.deed = DEED_ABOUT_MESSAGE, .side = notice->side, .text = notice->text};

    (void)engine;
    if (link->ends[notice->side].layer == NULL) {
        return; /* it passes through: gates have seen it */
    }
    for (struct instance *instance = first_instance(link); instance != NULL && notice->side == SIDE_CLIENT; instance = instance->next) {
        if (instance->undecided && instance->look->apart && tls_message_is(notice->text, TLS_CLIENT_HELLO)) {
            struct tls_client_hello hello;

            tls_hello_of_client(&link->ends[SIDE_CLIENT], &hello);
            look_told_hello(instance->look, &hello);
            instance_decide(instance, true);
        }
    }
    happening_show(&happening, link);
    happening.deed = DEED_SENDS_MESSAGE;
    happening_show(&happening, link);
}

/* Who waits to see it aborted waits in vain; so does who waits for a message of it that has not come. */
static void hear_handshake_done(struct engine *engine, const struct notice *notice)
{
    (void)engine;
    for (struct instance *instance = first_instance(notice->link); instance != NULL; instance = instance->next) {
        for (struct watch *watch = instance->watches; watch != NULL; watch = watch->next) {
            if (watch->purpose != WATCH_DEED || !watch_concerns(watch, notice->side)) {
                continue;
            }
            if (watch->deed == DEED_ABORTS) {
                instance_tell_deed(instance, NOTICE_DEED_MISSED, watch->step, "it finished the handshake");
            } else if (watch->deed == DEED_SENDS_MESSAGE) {
                instance_tell_deed(instance, NOTICE_DEED_MISSED, watch->step, "it finished the handshake without");
            }
        }
    }
}

static void hear_handshake_aborted(struct engine *engine, const struct notice *notice)
{
    (void)engine;
    happening_show(&(struct happening){.deed = DEED_ABORTS, .side = notice->side, .text = notice->text}, notice->link);
}

static void hear_relay_listening(struct engine *engine, const struct notice *notice)
{
    refusal_relay_opened(engine, notice->relay->index);
}

static void hear_relay_removed(struct engine *engine, const struct notice *notice)
{
    refusal_relay_removed(engine, notice->relay->index);
}

/* Of all other notices no rule wants to know. */
static void (*const hearers[NOTICE_KINDS])(struct engine *engine, const struct notice *notice) = {
    [NOTICE_OPENED] = hear_opened,
    [NOTICE_CLOSED] = hear_closed,
    [NOTICE_CONNECTED] = hear_connected,
    [NOTICE_REFUSED] = hear_refused,
    [NOTICE_TURNED_AWAY] = hear_gone,
    [NOTICE_FIN_ACKED] = hear_fin_acked,
    [NOTICE_FIN_RECEIVED] = hear_fin_received,
    [NOTICE_RST_RECEIVED] = hear_dead,
    [NOTICE_RST_SENT] = hear_rst_sent,
    [NOTICE_GAVE_UP] = hear_dead,
    [NOTICE_GONE] = hear_gone,
    [NOTICE_STATE] = hear_state,
    [NOTICE_TLS_MESSAGE] = hear_message,
    [NOTICE_HANDSHAKE_DONE] = hear_handshake_done,
    [NOTICE_HANDSHAKE_ABORTED] = hear_handshake_aborted,
    [NOTICE_RELAY_LISTENING] = hear_relay_listening,
    [NOTICE_RELAY_REMOVED] = hear_relay_removed,
};

static void engine_tell(struct observer *observer, const struct notice *notice)
{
    if (hearers[notice->kind] != NULL) {
        hearers[notice->kind](engine_of(observer), notice);
    }
}

/* ---- from outside ---- */

static unsigned step_run(struct action_run *run, enum side speaker, uint64_t bytes)
{
    unsigned count = 0;

    for (struct fault *fault = run->faults; fault != NULL; fault = fault->next) {
        if (fault->kind->step != NULL && fault->side == speaker && !fault->done) {
            fault->kind->step(fault, bytes);
            count++;
        }
    }
    return count;
}

unsigned engine_step(struct link *link, enum side speaker, uint64_t bytes)
{
    unsigned count = 0;

    link_cork(link);
    for (struct instance *instance = first_instance(link); instance != NULL; instance = instance->next) {
        for (struct action_run *run = instance->runs; run != NULL; run = run->next) {
            count += step_run(run, speaker, bytes);
        }
    }
    link_uncork(link);
    link_again(link);
    return count;
}

void engine_signal(struct engine *engine, const char *name)
{
    engine_take_signal(engine, name);
    peers_tell_signal(engine, name);
}

void engine_take_signal(struct engine *engine, const char *name)
{
    struct happening happening = {.deed = DEED_SIGNAL, .signal = name};
    struct link *next;

    for (size_t i = 0; i < engine->state_count; i++) {
        if (engine->states[i]->window != NULL) {
            window_signal(engine->states[i]->window, name);
        }
    }
    refusal_signal(engine, name);
    for (struct link *link = engine->worker->links; link != NULL; link = next) {
        next = link->next;
        happening_show(&happening, link);
    }
}

/* ---- the whole ---- */

struct engine *engine_new(
    struct worker *worker, struct commons *commons, uint64_t seed, const struct fault_kind *(*kind_of)(const struct row *row))
{
    struct engine *engine = xmalloc(sizeof(*engine));

    *engine = (struct engine){.observer = {.tell = engine_tell, .ignores = BYTES}, .chooser = {.choose = choose}, .worker = worker,
        .commons = commons, .seed = seed, .kind_of = kind_of, .sieve = sieve_new(NULL, 0)};
    worker_observe(worker, &engine->observer);
    worker->chooser = &engine->chooser;
    return engine;
}

void engine_start(struct engine *engine, const struct ruleset *rules)
{
    struct roster_rule *list = xmalloc((rules->rule_count + 1) * sizeof(*list));

    for (size_t i = 0; i < rules->rule_count; i++) {
        list[i] = (struct roster_rule){.rule = &rules->rules[i]};
    }
    engine_change(engine, &(struct roster){.rules = list, .rule_count = rules->rule_count});
    free(list);
}

void engine_free(struct engine *engine)
{
    if (engine == NULL) {
        return;
    }
    refusal_end_all(engine);
    for (size_t i = 0; i < engine->state_count; i++) {
        rule_state_drop(engine->states[i]);
    }
    crowd_free(engine->crowd);
    sieve_free(engine->sieve);
    free(engine->states);
    free(engine);
}
