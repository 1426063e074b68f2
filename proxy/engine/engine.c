/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the relay tells becomes what rules wait for: links get their instances, notices are shown to the watches, signals and windows
 * come in.
 */
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/action.h"
#include "engine/choice.h"
#include "engine/crowd.h"
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

/* ---- events that no flow shows ---- */

/* What a notice means to the watches of a link. */
struct happening {
    enum deed deed;
    enum side side;
    enum tcp_state state;  /* DEED_IN_STATE */
    const char *signal;    /* DEED_SIGNAL */
    const char *relay;     /* DEED_CONNECTS_TO: its name */
    const char *text;      /* DEED_SENDS_MESSAGE, DEED_ABOUT_MESSAGE: its name; DEED_ABORTS: how */
};

/* "client_hello for a.example" */
static bool is_message(const char *text, enum tls_message message)
{
    const char *name = tls_message_name(message);

    return strncmp(text, name, strlen(name)) == 0;
}

static bool watch_sees(const struct watch *watch, const struct happening *happening)
{
    if (watch->purpose == WATCH_SILENCE || watch->deed != happening->deed) {
        return false;
    }
    switch (happening->deed) {
    case DEED_SIGNAL:
        return strcasecmp(watch->phrase->values[0].name, happening->signal) == 0;
    case DEED_IN_STATE:
        return watch_concerns(watch, happening->side) && watch->phrase->values[0].state == happening->state;
    case DEED_CONNECTS_TO:
        return watch_concerns(watch, happening->side) && strcmp(watch->phrase->values[0].name, happening->relay) == 0;
    case DEED_CONNECTS:
    case DEED_RECONNECTS:
    case DEED_ACCEPTS:
    case DEED_REFUSES:
    case DEED_ABORTS:
        return watch_concerns(watch, happening->side);
    case DEED_SENDS_MESSAGE:
    case DEED_ABOUT_MESSAGE:
        return watch_concerns(watch, happening->side)
            && is_message(happening->text, (enum tls_message)watch->phrase->values[0].word);
    case DEED_SENDS_BYTES:
    case DEED_SENDS_TEXT:
    case DEED_SENDS_FIN:
    case DEED_CLOSES:
    case DEED_RESETS:
    case DEED_ABOUT_TO_SEND:
    case DEED_SILENT:
    case DEED_SENDS_ALERT:
    case DEED_SENDS_RECORD:
    case DEED_ABOUT_ALERT:
    case DEED_ABOUT_RECORD:
    case DEED_SENDS_NOTIFY:
    case DEED_ABOUT_NOTIFY:
        break;
    }
    return false;
}

static struct watch *find_watch(struct instance *instance, const struct happening *happening, bool own_event)
{
    struct watch *watch = instance->watches;

    while (watch != NULL && ((watch == instance->event) != own_event || watch->purpose == WATCH_DEED || !watch_sees(watch, happening))) {
        watch = watch->next;
    }
    return watch;
}

/* Of TLS that the relay ends itself, it is the engine that tells the judge; all else the judge hears by itself. */
static void show_expectations(struct instance *instance, const struct happening *happening)
{
    for (struct watch *watch = instance->watches; watch != NULL; watch = watch->next) {
        if (watch->purpose == WATCH_DEED && happening->text != NULL && watch_sees(watch, happening)) {
            if (happening->deed == DEED_ABORTS) {
                bool by_tcp = strcmp(happening->text, "FIN") == 0 || strcmp(happening->text, "RST") == 0;

                snprintf(watch->how, sizeof(watch->how), "%s %s", by_tcp ? "by its" : "alert", happening->text);
            }
            instance_hit(instance, watch);
        }
    }
}

/* First it ends what waits for it, then it is the rule's own event: a hit may free any watch, so each is looked for anew. */
static void show_instance(struct instance *instance, const struct happening *happening)
{
    show_expectations(instance, happening);
    for (int own_event = 0; own_event <= 1; own_event++) {
        struct watch *watch = find_watch(instance, happening, own_event);

        if (watch != NULL) {
            instance_hit(instance, watch);
        }
    }
}

static void show_link(struct link *link, const struct happening *happening)
{
    if (link->rules == NULL) {
        return;
    }
    link_cork(link);
    for (struct instance *instance = link->rules->first; instance != NULL; instance = instance->next) {
        show_instance(instance, happening);
    }
    link_uncork(link);
    link_again(link);
}

/* The application's socket has entered a state: seen, or inferred from our own, which is often faster. What was seen before that is old. */
static void side_entered(struct link *link, enum side side, enum tcp_state state)
{
    const struct end *end = &link->ends[side];

    if (link->rules == NULL || link->rules->state[side] == state || !state_fits(state, end->fin_acked, end->fin_received)) {
        return;
    }
    link->rules->state[side] = state;
    show_link(link, &(struct happening){.deed = DEED_IN_STATE, .side = side, .state = state});
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
            show_link(link, &(struct happening){.deed = DEED_RECONNECTS, .side = SIDE_CLIENT});
        }
        show_link(link, &(struct happening){.deed = DEED_CONNECTS_TO, .side = SIDE_CLIENT, .relay = relay->spec->name});
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

static void side_is_dead(struct link *link, enum side side)
{
    for (struct instance *instance = first_instance(link); instance != NULL; instance = instance->next) {
        for (struct action_run *run = instance->runs; run != NULL; run = run->next) {
            action_cancel_side(run, side);
        }
    }
    side_was_reset(link, side);
}

/* A handshake message that the relay's own TLS has read. */
static void message_came(struct link *link, const struct notice *notice)
{
    struct happening happening = {.deed = DEED_ABOUT_MESSAGE, .side = notice->side, .text = notice->text};

    if (link->ends[notice->side].layer == NULL) {
        return; /* it passes through: gates have seen it */
    }
    for (struct instance *instance = first_instance(link); instance != NULL && notice->side == SIDE_CLIENT; instance = instance->next) {
        if (instance->undecided && instance->look->apart && is_message(notice->text, TLS_CLIENT_HELLO)) {
            struct tls_client_hello hello;

            tls_hello_of_client(&link->ends[SIDE_CLIENT], &hello);
            look_told_hello(instance->look, &hello);
            instance_decide(instance, true);
        }
    }
    show_link(link, &happening);
    happening.deed = DEED_SENDS_MESSAGE;
    show_link(link, &happening);
}

/* Who waits to see it aborted waits in vain; so does who waits for a message of it that has not come. */
static void handshake_done(struct link *link, enum side side)
{
    for (struct instance *instance = first_instance(link); instance != NULL; instance = instance->next) {
        for (struct watch *watch = instance->watches; watch != NULL; watch = watch->next) {
            if (watch->purpose != WATCH_DEED || !watch_concerns(watch, side)) {
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

static void engine_tell(struct observer *observer, const struct notice *notice)
{
    struct engine *engine = engine_of(observer);
    struct link *link = notice->link;
    struct happening happening = {.side = notice->side};

    switch (notice->kind) {
    case NOTICE_OPENED:
        engine_open_link(engine, link);
        show_older_links(engine, link);
        return;
    case NOTICE_CLOSED:
        engine_close_link(link);
        return;
    case NOTICE_CONNECTED:
        happening.side = SIDE_SERVER;
        happening.deed = DEED_ACCEPTS;
        break;
    case NOTICE_REFUSED:
        happening.side = SIDE_SERVER;
        happening.deed = DEED_REFUSES;
        break;
    case NOTICE_FIN_ACKED:
        settle(link);
        if (!link->ends[notice->side].fin_received) {
            side_entered(link, notice->side, STATE_CLOSE_WAIT);
        }
        return;
    case NOTICE_FIN_RECEIVED:
        if (!link->ends[notice->side].fin_sent) {
            side_entered(link, notice->side, STATE_FIN_WAIT2);
        }
        return;
    case NOTICE_STATE:
        if (link != NULL && notice->sighting->exact) {
            side_entered(link, notice->side, notice->sighting->state);
        }
        return;
    case NOTICE_GONE:
        settle(link);
        return;
    case NOTICE_RST_SENT:
        side_was_reset(link, notice->side);
        settle(link);
        return;
    case NOTICE_TLS_MESSAGE:
        message_came(link, notice);
        return;
    case NOTICE_HANDSHAKE_DONE:
        handshake_done(link, notice->side);
        return;
    case NOTICE_HANDSHAKE_ABORTED:
        happening.deed = DEED_ABORTS;
        happening.text = notice->text;
        break;
    case NOTICE_TURNED_AWAY:
        settle(link);
        return;
    case NOTICE_GAVE_UP:
    case NOTICE_RST_RECEIVED:
        side_is_dead(link, notice->side);
        return;
    case NOTICE_RELAY_LISTENING:
        refusal_relay_opened(engine, notice->relay->index);
        return;
    case NOTICE_RELAY_REMOVED:
        refusal_relay_removed(engine, notice->relay->index);
        return;
    case NOTICE_RELAY_PAUSED:
    case NOTICE_RELAY_RESUMED:
    case NOTICE_RELAY_REFUSING:
    case NOTICE_RELAY_ACCEPTING:
    case NOTICE_RELAY_CLOSED:
    case NOTICE_ACCEPTED:
    case NOTICE_DIALLING:
    case NOTICE_RECEIVED:
    case NOTICE_DELIVERED:
    case NOTICE_FIN_SENT:
    case NOTICE_TLS_FAILED:
    case NOTICE_NOTIFY_RECEIVED:
    case NOTICE_TLS_ENDED:
    case NOTICE_NOTIFY_SENT:
    case NOTICE_ALERT_RECEIVED:
    case NOTICE_ALERT_SENT:
    case NOTICE_TIMED_OUT:
    case NOTICE_CLOSED_ON:
    case NOTICE_BUFFER_FULL:
    case NOTICE_OVERLOOKED:
    case NOTICE_UNSEEN:
    case NOTICE_SPINNING:
    case NOTICE_RULE_FIRED:
    case NOTICE_ACTION_STARTED:
    case NOTICE_ACTION_HAPPENED:
    case NOTICE_ACTION_ENDED:
    case NOTICE_EXPECTED:
    case NOTICE_DEED_SEEN:
    case NOTICE_DEED_MISSED:
    case NOTICE_DEED_HIDDEN:
    case NOTICE_TLS_RECORD:
    case NOTICE_BYTE_SEEN:
    case NOTICE_FINDING:
    case NOTICE_KINDS:
        return;
    }
    show_link(link, &happening);
}

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
        show_link(link, &happening);
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
