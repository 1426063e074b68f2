/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /version, /proxies and /reset: proxies are relays of ours, whoever made them. What a change of one does to its open connections is what
 * Toxiproxy does: they are closed.
 */
#include "control/toxiproxy/api.h"

#include <stdlib.h>
#include <string.h>

#include "control/control.h"
#include "control/toxiproxy/listen.h"
#include "control/toxiproxy/reply.h"

static const struct part_list *parts(const struct toxiproxy *toxiproxy)
{
    return &control_desk(toxiproxy->control)->list;
}

static const struct part_relay *find(const struct toxiproxy *toxiproxy, const char *name)
{
    struct part *part;

    return part_list_relay(parts(toxiproxy), name, &part);
}

/* ---- what is there ---- */

static json_t *relay_json(const struct toxiproxy *toxiproxy, const struct part_relay *relay)
{
    json_t *object = json_object();

    json_object_set_new(object, "name", json_string(relay->spec->name));
    json_object_set_new(object, "listen", json_string(relay->text));
    json_object_set_new(object, "upstream", json_string(relay->spec->server.text));
    json_object_set_new(object, "enabled", json_boolean(relay->enabled));
    json_object_set_new(object, "toxics", shelves_json(&toxiproxy->shelves, relay->spec->name));
    return object;
}

json_t *proxy_json(struct task *task, const char *name)
{
    const struct part_relay *relay = find(task->toxiproxy, name);

    if (!relay)
        problem_set(&task->problem, 404, "proxy not found");
    return relay ? relay_json(task->toxiproxy, relay) : NULL;
}

static int compare(const void *left, const void *right)
{
    const struct part_relay *const *a = left, *const *b = right;

    return strcmp((*a)->spec->name, (*b)->spec->name);
}

/* All of them by name, since clients look at the order; NULL behind the last. The caller frees the list. */
static const struct part_relay **all_relays(const struct toxiproxy *toxiproxy)
{
    const struct part_relay **list;
    size_t count = 0, at = 0;

    for (size_t i = 0; i < parts(toxiproxy)->count; i++)
        count += parts(toxiproxy)->parts[i]->relay_count;
    list = calloc(count + 1, sizeof *list);
    if (!list)
        abort();
    for (size_t i = 0; i < parts(toxiproxy)->count; i++) {
        for (size_t j = 0; j < parts(toxiproxy)->parts[i]->relay_count; j++)
            list[at++] = &parts(toxiproxy)->parts[i]->relays[j];
    }
    qsort(list, count, sizeof *list, compare);
    return list;
}

static void list(struct call *call)
{
    struct toxiproxy *toxiproxy = control_toxiproxy(call->control);
    const struct part_relay **relays;
    json_t *object;

    if (!reply_may_go_on(call))
        return;
    relays = all_relays(toxiproxy);
    object = json_object();
    for (size_t i = 0; relays[i]; i++)
        json_object_set_new(object, relays[i]->spec->name, relay_json(toxiproxy, relays[i]));
    free(relays);
    reply_json(call, 200, object);
}

static void show(struct call *call)
{
    struct toxiproxy *toxiproxy = control_toxiproxy(call->control);
    const struct part_relay *relay = find(toxiproxy, call->names[0]);

    if (!reply_may_go_on(call))
        return;
    if (relay)
        reply_json(call, 200, relay_json(toxiproxy, relay));
    else
        reply_problem(call, &(struct problem){404, "proxy not found"});
}

static void version(struct call *call)
{
    if (reply_may_go_on(call))
        reply_version(call);
}

/* ---- one comes ---- */

static void reply_proxy(struct task *task, int status, const char *name)
{
    json_t *json = task->problem.status == 0 ? proxy_json(task, name) : NULL;

    if (json)
        task_reply(task, status, json);
    else
        task_fail(task);
}

static void created(struct task *task)
{
    const char *name = "";

    body_text(task->body, "name", &name, &task->problem);
    reply_proxy(task, 201, name);
}

static void begin_to_create(struct task *task)
{
    struct wanted wanted;
    struct change *change;

    if (!wanted_read(&wanted, task->body, 0, &task->problem)) {
        task_fail(task);
        return;
    }
    if (find(task->toxiproxy, wanted.name)) {
        problem_set(&task->problem, 409, "proxy already exists");
        task_fail(task);
        return;
    }
    if (!listen_check(wanted.listen, "listen tcp: ", &task->problem)) {
        task_fail(task);
        return;
    }
    change = task_change(task);
    change_put_relay(change, CHANGE_NEW, wanted.name, listen_address(wanted.listen).text, wanted.upstream, NULL);
    change_enable_relay(change, wanted.name, wanted.enabled);
    task_submit(task, change, created);
}

static void create(struct call *call)
{
    task_add(call, begin_to_create, true);
}

/* ---- one is changed ---- */

static void updated(struct task *task)
{
    reply_proxy(task, 200, task_name(task, 0));
}

static void begin_to_update(struct task *task)
{
    const char *name = task_name(task, 0);
    const struct part_relay *relay = find(task->toxiproxy, name);
    const char *listen = relay ? relay->text : NULL, *upstream = relay ? relay->spec->server.text : NULL;
    bool enabled = relay && relay->enabled, moves;
    struct change *change;

    if (!relay)
        problem_set(&task->problem, 404, "proxy not found");
    if (!relay || !body_text(task->body, "listen", &listen, &task->problem) || !body_text(task->body, "upstream", &upstream, &task->problem)
        || !body_flag(task->body, "enabled", &enabled, &task->problem) || !listen_check(listen, "", &task->problem)) {
        task_fail(task);
        return;
    }
    moves = !listen_is_same(listen, relay) || strcmp(upstream, relay->spec->server.text) != 0;
    change = task_change(task);
    if (moves)
        change_put_relay(change, CHANGE_OLD, name, listen_address(listen).text, upstream, NULL);
    if (moves || !enabled)
        change_close_links(change, name);
    change_enable_relay(change, name, enabled);
    task_submit(task, change, updated);
}

static void update(struct call *call)
{
    task_add(call, begin_to_update, true);
}

/* ---- one goes; all are as they were at first ---- */

static void removed(struct task *task)
{
    if (task->problem.status != 0) {
        task_fail(task);
        return;
    }
    shelves_clear(&task->toxiproxy->shelves, task_name(task, 0));
    task_reply_nothing(task);
}

static void begin_to_remove(struct task *task)
{
    const char *name = task_name(task, 0);
    struct change *change = task_change(task);

    toxics_take_all_away(change, task->toxiproxy, name);
    change_close_links(change, name);
    change_remove(change, PART_RELAY, name);
    task_submit(task, change, removed);
}

static void drop(struct call *call)
{
    task_add(call, begin_to_remove, false);
}

static void is_reset(struct task *task)
{
    if (task->problem.status != 0) {
        task_fail(task);
        return;
    }
    shelves_release(&task->toxiproxy->shelves);
    task_reply_nothing(task);
}

static void begin_to_reset(struct task *task)
{
    const struct part_relay **relays = all_relays(task->toxiproxy);
    struct change *change = task_change(task);

    for (size_t i = 0; relays[i]; i++) {
        toxics_take_all_away(change, task->toxiproxy, relays[i]->spec->name);
        if (!relays[i]->enabled)
            change_enable_relay(change, relays[i]->spec->name, true);
    }
    free(relays);
    task_submit(task, change, is_reset);
}

static void reset(struct call *call)
{
    task_add(call, begin_to_reset, false);
}

static void populate(struct call *call)
{
    task_add(call, populate_begin, true);
}

const struct route routes_toxiproxy[] = {
    {"GET", "/version", version, "Toxiproxy: the version that its clients are told", .status = 200, .flags = ROUTE_RAW},
    {"GET", "/proxies", list, "Toxiproxy: all relays as proxies, by name", .status = 200, .flags = ROUTE_RAW},
    {"POST", "/proxies", create, "Toxiproxy: adds a proxy", .body = "name* upstream* listen enabled", .status = 201, .flags = ROUTE_RAW},
    {"GET", "/proxies/{proxy}", show, "Toxiproxy: shows a proxy", .status = 200, .flags = ROUTE_RAW},
    {"PATCH", "/proxies/{proxy}", update, "Toxiproxy: changes a proxy; its connections are closed", .body = "listen upstream enabled",
        .status = 200, .flags = ROUTE_RAW},
    {"POST", "/proxies/{proxy}", update, "Toxiproxy: the same, as older clients do it", .body = "listen upstream enabled", .status = 200,
        .flags = ROUTE_RAW},
    {"DELETE", "/proxies/{proxy}", drop, "Toxiproxy: removes a proxy, and closes its connections", .status = 204, .flags = ROUTE_RAW},
    {"POST", "/populate", populate, "Toxiproxy: adds the proxies of a list, or puts them in the place of those that differ", .status = 201,
        .flags = ROUTE_RAW},
    {"POST", "/reset", reset, "Toxiproxy: enables all proxies and removes all toxics", .status = 204, .flags = ROUTE_RAW},
    {.method = NULL},
};
