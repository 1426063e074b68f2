/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions, and who waits for them.
 */
#include "control/wait.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "control/answer.h"
#include "control/call.h"
#include "control/control.h"
#include "control/desk.h"
#include "control/monitor.h"
#include "control/watchers.h"
#include "engine/engine.h"
#include "judge/judge.h"
#include "relay/link.h"
#include "rules/memory.h"

#define TIME_MOST (3600 * NS_PER_S)
#define TIME_USUAL (30 * NS_PER_S)

enum condition { WAIT_LINKS, WAIT_OPEN, WAIT_RULE, WAIT_FINDING, WAIT_IDLE };

static const char *const condition_names[] = {"links", "open", "rule", "finding", "idle"};

struct wait {
    struct errand errand; /* first */
    struct wait *next;
    struct call *call; /* NULL: who waited has gone */
    enum condition condition;
    char *relay; /* NULL: any */
    uint64_t link;
    uint64_t wanted; /* how many; ns of silence */
    char *rule;
    int outcome; /* of enum outcome, -1: any */
    uint64_t deadline; /* ns */
    struct event *timer;
    bool under_way, again; /* it is being asked; and is to be asked once more */

    uint64_t found; /* the sum over the workers; of WAIT_IDLE: when a byte was heard last */
};

struct waits {
    struct control *control;
    struct wait *first;
};

/* ---- asking, on the workers' threads ---- */

static bool concerns(const struct wait *wait, const struct link *link)
{
    return (wait->relay == NULL || strcmp(wait->relay, link->relay->spec->name) == 0) && (wait->link == 0 || wait->link == link->number);
}

static uint64_t count_links(const struct wait *wait, const struct monitor_counts *counts)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < counts->relay_count; i++) {
        if (counts->relays[i].name != NULL && (wait->relay == NULL || strcmp(wait->relay, counts->relays[i].name) == 0)) {
            sum += counts->relays[i].opened;
        }
    }
    return sum;
}

static uint64_t count_open(const struct wait *wait, const struct worker *worker)
{
    uint64_t sum = 0;

    for (const struct link *link = worker->links; link != NULL; link = link->next) {
        sum += concerns(wait, link);
    }
    return sum;
}

static uint64_t count_firings(const struct wait *wait, const struct engine *engine)
{
    for (size_t i = 0; i < engine->state_count; i++) {
        if (strcmp(engine->states[i]->rule->name, wait->rule) == 0) {
            return engine->states[i]->firings;
        }
    }
    return 0;
}

static uint64_t count_findings(const struct wait *wait, const struct judge *judge)
{
    uint64_t sum = 0;

    for (int outcome = 0; outcome < OUTCOMES; outcome++) {
        sum += wait->outcome < 0 || wait->outcome == outcome ? judge_tally(judge)->findings[outcome] : 0;
    }
    return sum;
}

static uint64_t last_heard(const struct wait *wait, const struct worker *worker)
{
    uint64_t last = 0;

    for (const struct link *link = worker->links; link != NULL; link = link->next) {
        for (int side = SIDE_CLIENT; concerns(wait, link) && side <= SIDE_SERVER; side++) {
            last = link->flows[side].heard_at > last ? link->flows[side].heard_at : last;
        }
    }
    return last;
}

static void ask(struct errand *errand, struct station *station)
{
    struct wait *wait = (struct wait *)(void *)errand;
    uint64_t last;

    switch (wait->condition) {
    case WAIT_LINKS:
        wait->found += count_links(wait, monitor_counts(station->monitor));
        break;
    case WAIT_OPEN:
        wait->found += count_open(wait, station->worker);
        break;
    case WAIT_RULE:
        wait->found += count_firings(wait, station->engine);
        break;
    case WAIT_FINDING:
        wait->found += station->judge != NULL ? count_findings(wait, station->judge) : 0;
        break;
    case WAIT_IDLE:
        last = last_heard(wait, station->worker);
        wait->found = last > wait->found ? last : wait->found;
        break;
    }
}

/* ---- at home ---- */

static uint64_t now(void)
{
    return clock_monotonic.now(&clock_monotonic);
}

static void wait_free(struct wait *wait)
{
    event_free(wait->timer);
    free(wait->relay);
    free(wait->rule);
    free(wait);
}

static void unlist(struct waits *waits, struct wait *wait)
{
    struct wait **place = &waits->first;

    while (*place != wait) {
        place = &(*place)->next;
    }
    *place = wait->next;
    watchers_want(control_watchers(waits->control));
}

static void answer(struct wait *wait, bool happened)
{
    struct call *call = wait->call;
    json_t *json = json_object();

    json_object_set_new(json, "happened", json_boolean(happened));
    json_object_set_new(json, "waited_for", json_string(condition_names[wait->condition]));
    if (wait->condition != WAIT_IDLE) {
        json_object_set_new(json, "found", json_integer((json_int_t)wait->found));
    }
    unlist(control_waits(wait->errand.control), wait);
    wait_free(wait);
    call_reply(call, 200, json);
}

static bool holds(const struct wait *wait)
{
    switch (wait->condition) {
    case WAIT_LINKS:
    case WAIT_RULE:
    case WAIT_FINDING:
        return wait->found >= wait->wanted;
    case WAIT_OPEN:
        return wait->found <= wait->wanted;
    case WAIT_IDLE:
        return now() >= wait->found + wait->wanted;
    }
    return false;
}

/* At its end, or, where silence is waited for, when that may be long enough. */
static void set_timer(struct wait *wait)
{
    uint64_t at = wait->deadline, left;
    struct timeval time;

    if (wait->condition == WAIT_IDLE && wait->found + wait->wanted < at) {
        at = wait->found + wait->wanted;
    }
    left = at > now() ? (at - now()) / NS_PER_US + 1 : 1;
    time = (struct timeval){.tv_sec = (time_t)(left / 1000000), .tv_usec = (suseconds_t)(left % 1000000)};
    event_add(wait->timer, &time);
}

static void look(struct wait *wait)
{
    if (wait->under_way) {
        wait->again = true;
        return;
    }
    wait->under_way = true;
    wait->again = false;
    wait->found = 0;
    errand_send(&wait->errand);
}

static void give_up(struct call *call, int status, const char *why)
{
    struct wait *wait = call->context;

    unlist(control_waits(call->control), wait);
    wait->call = NULL;
    event_del(wait->timer);
    if (!wait->under_way) {
        wait_free(wait);
    }
    call_error(call, status, "%s", why);
}

/* What was to happen cannot any more. Without a relay its links can still end, or be silent. */
static bool is_in_vain(const struct wait *wait)
{
    const struct part_list *list = &control_desk(wait->call->control)->list;
    struct part *part;

    return (wait->rule != NULL && part_list_rule(list, wait->rule, &part) == NULL)
        || (wait->condition == WAIT_LINKS && wait->relay != NULL && part_list_relay(list, wait->relay, &part) == NULL);
}

static void come_home(struct errand *errand)
{
    struct wait *wait = (struct wait *)(void *)errand;

    wait->under_way = false;
    if (wait->call == NULL) {
        wait_free(wait);
    } else if (holds(wait) || now() >= wait->deadline) {
        answer(wait, holds(wait));
    } else if (is_in_vain(wait)) {
        give_up(wait->call, 404, "the rule or the relay that this waited for was taken away");
    } else if (wait->again) {
        look(wait);
    } else {
        set_timer(wait);
    }
}

static void on_time(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    look(argument);
}

/* Or it has only said that it asks no more: that looks the same. */
static void waiter_gone(struct call *call)
{
    give_up(call, 400, "who waits keeps the connection open, in its own direction too");
}

/* ---- the request ---- */

static bool read_outcome(struct call *call, const char *text, int *outcome)
{
    static const char *const names[OUTCOMES] = {"never_reached", "passed", "failed"};

    *outcome = -1;
    if (strcmp(text, "any") == 0) {
        return true;
    }
    for (int i = 0; i < OUTCOMES; i++) {
        if (strcmp(names[i], text) == 0) {
            *outcome = i;
            return true;
        }
    }
    call_error(call, 400, "finding=%s: write failed, passed, never_reached or any", text);
    return false;
}

static bool read_condition(struct call *call, struct wait *wait)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof(condition_names) / sizeof(condition_names[0]); i++) {
        if (call_query(call, condition_names[i]) != NULL) {
            wait->condition = (enum condition)i;
            count++;
        }
    }
    if (count != 1) {
        call_error(call, 400, "wait for one of: links=N, open=N, rule=NAME, finding=OUTCOME, idle=TIME");
        return false;
    }
    if (call_query(call, "times") != NULL && wait->condition != WAIT_RULE && wait->condition != WAIT_FINDING) {
        call_error(call, 400, "`times` counts what `rule` and `finding` wait for");
        return false;
    }
    if (call_query(call, "link") != NULL && wait->relay == NULL) {
        call_error(call, 400, "`link` is a number among those of a `relay`");
        return false;
    }
    switch (wait->condition) {
    case WAIT_LINKS:
        return call_query_number(call, "links", UINT64_MAX, &wait->wanted);
    case WAIT_OPEN:
        return call_query_number(call, "open", UINT64_MAX, &wait->wanted);
    case WAIT_RULE:
        wait->wanted = 1;
        wait->rule = xstrdup(call_query(call, "rule"));
        return call_query_number(call, "times", UINT64_MAX, &wait->wanted);
    case WAIT_FINDING:
        wait->wanted = 1;
        return read_outcome(call, call_query(call, "finding"), &wait->outcome)
            && call_query_number(call, "times", UINT64_MAX, &wait->wanted);
    case WAIT_IDLE:
        return call_query_time(call, "idle", TIME_MOST, &wait->wanted);
    }
    return false;
}

static bool is_there(struct call *call, const struct wait *wait)
{
    const struct part_list *list = &control_desk(call->control)->list;
    struct part *part;

    if (!answer_relay_is_there(call, wait->relay)) {
        return false;
    }
    if (wait->rule != NULL && part_list_rule(list, wait->rule, &part) == NULL) {
        call_error(call, 404, "there is no rule `%s`", wait->rule);
        return false;
    }
    return true;
}

void waits_handler(struct call *call)
{
    struct waits *waits = control_waits(call->control);
    struct wait *wait = xmalloc(sizeof(*wait));
    const char *relay = call_query(call, "relay");
    uint64_t time = TIME_USUAL;

    *wait = (struct wait){.errand = {.control = call->control, .work = ask, .home = come_home}, .call = call,
        .relay = relay != NULL ? xstrdup(relay) : NULL};
    wait->timer = event_new(control_base(call->control), -1, 0, on_time, wait);
    if (wait->timer == NULL) {
        abort();
    }
    if (!read_condition(call, wait) || !call_query_number(call, "link", UINT64_MAX, &wait->link)
        || !call_query_time(call, "timeout", TIME_MOST, &time) || !is_there(call, wait)) {
        wait_free(wait);
        return;
    }
    wait->deadline = now() + time;
    wait->next = waits->first;
    waits->first = wait;
    call->context = wait;
    call_watch(call, waiter_gone);
    watchers_want(control_watchers(call->control)); /* before it is asked: nothing is missed in between */
    look(wait);
}

/* ---- all of them ---- */

uint64_t waits_want(const struct waits *waits)
{
    static const uint64_t kinds[] = {
        [WAIT_LINKS] = UINT64_C(1) << NOTICE_OPENED,
        [WAIT_OPEN] = UINT64_C(1) << NOTICE_OPENED | UINT64_C(1) << NOTICE_CLOSED,
        [WAIT_RULE] = UINT64_C(1) << NOTICE_RULE_FIRED,
        [WAIT_FINDING] = UINT64_C(1) << NOTICE_FINDING,
        [WAIT_IDLE] = 0, /* its timer sees to it */
    };
    uint64_t wanted = 0;

    for (const struct wait *wait = waits->first; wait != NULL; wait = wait->next) {
        wanted |= kinds[wait->condition];
    }
    return wanted;
}

void waits_look(struct waits *waits)
{
    for (struct wait *wait = waits->first; wait != NULL; wait = wait->next) {
        look(wait);
    }
}

struct waits *waits_new(struct control *control)
{
    struct waits *waits = xmalloc(sizeof(*waits));

    *waits = (struct waits){.control = control, .first = NULL};
    return waits;
}

void waits_end(struct waits *waits)
{
    while (waits->first != NULL) {
        give_up(waits->first->call, 503, "hangup ends");
    }
}

void waits_free(struct waits *waits)
{
    free(waits);
}
