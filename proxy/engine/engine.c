/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the relay tells becomes what rules wait for: links get their instances, notices are shown to the watches, signals and windows
 * come in.
 */
#include "engine/engine.h"

#include <stdlib.h>
#include <strings.h>

#include "engine/action.h"
#include "engine/refusal.h"
#include "engine/shared.h"
#include "engine/window.h"
#include "relay/address.h"
#include "relay/relay.h"

static struct engine *engine_of(struct observer *observer)
{
    return (struct engine *)((char *)observer - offsetof(struct engine, observer));
}

bool rule_is_in_force(const struct rule_state *state)
{
    return state->window == NULL || state->window->open;
}

/* ---- links ---- */

/* An RST cancels what still runs on that end: what was kept for it goes on, to nobody, and is answered as in life. */
static void cancel_flows(struct engine_link *rules)
{
    for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        for (size_t i = 0; rules->reset[side] && i < rules->count; i++) {
            for (struct action_run *run = rules->instances[i].runs; run != NULL; run = run->next) {
                action_cancel_flow(run, side_other((enum side)side));
            }
        }
        rules->reset[side] = false;
    }
}

static void tidy_link(struct timer *timer)
{
    struct engine_link *rules = (struct engine_link *)((char *)timer - offsetof(struct engine_link, tidy));

    link_cork(rules->link);
    cancel_flows(rules);
    for (size_t i = 0; i < rules->count; i++) {
        instance_tidy(&rules->instances[i]);
    }
    link_uncork(rules->link);
    link_again(rules->link);
}

static bool state_chooses(const struct rule_state *state, const struct link *link, uint64_t of_client)
{
    return !state->on_relays && select_holds(state->rule, link, state->engine->seed, of_client);
}

static void arm_instance(struct instance *instance)
{
    if (rule_is_in_force(&instance->engine->states[instance->rule->index])) {
        instance_arm(instance);
    }
}

static void engine_open_link(struct engine *engine, struct link *link)
{
    size_t most = engine->rules->rule_count, count = 0;
    uint64_t of_client = select_count_client(engine->counts, link);
    struct engine_link *rules;

    for (size_t i = 0; i < most; i++) {
        count += state_chooses(&engine->states[i], link, of_client);
    }
    if (count == 0) {
        return;
    }
    rules = calloc(1, sizeof(*rules) + count * sizeof(rules->instances[0]));
    if (rules == NULL) {
        abort();
    }
    rules->link = link;
    rules->tidy.fire = tidy_link;
    link->rules = rules;
    for (size_t i = 0; i < most; i++) {
        struct rule_state *state = &engine->states[i];

        if (state_chooses(state, link, of_client)) {
            instance_init(&rules->instances[rules->count++], engine, rules, state->rule, state->chosen++);
        }
    }
    for (size_t i = 0; i < rules->count; i++) {
        arm_instance(&rules->instances[i]);
    }
}

static void engine_close_link(struct link *link)
{
    struct engine_link *rules = link->rules;

    if (rules == NULL) {
        return;
    }
    link->rules = NULL;
    timer_cancel(&link->worker->timers, &rules->tidy);
    for (size_t i = 0; i < rules->count; i++) {
        instance_release(&rules->instances[i]);
    }
    free(rules);
}

/* An end is gone: whoever waited for its acknowledgement waits no longer. */
static void settle(struct link *link)
{
    for (size_t i = 0; link->rules != NULL && i < link->rules->count; i++) {
        instance_settle(&link->rules->instances[i]);
    }
}

void engine_each_instance(struct engine *engine, const struct rule *rule, void (*act)(struct instance *instance))
{
    for (struct link *link = engine->worker->links; link != NULL; link = link->next) {
        for (size_t i = 0; link->rules != NULL && i < link->rules->count; i++) {
            if (link->rules->instances[i].rule == rule) {
                link_cork(link);
                act(&link->rules->instances[i]);
                link_uncork(link);
                link_again(link);
            }
        }
    }
}

/* ---- events that no flow shows ---- */

/* What a notice means to the watches of a link. */
struct sight {
    enum deed deed;
    enum side side;
    enum tcp_state state;  /* DEED_IN_STATE */
    const char *signal;    /* DEED_SIGNAL */
    unsigned relay;        /* DEED_CONNECTS_TO */
};

static bool watch_sees(const struct watch *watch, const struct sight *sight)
{
    if (watch->purpose == WATCH_DEED || watch->purpose == WATCH_SILENCE || watch->deed != sight->deed) {
        return false;
    }
    switch (sight->deed) {
    case DEED_SIGNAL:
        return strcasecmp(watch->phrase->values[0].name, sight->signal) == 0;
    case DEED_IN_STATE:
        return watch_concerns(watch, sight->side) && watch->phrase->values[0].state == sight->state;
    case DEED_CONNECTS_TO:
        return watch_concerns(watch, sight->side) && watch->phrase->values[0].relay == sight->relay;
    case DEED_CONNECTS:
    case DEED_RECONNECTS:
    case DEED_ACCEPTS:
    case DEED_REFUSES:
        return watch_concerns(watch, sight->side);
    case DEED_SENDS_BYTES:
    case DEED_SENDS_TEXT:
    case DEED_SENDS_FIN:
    case DEED_CLOSES:
    case DEED_RESETS:
    case DEED_ABOUT_TO_SEND:
    case DEED_SILENT:
    case DEED_LATER:
        break;
    }
    return false;
}

static struct watch *find_watch(struct instance *instance, const struct sight *sight, bool own_event)
{
    struct watch *watch = instance->watches;

    while (watch != NULL && ((watch == instance->event) != own_event || !watch_sees(watch, sight))) {
        watch = watch->next;
    }
    return watch;
}

/* First it ends what waits for it, then it is the rule's own event: a hit may free any watch, so each is looked for anew. */
static void show_instance(struct instance *instance, const struct sight *sight)
{
    for (int own_event = 0; own_event <= 1; own_event++) {
        struct watch *watch = find_watch(instance, sight, own_event);

        if (watch != NULL) {
            instance_hit(instance, watch);
        }
    }
}

static void show_link(struct link *link, const struct sight *sight)
{
    if (link->rules == NULL) {
        return;
    }
    link_cork(link);
    for (size_t i = 0; i < link->rules->count; i++) {
        show_instance(&link->rules->instances[i], sight);
    }
    link_uncork(link);
    link_again(link);
}

/* The same client has connected again: its older links may wait for that. */
static void show_older_links(struct engine *engine, const struct link *opened)
{
    struct link *next;

    for (struct link *link = engine->worker->links; engine->follows_clients && link != NULL; link = next) {
        next = link->next;
        if (link == opened || !address_same_host(&link->client, &opened->client)) {
            continue;
        }
        if (link->relay == opened->relay) {
            show_link(link, &(struct sight){.deed = DEED_RECONNECTS, .side = SIDE_CLIENT});
        }
        show_link(link, &(struct sight){.deed = DEED_CONNECTS_TO, .side = SIDE_CLIENT, .relay = opened->relay->index});
    }
}

/* In the middle of whatever made it so: flows are not touched before the next tidying. */
static void side_was_reset(struct link *link, enum side side)
{
    if (link->rules != NULL) {
        link->rules->reset[side] = true;
        instance_tidy_later(&link->rules->instances[0]);
    }
}

static void side_is_dead(struct link *link, enum side side)
{
    for (size_t i = 0; link->rules != NULL && i < link->rules->count; i++) {
        for (struct action_run *run = link->rules->instances[i].runs; run != NULL; run = run->next) {
            action_cancel_side(run, side);
        }
    }
    side_was_reset(link, side);
}

static void engine_tell(struct observer *observer, const struct notice *notice)
{
    struct engine *engine = engine_of(observer);
    struct link *link = notice->link;
    struct sight sight = {.side = notice->side};

    switch (notice->kind) {
    case NOTICE_OPENED:
        engine_open_link(engine, link);
        show_older_links(engine, link);
        return;
    case NOTICE_CLOSED:
        engine_close_link(link);
        return;
    case NOTICE_CONNECTED:
        sight.side = SIDE_SERVER;
        sight.deed = DEED_ACCEPTS;
        break;
    case NOTICE_REFUSED:
        sight.side = SIDE_SERVER;
        sight.deed = DEED_REFUSES;
        break;
    case NOTICE_FIN_ACKED:
        settle(link);
        if (link->ends[notice->side].fin_received) {
            return;
        }
        sight.deed = DEED_IN_STATE;
        sight.state = STATE_CLOSE_WAIT;
        break;
    case NOTICE_FIN_RECEIVED:
        if (link->ends[notice->side].fin_sent) {
            return;
        }
        sight.deed = DEED_IN_STATE;
        sight.state = STATE_FIN_WAIT2;
        break;
    case NOTICE_GONE:
        settle(link);
        return;
    case NOTICE_RST_SENT:
        side_was_reset(link, notice->side);
        settle(link);
        return;
    case NOTICE_RST_RECEIVED:
        side_is_dead(link, notice->side);
        return;
    case NOTICE_RELAY_LISTENING:
    case NOTICE_RELAY_PAUSED:
    case NOTICE_RELAY_RESUMED:
    case NOTICE_RELAY_REFUSING:
    case NOTICE_RELAY_ACCEPTING:
    case NOTICE_DIALLING:
    case NOTICE_RECEIVED:
    case NOTICE_DELIVERED:
    case NOTICE_FIN_SENT:
    case NOTICE_TIMED_OUT:
    case NOTICE_CLOSED_ON:
    case NOTICE_BUFFER_FULL:
    case NOTICE_RULE_FIRED:
    case NOTICE_ACTION_STARTED:
    case NOTICE_ACTION_HAPPENED:
    case NOTICE_ACTION_ENDED:
    case NOTICE_EXPECTED:
    case NOTICE_DEED_SEEN:
    case NOTICE_DEED_MISSED:
    case NOTICE_BYTE_SEEN:
    case NOTICE_FINDING:
    case NOTICE_KINDS:
        return;
    }
    show_link(link, &sight);
}

void engine_signal(struct engine *engine, const char *name)
{
    struct sight sight = {.deed = DEED_SIGNAL, .signal = name};
    struct link *next;

    for (size_t i = 0; i < engine->rules->rule_count; i++) {
        if (engine->states[i].window != NULL) {
            window_signal(engine->states[i].window, name);
        }
    }
    refusal_signal(engine, name);
    for (struct link *link = engine->worker->links; link != NULL; link = next) {
        next = link->next;
        show_link(link, &sight);
    }
}

/* ---- rules ---- */

static void window_changed(struct rule_state *state, bool open)
{
    if (state->on_relays) {
        (open ? refusal_start : refusal_end)(state->engine, state->rule);
    } else {
        engine_each_instance(state->engine, state->rule, open ? instance_arm_later : instance_lift);
    }
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

static void start_rule(struct engine *engine, const struct rule *rule)
{
    struct rule_state *state = &engine->states[rule->index];

    *state = (struct rule_state){.engine = engine, .rule = rule, .on_relays = refusal_is_rule(engine, rule)};
    engine->follows_clients = engine->follows_clients || rule_follows_clients(rule);
    if (rule->window.present) {
        state->window = window_new(state, window_changed);
    } else if (state->on_relays) {
        refusal_start(engine, rule);
    }
}

struct engine *engine_new(
    struct worker *worker, struct ruleset *rules, uint64_t seed, const struct fault_kind *(*kind_of)(const struct row *row))
{
    struct engine *engine = calloc(1, sizeof(*engine));

    if (engine == NULL) {
        abort();
    }
    *engine = (struct engine){.observer = {.tell = engine_tell}, .worker = worker, .rules = ruleset_ref(rules), .seed = seed,
        .kind_of = kind_of};
    engine->states = calloc(rules->rule_count + 1, sizeof(*engine->states));
    if (engine->states == NULL) {
        abort();
    }
    engine->counts = select_counts_new(rules);
    worker_observe(worker, &engine->observer);
    return engine;
}

void engine_start(struct engine *engine)
{
    for (size_t i = 0; i < engine->rules->rule_count; i++) {
        start_rule(engine, &engine->rules->rules[i]);
    }
}

void engine_free(struct engine *engine)
{
    if (engine == NULL) {
        return;
    }
    refusal_end_all(engine);
    for (size_t i = 0; i < engine->rules->rule_count; i++) {
        window_free(engine->states[i].window);
    }
    select_counts_free(engine->counts);
    shared_free_all(engine);
    free(engine->states);
    ruleset_unref(engine->rules);
    free(engine);
}
