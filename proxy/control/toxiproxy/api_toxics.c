/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proxies/{proxy}/toxics: toxics that are made, changed and removed, each as rules of its proxy's relay.
 */
#include "control/toxiproxy/api.h"

#include <stdio.h>
#include <stdlib.h>

#include "control/control.h"
#include "control/toxiproxy/effect.h"
#include "control/toxiproxy/reply.h"

/* ---- as rules ---- */

struct rule_name {
    char *text;
};

static struct rule_name rule_name(const char *proxy, const struct toxic *toxic, int place)
{
    struct rule_name name;

    if (asprintf(&name.text, "%s/%s%s", proxy, toxic->name, place > 0 ? "/fin" : "") < 0)
        abort();
    return name;
}

static void put_rule(struct change *change, const char *proxy, const struct toxic *toxic, int place, const char *sentence, bool open_only)
{
    struct rule_name name = rule_name(proxy, toxic, place), first = rule_name(proxy, toxic, 0);

    /* The toxic strikes a connection or does not: all its rules draw as one. */
    change_put_rule(change, CHANGE_EITHER, name.text, sentence,
        &(struct scope){.relay = proxy, .open_only = open_only, .lot = first.text});
    free(name.text);
    free(first.text);
}

static void remove_rule(struct change *change, const char *proxy, const struct toxic *toxic, int place)
{
    struct rule_name name = rule_name(proxy, toxic, place);

    change_remove(change, PART_RULE, name.text);
    free(name.text);
}

void toxics_put(struct change *change, const char *proxy, const struct toxic *toxic, const struct toxic *was)
{
    struct effect now = effect_of(toxic), before = {{NULL}};

    if (was)
        before = effect_of(was);
    for (int place = 0; place < EFFECT_RULES; place++) {
        if (now.sentences[place])
            put_rule(change, proxy, toxic, place, now.sentences[place], false);
        else if (before.sentences[place])
            remove_rule(change, proxy, toxic, place);
    }
    effect_release(&now);
    effect_release(&before);
}

void toxics_take_away(struct change *change, const char *proxy, const struct toxic *toxic)
{
    struct effect now = effect_of(toxic), removal = effect_of_removal(toxic);

    for (int place = 0; place < EFFECT_RULES; place++) {
        if (removal.sentences[place])
            put_rule(change, proxy, toxic, place, removal.sentences[place], true);
        else if (now.sentences[place])
            remove_rule(change, proxy, toxic, place);
    }
    effect_release(&now);
    effect_release(&removal);
}

void toxics_take_all_away(struct change *change, const struct toxiproxy *toxiproxy, const char *proxy)
{
    for (const struct toxic *toxic = shelves_first(&toxiproxy->shelves, proxy); toxic; toxic = toxic->next)
        toxics_take_away(change, proxy, toxic);
}

/* ---- what is there ---- */

static bool proxy_is_there(struct toxiproxy *toxiproxy, const char *name, struct problem *problem)
{
    struct part *part;

    return part_list_relay(&control_desk(toxiproxy->control)->list, name, &part) || problem_set(problem, 404, "proxy not found");
}

static struct toxic *find(struct toxiproxy *toxiproxy, char *const *names, struct problem *problem)
{
    struct toxic *toxic = NULL;

    if (proxy_is_there(toxiproxy, names[0], problem)) {
        toxic = shelves_find(&toxiproxy->shelves, names[0], names[1]);
        if (!toxic)
            problem_set(problem, 404, "toxic not found");
    }
    return toxic;
}

static void list(struct call *call)
{
    struct toxiproxy *toxiproxy = control_toxiproxy(call->control);
    struct problem problem = {0};

    if (!reply_may_go_on(call))
        return;
    if (proxy_is_there(toxiproxy, call->names[0], &problem))
        reply_json(call, 200, shelves_json(&toxiproxy->shelves, call->names[0]));
    else
        reply_problem(call, &problem);
}

static void show(struct call *call)
{
    struct problem problem = {0};
    struct toxic *toxic;

    if (!reply_may_go_on(call))
        return;
    toxic = find(control_toxiproxy(call->control), call->names, &problem);
    if (toxic)
        reply_json(call, 200, toxic_json(toxic));
    else
        reply_problem(call, &problem);
}

/* ---- one comes ---- */

static void created(struct task *task)
{
    struct toxic *toxic = task->toxic;

    if (task->problem.status != 0) {
        task_fail(task);
        return;
    }
    task->toxic = NULL;
    shelves_add(&task->toxiproxy->shelves, task_name(task, 0), toxic);
    task_reply(task, 200, toxic_json(toxic));
}

static void begin_to_create(struct task *task)
{
    const char *proxy = task_name(task, 0);
    struct change *change;

    if (!proxy_is_there(task->toxiproxy, proxy, &task->problem)) {
        task_fail(task);
        return;
    }
    task->toxic = toxic_new(task->body, &task->problem);
    if (task->toxic && shelves_find(&task->toxiproxy->shelves, proxy, task->toxic->name))
        problem_set(&task->problem, 409, "toxic already exists");
    if (task->problem.status != 0 || !toxic_take(task->toxic, task->body, &task->problem)) {
        task_fail(task);
        return;
    }
    change = task_change(task);
    toxics_put(change, proxy, task->toxic, NULL);
    task_submit(task, change, created);
}

static void create(struct call *call)
{
    task_add(call, begin_to_create, true);
}

/* ---- one is changed ---- */

static void updated(struct task *task)
{
    struct toxic *toxic = shelves_find(&task->toxiproxy->shelves, task_name(task, 0), task_name(task, 1));

    if (task->problem.status != 0) {
        task_fail(task);
        return;
    }
    toxic_copy_values(toxic, task->toxic);
    task_reply(task, 200, toxic_json(toxic));
}

static void begin_to_update(struct task *task)
{
    struct toxic *toxic = find(task->toxiproxy, task->call->names, &task->problem);
    struct change *change;

    if (toxic)
        task->toxic = toxic_copy(toxic);
    if (!toxic || !toxic_take(task->toxic, task->body, &task->problem)) {
        task_fail(task);
        return;
    }
    change = task_change(task);
    toxics_put(change, task_name(task, 0), task->toxic, toxic);
    task_submit(task, change, updated);
}

static void update(struct call *call)
{
    task_add(call, begin_to_update, true);
}

/* ---- one goes ---- */

static void removed(struct task *task)
{
    if (task->problem.status != 0) {
        task_fail(task);
        return;
    }
    shelves_remove(&task->toxiproxy->shelves, task_name(task, 0), task_name(task, 1));
    task_reply_nothing(task);
}

static void begin_to_remove(struct task *task)
{
    struct toxic *toxic = find(task->toxiproxy, task->call->names, &task->problem);
    struct change *change;

    if (!toxic) {
        task_fail(task);
        return;
    }
    change = task_change(task);
    toxics_take_away(change, task_name(task, 0), toxic);
    task_submit(task, change, removed);
}

static void drop(struct call *call)
{
    task_add(call, begin_to_remove, false);
}

const struct route routes_toxics[] = {
    {"GET", "/proxies/{proxy}/toxics", list, "Toxiproxy: lists the toxics of a proxy", .status = 200, .flags = ROUTE_RAW},
    {"POST", "/proxies/{proxy}/toxics", create, "Toxiproxy: adds a toxic, also to connections that are open",
        .body = "type* name stream toxicity attributes", .status = 200, .flags = ROUTE_RAW},
    {"GET", "/proxies/{proxy}/toxics/{toxic}", show, "Toxiproxy: shows a toxic", .status = 200, .flags = ROUTE_RAW},
    {"PATCH", "/proxies/{proxy}/toxics/{toxic}", update, "Toxiproxy: changes a toxic; what is not said stays as it is",
        .body = "toxicity attributes", .status = 200, .flags = ROUTE_RAW},
    {"POST", "/proxies/{proxy}/toxics/{toxic}", update, "Toxiproxy: the same, as older clients do it", .body = "toxicity attributes",
        .status = 200, .flags = ROUTE_RAW},
    {"DELETE", "/proxies/{proxy}/toxics/{toxic}", drop, "Toxiproxy: removes a toxic; what it held back goes on", .status = 204,
        .flags = ROUTE_RAW},
    {.method = NULL},
};
