/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /populate, and the config file of toxiproxy-server: a list of proxies, one change each. All are looked at before the first is made. One
 * that is there as it is wanted stays, with its toxics; one that differs is replaced, without them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/control.h"
#include "control/toxiproxy/api.h"
#include "control/toxiproxy/listen.h"
#include "rules/memory.h"

static void go_on(struct task *task);

/* {"proxies": …}, and what is wrong in front of it. */
static void reply(struct task *task)
{
    json_t *object = json_object();

    if (task->problem.status != 0) {
        json_object_set_new(object, "error", json_string(task->problem.text));
        json_object_set_new(object, "status", json_integer(task->problem.status));
    }
    json_object_set(object, "proxies", task->proxies);
    if (!task->call && task->problem.status != 0)
        fprintf(stderr, "hangup: the list of proxies: %s\n", task->problem.text);
    task_reply(task, task->problem.status != 0 ? task->problem.status : 201, object);
}

static void made(struct task *task)
{
    struct wanted wanted;
    json_t *json;

    wanted_read(&wanted, json_array_get(task->body, task->at), task->at + 1, &task->problem);
    json = task->problem.status == 0 ? proxy_json(task, wanted.name) : NULL;
    if (json) {
        json_array_append_new(task->proxies, json);
        task->at++;
        go_on(task);
    } else {
        reply(task);
    }
}

static void replaced(struct task *task)
{
    struct wanted wanted;

    if (task->problem.status == 0 && wanted_read(&wanted, json_array_get(task->body, task->at), task->at + 1, &task->problem))
        shelves_clear(&task->toxiproxy->shelves, wanted.name);
    made(task);
}

static void make(struct task *task, const struct wanted *wanted, const struct part_relay *old)
{
    struct change *change = task_change(task);

    if (old) {
        toxics_take_all_away(change, task->toxiproxy, wanted->name);
        change_close_links(change, wanted->name);
    }
    change_put_relay(change, old ? CHANGE_OLD : CHANGE_NEW, wanted->name, listen_address(wanted->listen).text, wanted->upstream, NULL);
    change_enable_relay(change, wanted->name, wanted->enabled);
    task_submit(task, change, old ? replaced : made);
}

static void go_on(struct task *task)
{
    const struct part_list *parts = &control_desk(task->toxiproxy->control)->list;
    const struct part_relay *old;
    struct wanted wanted;
    struct part *part;

    if (task->at >= json_array_size(task->body)) {
        reply(task);
        return;
    }
    wanted_read(&wanted, json_array_get(task->body, task->at), task->at + 1, &task->problem);
    old = part_list_relay(parts, wanted.name, &part);
    if (old && listen_is_same(wanted.listen, old) && strcmp(wanted.upstream, old->spec->server.text) == 0)
        made(task);
    else if (!listen_check(wanted.listen, "listen tcp: ", &task->problem))
        reply(task);
    else
        make(task, &wanted, old);
}

/* Toxiproxy answers an empty list with null, which its Node client cannot read: this is an empty one. */
void populate_begin(struct task *task)
{
    struct wanted wanted;

    if (!json_is_array(task->body) && !json_is_null(task->body))
        problem_set(&task->problem, 400, "bad request body: json: a list of proxies is an array");
    for (size_t i = 0; i < json_array_size(task->body) && task->problem.status == 0; i++)
        wanted_read(&wanted, json_array_get(task->body, i), i + 1, &task->problem);
    if (task->problem.status != 0) {
        task->proxies = json_null();
        reply(task);
        return;
    }
    task->proxies = json_array();
    go_on(task);
}

struct list {
    struct message message;
    struct control *control;
    json_t *proxies;
};

static void list_run(struct message *message)
{
    struct list *list = (struct list *)(void *)message;

    task_add_for(control_toxiproxy(list->control), list->proxies, populate_begin);
    free(list);
}

void populate_from_file(struct control *control, const char *path)
{
    json_error_t error;
    json_t *proxies = json_load_file(path, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &error);
    struct list *list;

    if (!proxies) {
        fprintf(stderr, "hangup: the list of proxies %s: %s\n", path, error.text);
        return;
    }
    list = xmalloc(sizeof *list);
    *list = (struct list){.message.run = list_run, .control = control, .proxies = proxies};
    inbox_post(control_inbox(control), &list->message);
}
