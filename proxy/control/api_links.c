/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /v1/links: the connections that are open, what is at work on them, and what is to be done to them now.
 */
#include "control/routes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/answer.h"
#include "control/control.h"
#include "control/monitor.h"
#include "engine/action.h"
#include "engine/engine.h"
#include "relay/link.h"
#include "rules/amount.h"
#include "rules/memory.h"

#define LISTED_USUALLY 100
#define LISTED_MOST 1000 /* at a time: the worker that lists them does nothing else meanwhile */

/* ---- what they look like ---- */

/* What our own socket lets us know of the application's; NULL: nothing. */
static const char *inferred_state(const struct end *end)
{
    if (end->state != END_OPEN || end->rst_received || end->timed_out) {
        return NULL;
    }
    if (end->fin_acked) {
        return end->fin_received ? NULL : tcp_state_name(STATE_CLOSE_WAIT);
    }
    return end->fin_received && !end->fin_sent ? tcp_state_name(STATE_FIN_WAIT2) : NULL;
}

/* The application's own socket: seen, or else inferred. */
static void set_state(json_t *object, const struct end *end, const struct sighting *sighting)
{
    char who[SIGHTING_WHO];

    if (sighting == NULL) {
        answer_set(object, "state", inferred_state(end));
        return;
    }
    answer_set(object, "state", tcp_state_name(sighting->state));
    answer_set(object, "who", sighting_who(sighting, who));
}

static json_t *end_object(struct link *link, enum side side, const struct seen_links *seen)
{
    struct end *end = &link->ends[side];
    json_t *object = json_object();

    if (end->state == END_OPEN && end->stream.ops != NULL) {
        answer_set(object, "our_state", tcp_state_name(end->stream.ops->state(&end->stream)));
    } else {
        answer_set(object, "our_state", end->state == END_GONE ? "gone" : end->state == END_CONNECTING ? "connecting" : "none");
    }
    set_state(object, end, seen_find(seen, link, side));
    answer_set_number(object, "sent", link->flows[side].bytes);
    answer_set_number(object, "got", end->delivered);
    answer_set_number(object, "waiting", end->out.bytes);
    return object;
}

static json_t *action_object(const struct action_run *run)
{
    json_t *object = json_object();
    uint64_t kept = 0;

    for (const struct fault *fault = run->faults; fault != NULL; fault = fault->next) {
        kept += fault->kept.bytes;
    }
    answer_set(object, "action", run->step->text);
    answer_set_number(object, "kept", kept);
    return object;
}

static json_t *rules_array(const struct link *link)
{
    json_t *array = json_array();

    for (const struct instance *instance = link->rules != NULL ? link->rules->first : NULL; instance != NULL; instance = instance->next) {
        json_t *object = json_object(), *running = json_array();

        answer_set(object, "rule", instance->rule->name);
        answer_set_number(object, "firings", instance->firings);
        for (const struct action_run *run = instance->runs; run != NULL; run = run->next) {
            if (!run->over) {
                json_array_append_new(running, action_object(run));
            }
        }
        json_object_set_new(object, "running", running);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *link_object(struct link *link, uint64_t start, const struct seen_links *seen)
{
    json_t *object = json_object();
    char from[LINK_CLIENT_TEXT];

    link_client_text(link, from, sizeof(from));
    answer_set(object, "relay", link->relay->spec->name);
    answer_set_number(object, "link", link->number);
    answer_set(object, "from", from);
    answer_set_number(object, "opened", (link->opened_at - start) / NS_PER_US);
    json_object_set_new(object, "client", end_object(link, SIDE_CLIENT, seen));
    json_object_set_new(object, "server", end_object(link, SIDE_SERVER, seen));
    json_object_set_new(object, "rules", rules_array(link));
    return object;
}

/* ---- asking for them ---- */

struct search {
    struct errand errand; /* first */
    struct call *call;
    char *relay;     /* NULL: any */
    uint64_t number; /* 0: any */
    uint64_t most, skip;
    json_t *found;
    enum side side;  /* step */
    uint64_t bytes;
    unsigned holders;
};

static struct search *search_new(struct call *call, const char *relay, uint64_t number)
{
    struct search *search = xmalloc(sizeof(*search));

    *search = (struct search){.errand = {.control = call->control}, .call = call, .relay = relay != NULL ? xstrdup(relay) : NULL,
        .number = number, .most = LISTED_USUALLY, .found = json_array()};
    return search;
}

static void search_free(struct search *search)
{
    json_decref(search->found);
    free(search->relay);
    free(search);
}

static bool is_sought(const struct search *search, const struct link *link)
{
    return (search->number == 0 || search->number == link->number)
        && (search->relay == NULL || strcmp(search->relay, link->relay->spec->name) == 0);
}

static void look_for(struct errand *errand, struct station *station)
{
    struct search *search = (struct search *)(void *)errand;

    for (struct link *link = station->worker->links; link != NULL && json_array_size(search->found) < search->most; link = link->next) {
        if (!is_sought(search, link)) {
            continue;
        }
        if (search->skip > 0) {
            search->skip--;
        } else {
            json_array_append_new(search->found,
                link_object(link, control_options(errand->control)->start, monitor_seen(station->monitor)));
        }
    }
}

static void reply_all(struct errand *errand)
{
    struct search *search = (struct search *)(void *)errand;

    call_reply(search->call, 200, json_incref(search->found));
    search_free(search);
}

static void list(struct call *call)
{
    uint64_t most = LISTED_USUALLY, skip = 0;
    struct search *search;

    if (!call_query_number(call, "limit", LISTED_MOST, &most) || !call_query_number(call, "skip", UINT64_MAX, &skip)
        || !answer_relay_is_there(call, call_query(call, "relay"))) {
        return;
    }
    search = search_new(call, call_query(call, "relay"), 0);
    search->most = most;
    search->skip = skip;
    search->errand.work = look_for;
    search->errand.home = reply_all;
    errand_send(&search->errand);
}

static void no_such_link(struct call *call)
{
    call_error(call, 404, "no connection %s of the relay `%s` is open", call->names[1], call->names[0]);
}

/* The link that the path names. */
static bool read_number(struct call *call, uint64_t *number)
{
    if (amount_number(call->names[1], number) && *number > 0) {
        return true;
    }
    call_error(call, 400, "%s is no number of a connection", call->names[1]);
    return false;
}

static void reply_one(struct errand *errand)
{
    struct search *search = (struct search *)(void *)errand;

    if (json_array_size(search->found) == 0) {
        no_such_link(search->call);
    } else {
        call_reply(search->call, 200, json_incref(json_array_get(search->found, 0)));
    }
    search_free(search);
}

static void show(struct call *call)
{
    struct search *search;
    uint64_t number;

    if (!read_number(call, &number)) {
        return;
    }
    search = search_new(call, call->names[0], number);
    search->errand.work = look_for;
    search->errand.home = reply_one;
    errand_send(&search->errand);
}

/* ---- step ---- */

static void work_step(struct errand *errand, struct station *station)
{
    struct search *search = (struct search *)(void *)errand;

    for (struct link *link = station->worker->links, *next; link != NULL; link = next) {
        next = link->next;
        if (is_sought(search, link)) {
            json_array_append_new(search->found, json_true());
            search->holders += engine_step(link, search->side, search->bytes);
        }
    }
}

static void reply_step(struct errand *errand)
{
    struct search *search = (struct search *)(void *)errand;

    if (json_array_size(search->found) == 0) {
        no_such_link(search->call);
    } else if (search->holders == 0) {
        call_error(search->call, 409, "nothing holds what the %s says on this connection: {\"do\": \"hold %s data\"} first",
            side_name(search->side), side_name(search->side));
    } else {
        call_reply_nothing(search->call, 204);
    }
    search_free(search);
}

static void step(struct call *call)
{
    struct search *search;
    uint64_t number, bytes = 0;
    const char *side;

    if (!read_number(call, &number) || !call_body_text(call, "side", true, &side)
        || !call_body_number(call, "bytes", true, INT64_MAX, &bytes)) {
        return;
    }
    if (strcmp(side, "client") != 0 && strcmp(side, "server") != 0) {
        call_error(call, 400, "`side` is client or server: whose words are to go on");
        return;
    }
    search = search_new(call, call->names[0], number);
    search->side = strcmp(side, "client") == 0 ? SIDE_CLIENT : SIDE_SERVER;
    search->bytes = bytes;
    search->errand.work = work_step;
    search->errand.home = reply_step;
    errand_send(&search->errand);
}

/* ---- do ---- */

static void done(struct change *change)
{
    struct call *call = change->context;
    char *name = call->context;
    struct part *part;
    const struct rule *rule;

    if (answer_change(change)) {
        rule = part_list_rule(&control_desk(change->errand.control)->list, name, &part);
        call_reply(call, 201, answer_rule(rule, part));
    }
    free(name);
}

/* A rule for connections that are open now: what it does that lasts can be removed by its name. */
static void do_now(struct call *call, const char *selectors, const struct scope *scope)
{
    struct change *change;
    const char *action;
    char *name, *text;

    if (!call_body_text(call, "do", true, &action)) {
        return;
    }
    if (asprintf(&name, "do-%" PRIu64, ++control_desk(call->control)->names) < 0
        || asprintf(&text, "%s%s then %s", selectors != NULL ? "for " : "", selectors != NULL ? selectors : "", action) < 0) {
        abort();
    }
    call->context = name;
    change = change_new(call->control, done, call);
    change_put_rule(change, CHANGE_NEW, name, text, scope);
    change_submit(change);
    free(text);
}

static void do_if_there(struct errand *errand)
{
    struct search *search = (struct search *)(void *)errand;

    if (json_array_size(search->found) == 0) {
        no_such_link(search->call);
    } else {
        do_now(search->call, NULL, &(struct scope){.relay = search->relay, .link = search->number, .open_only = true});
    }
    search_free(search);
}

static void do_one(struct call *call)
{
    struct search *search;
    const char *action;
    uint64_t number;

    if (!read_number(call, &number) || !call_body_text(call, "do", true, &action)) {
        return;
    }
    search = search_new(call, call->names[0], number);
    search->errand.work = look_for;
    search->errand.home = do_if_there;
    errand_send(&search->errand);
}

static void do_all(struct call *call)
{
    const char *selectors;

    if (call_body_text(call, "for", false, &selectors)) {
        do_now(call, selectors, &(struct scope){.open_only = true});
    }
}

const struct route routes_links[] = {
    {"GET", "/v1/links", list, "lists open connections, the newest first: the states of both our ends, what the rules do on them",
        .query = "relay limit skip", .status = 200},
    {"POST", "/v1/links/do", do_all,
        "does something to open connections now: an action as in a rule (do), to those that selectors name (for), or to all",
        .body = "do* for", .status = 201},
    {"GET", "/v1/links/{relay}/{link}", show, "shows an open connection", .status = 200},
    {"POST", "/v1/links/{relay}/{link}/do", do_one,
        "does something to this connection now: an action as in a rule; what lasts ends when the rule of the answer is removed",
        .body = "do*", .status = 201},
    {"POST", "/v1/links/{relay}/{link}/step", step, "lets so many bytes of that side pass what holds them, now or when they come",
        .body = "side* bytes*", .status = 204},
    {.method = NULL},
};
