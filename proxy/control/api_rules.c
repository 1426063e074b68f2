/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /v1/rules and /v1/files: rules by themselves, and whole rule files with relays and rules that come and go together. With a lease they go
 * as soon as the connection that brought them closes.
 */
#include "control/routes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/answer.h"
#include "control/control.h"
#include "engine/engine.h"
#include "rules/memory.h"

static const struct part_list *parts(const struct call *call)
{
    return &control_desk(call->control)->list;
}

/* ---- how often they fired ---- */

struct firings {
    struct errand errand; /* first */
    struct call *call;
    char *only; /* a rule's name; NULL: all */
    struct firing {
        const struct rule *rule; /* compared, not looked into: it may be gone */
        uint64_t count;
    } *list;
    size_t count;
};

static void gather(struct errand *errand, struct station *station)
{
    struct firings *firings = (struct firings *)(void *)errand;
    const struct engine *engine = station->engine;

    firings->list = xrealloc(firings->list, (firings->count + engine->state_count + 1) * sizeof(*firings->list));
    for (size_t i = 0; i < engine->state_count; i++) {
        firings->list[firings->count++] = (struct firing){engine->states[i]->rule, engine->states[i]->firings};
    }
}

static json_t *rule_object(const struct firings *firings, const struct rule *rule, const struct part *part)
{
    json_t *object = answer_rule(rule, part);
    uint64_t sum = 0;

    for (size_t i = 0; i < firings->count; i++) {
        sum += firings->list[i].rule == rule ? firings->list[i].count : 0;
    }
    answer_set_number(object, "firings", sum);
    return object;
}

static json_t *all_rules(const struct firings *firings)
{
    const struct part_list *list = parts(firings->call);
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; j < list->parts[i]->rule_count; j++) {
            json_array_append_new(array, rule_object(firings, list->parts[i]->rules[j], list->parts[i]));
        }
    }
    return array;
}

static void reply_firings(struct errand *errand)
{
    struct firings *firings = (struct firings *)(void *)errand;
    struct part *part;
    const struct rule *rule;

    if (firings->only == NULL) {
        call_reply(firings->call, 200, all_rules(firings));
    } else if ((rule = part_list_rule(parts(firings->call), firings->only, &part)) != NULL) {
        call_reply(firings->call, 200, rule_object(firings, rule, part));
    } else {
        call_error(firings->call, 404, "there is no rule `%s`", firings->only);
    }
    free(firings->only);
    free(firings->list);
    free(firings);
}

static void ask(struct call *call, const char *only)
{
    struct firings *firings = xmalloc(sizeof(*firings));

    *firings = (struct firings){.errand = {.control = call->control, .work = gather, .home = reply_firings}, .call = call,
        .only = only != NULL ? xstrdup(only) : NULL};
    errand_send(&firings->errand);
}

static void list(struct call *call)
{
    ask(call, NULL);
}

static void show(struct call *call)
{
    ask(call, call->names[0]);
}

/* ---- leases ---- */

static void lease_ended(struct change *change)
{
    (void)change; /* if somebody else has removed or replaced it, that is as well */
}

static void holder_gone(struct call *call)
{
    struct part *part = call->context;
    struct change *change = change_new(call->control, lease_ended, NULL);

    change_remove_part(change, part);
    change_submit(change);
    part_drop(part);
    call_stream_end(call);
}

/* The answer goes on until the connection closes, and the part goes with it. */
static void begin_lease(struct call *call, struct part *part, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT), *line;
    int length;

    if (text == NULL || (length = asprintf(&line, "%s\n", text)) < 0) {
        abort();
    }
    json_decref(json);
    free(text);
    call->context = part_use(part);
    call_stream_begin(call, "application/x-ndjson");
    (void)call_stream(call, line, (size_t)length);
    free(line);
    call_watch(call, holder_gone);
}

/* ---- what comes and goes ---- */

/* What a change is about, while it is made. */
struct putting {
    enum part_kind kind;
    char *name;
    bool lease;
    int status;
};

static json_t *file_object(const struct part *part, const struct diag *diag)
{
    json_t *object = json_object(), *relays = json_array(), *rules = json_array();

    answer_set(object, "name", part->name);
    for (size_t i = 0; i < part->relay_count; i++) {
        json_array_append_new(relays, answer_relay(&part->relays[i], part));
    }
    for (size_t i = 0; i < part->rule_count; i++) {
        json_array_append_new(rules, answer_rule(part->rules[i], part));
    }
    json_object_set_new(object, "relays", relays);
    json_object_set_new(object, "rules", rules);
    if (diag != NULL && diag_warnings(diag) > 0) {
        json_object_set_new(object, "messages", call_messages(diag));
    }
    return object;
}

static json_t *part_object(const struct part *part, const struct diag *diag)
{
    json_t *object;

    if (part->kind != PART_RULE) {
        return file_object(part, diag);
    }
    object = answer_rule(part->rules[0], part);
    if (diag != NULL && diag_warnings(diag) > 0) {
        json_object_set_new(object, "messages", call_messages(diag));
    }
    return object;
}

static void put_done(struct change *change)
{
    struct call *call = change->context;
    struct putting *putting = call->context;

    call->context = NULL;
    if (answer_change(change)) {
        struct part *part = parts(call)->parts[part_list_find(parts(call), putting->kind, putting->name)];

        if (putting->lease) {
            begin_lease(call, part, part_object(part, change->diag));
        } else {
            call_reply(call, putting->status, part_object(part, change->diag));
        }
    }
    free(putting->name);
    free(putting);
}

static struct change *begin_putting(struct call *call, enum part_kind kind, const char *name, bool lease, int status)
{
    struct putting *putting = xmalloc(sizeof(*putting));

    *putting = (struct putting){.kind = kind, .name = xstrdup(name), .lease = lease, .status = status};
    call->context = putting;
    return change_new(call->control, put_done, call);
}

static void put_rule(struct call *call, const char *name, enum change_mode mode, int status)
{
    const char *text, *relay;
    struct scope scope = {.link = 0};
    bool lease = false;
    struct change *change;

    if (!call_body_text(call, "rule", true, &text) || !call_body_text(call, "relay", false, &relay)
        || !call_body_flag(call, "lease", &lease)) {
        return;
    }
    if (!answer_relay_is_there(call, relay)) {
        return;
    }
    scope.relay = relay;
    change = begin_putting(call, PART_RULE, name, lease, status);
    change_put_rule(change, mode, name, text, &scope);
    change_submit(change);
}

static void add_rule(struct call *call)
{
    const char *name;
    char own[32];

    if (!call_body_text(call, "name", false, &name)) {
        return;
    }
    if (name == NULL) {
        snprintf(own, sizeof(own), "rule-%" PRIu64, ++control_desk(call->control)->names);
        name = own;
    }
    if (!call_is_name(call, "`name`", name)) {
        return;
    }
    put_rule(call, name, CHANGE_NEW, 201);
}

static void replace_rule(struct call *call)
{
    if (!call_is_name(call, "the rule's name in the path", call->names[0])) {
        return;
    }
    put_rule(call, call->names[0], CHANGE_EITHER, 200);
}

static void remove_one(struct call *call, enum part_kind kind)
{
    struct change *change = change_new(call->control, answer_nothing, call);

    change_remove(change, kind, call->names[0]);
    change_submit(change);
}

static void remove_rule(struct call *call)
{
    remove_one(call, PART_RULE);
}

/* ---- files ---- */

static void list_files(struct call *call)
{
    json_t *array = json_array();

    for (size_t i = 0; i < parts(call)->count; i++) {
        if (parts(call)->parts[i]->kind == PART_FILE) {
            json_array_append_new(array, file_object(parts(call)->parts[i], NULL));
        }
    }
    call_reply(call, 200, array);
}

static void show_file(struct call *call)
{
    size_t place = part_list_find(parts(call), PART_FILE, call->names[0]);
    json_t *object;

    if (place == parts(call)->count) {
        call_error(call, 404, "there is no file `%s`", call->names[0]);
        return;
    }
    object = file_object(parts(call)->parts[place], NULL);
    answer_set(object, "text", parts(call)->parts[place]->text);
    call_reply(call, 200, object);
}

static void put_file(struct call *call)
{
    const char *text;
    bool lease = false;
    struct change *change;

    if (!call_body_text(call, "text", true, &text) || !call_body_flag(call, "lease", &lease)
        || !call_is_name(call, "the file's name in the path", call->names[0])) {
        return;
    }
    change = begin_putting(call, PART_FILE, call->names[0], lease, 200);
    change_put_file(change, CHANGE_EITHER, call->names[0], text);
    change_submit(change);
}

static void remove_file(struct call *call)
{
    remove_one(call, PART_FILE);
}

const struct route routes_rules[] = {
    {"GET", "/v1/rules", list, "lists the rules in force, and how often each fired", .status = 200},
    {"POST", "/v1/rules", add_rule,
        "adds a rule, a sentence; open connections come under it, too. relay: for those of that relay alone. lease: it goes when "
        "this connection closes",
        .body = "rule* name relay lease", .status = 201},
    {"GET", "/v1/rules/{rule}", show, "shows a rule", .status = 200},
    {"PUT", "/v1/rules/{rule}", replace_rule, "adds a rule, or puts it in the place of the one of that name", .body = "rule* relay lease",
        .status = 200},
    {"DELETE", "/v1/rules/{rule}", remove_rule, "removes a rule that was added by itself: what it runs ends as if its time were up",
        .status = 204},
    {"GET", "/v1/files", list_files, "lists the rule files that were added", .status = 200},
    {"GET", "/v1/files/{file}", show_file, "shows a rule file that was added", .status = 200},
    {"PUT", "/v1/files/{file}", put_file,
        "adds a rule file's text, relays and rules at once or none of it, or puts it in the place of the one of that name; what stands in "
        "both as it was goes on",
        .body = "text* lease", .status = 200},
    {"DELETE", "/v1/files/{file}", remove_file, "removes a rule file, with all that came with it", .status = 204},
    {.method = NULL},
};
