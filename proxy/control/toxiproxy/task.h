/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A task: a call of Toxiproxy's API that changes something. They are worked off one behind the other, since each looks at what the one
 * before has left: it begins, makes one change on the desk or several, and ends by answering its call. Called by the api_ files here.
 */
#ifndef HANGUP_CONTROL_TOXIPROXY_TASK_H
#define HANGUP_CONTROL_TOXIPROXY_TASK_H

#include "control/call.h"
#include "control/desk.h"
#include "control/toxiproxy/shelf.h"

struct task;

/* What Toxiproxy's clients have made; the control side has one. */
struct toxiproxy {
    struct control *control;
    struct shelves shelves;
    struct task *first, *last; /* handed in; the first one is under way */
};

struct toxiproxy *toxiproxy_new(struct control *control);
void toxiproxy_free(struct toxiproxy *toxiproxy); /* NULL is fine */

struct task {
    struct task *next;
    struct toxiproxy *toxiproxy;
    struct call *call; /* NULL: nobody is to be answered, it was made of a file */
    void (*begin)(struct task *task);
    void (*step)(struct task *task); /* the change that was made last is in force */
    json_t *body;      /* parsed; NULL: it has none */
    struct problem problem;

    /* What is under way, by what it is: */
    struct toxic *toxic; /* the one that comes, owned */
    size_t at;           /* populate: the entry */
    json_t *proxies;     /* populate: those that are done */
};

/* Takes the call's body as Toxiproxy does. A body that is no JSON, or a browser, is answered at once. */
void task_add(struct call *call, void (*begin)(struct task *task), bool has_body);

/* The same for a list of proxies that no call has brought (a config file's); takes the reference. */
void task_add_for(struct toxiproxy *toxiproxy, json_t *body, void (*begin)(struct task *task));

const char *task_name(const struct task *task, size_t number); /* of the path */

/* A change for this task. Submitted, it ends in `step`; or else the task ends with a problem. */
struct change *task_change(struct task *task);
void task_submit(struct task *task, struct change *change, void (*step)(struct task *task));

/* The end: answers the call, and frees the task. */
void task_reply(struct task *task, int status, json_t *json); /* takes the reference */
void task_reply_nothing(struct task *task);
void task_fail(struct task *task); /* with its problem */

#endif
