/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line of tasks.
 */
#include "control/toxiproxy/task.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/control.h"
#include "control/toxiproxy/reply.h"
#include "rules/diag.h"
#include "rules/memory.h"

struct toxiproxy *toxiproxy_new(struct control *control)
{
    struct toxiproxy *toxiproxy = xmalloc(sizeof *toxiproxy);

    *toxiproxy = (struct toxiproxy){.control = control};
    return toxiproxy;
}

static void task_free(struct task *task)
{
    toxic_free(task->toxic);
    json_decref(task->body);
    json_decref(task->proxies);
    free(task);
}

void toxiproxy_free(struct toxiproxy *toxiproxy)
{
    if (!toxiproxy)
        return;
    for (struct task *task = toxiproxy->first, *next; task; task = next) {
        next = task->next;
        problem_set(&task->problem, 503, "hangup ends");
        if (task->call)
            reply_problem(task->call, &task->problem);
        task_free(task);
    }
    shelves_release(&toxiproxy->shelves);
    free(toxiproxy);
}

static void put_in_line(struct task *task)
{
    struct toxiproxy *toxiproxy = task->toxiproxy;
    bool alone = !toxiproxy->first;

    if (alone)
        toxiproxy->first = task;
    else
        toxiproxy->last->next = task;
    toxiproxy->last = task;
    if (alone)
        task->begin(task);
}

static struct task *task_new(struct toxiproxy *toxiproxy, struct call *call, json_t *body, void (*begin)(struct task *task))
{
    struct task *task = xmalloc(sizeof *task);

    *task = (struct task){.toxiproxy = toxiproxy, .call = call, .begin = begin, .body = body};
    return task;
}

void task_add(struct call *call, void (*begin)(struct task *task), bool has_body)
{
    struct problem problem = {0};
    json_t *body = NULL;

    if (!reply_may_go_on(call))
        return;
    if (has_body) {
        size_t length;
        const char *bytes = call_bytes(call, &length);
        body = body_parse(bytes, length, &problem);
        if (!body) {
            reply_problem(call, &problem);
            return;
        }
    }
    put_in_line(task_new(control_toxiproxy(call->control), call, body, begin));
}

void task_add_for(struct toxiproxy *toxiproxy, json_t *body, void (*begin)(struct task *task))
{
    put_in_line(task_new(toxiproxy, NULL, body, begin));
}

const char *task_name(const struct task *task, size_t number)
{
    return task->call->names[number];
}

/* ---- changes ---- */

/* Go's words for what could not be bound: the errno's behind the address, in small letters. */
static void say_cannot(struct problem *problem, const char *text)
{
    const char *words = strrchr(text, ':'), *where = strstr(text, " listen on ");
    char small[128] = "";

    if (!words || !where || where > words) {
        problem_set(problem, 500, "%s", text);
        return;
    }
    snprintf(small, sizeof small, "%s", words + 2);
    small[0] = (char)tolower((unsigned char)small[0]);
    where += strlen(" listen on ");
    problem_set(problem, 500, "listen tcp %.*s: bind: %s", (int)(words - where), where, small);
}

static void say_wrong(struct problem *problem, struct diag *diag)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        abort();
    diag_print(diag, out, false);
    fclose(out);
    text[strcspn(text, "\n")] = '\0'; /* the first line says it */
    problem_set(problem, 400, "%s", text);
    free(text);
}

static void say_outcome(struct task *task, const struct change *change)
{
    switch (change->outcome) {
    case CHANGE_MADE: break;
    case CHANGE_MISSING: problem_set(&task->problem, 404, "proxy not found"); break;
    case CHANGE_EXISTS: problem_set(&task->problem, 409, "%s already exists", task->toxic ? "toxic" : "proxy"); break;
    case CHANGE_WRONG: say_wrong(&task->problem, change->diag); break;
    case CHANGE_CANNOT: say_cannot(&task->problem, change->problem); break;
    case CHANGE_PART_OF:
        problem_set(&task->problem, 409, "this proxy is of a rule file%s%s: change that", change->problem[0] ? ", " : "", change->problem);
        break;
    }
}

static void change_is_done(struct change *change)
{
    struct task *task = change->context;

    say_outcome(task, change);
    task->step(task);
}

struct change *task_change(struct task *task)
{
    return change_new(task->toxiproxy->control, change_is_done, task);
}

void task_submit(struct task *task, struct change *change, void (*step)(struct task *task))
{
    task->step = step;
    change_submit(change);
}

/* ---- the end ---- */

static void begin_next(struct task *task)
{
    struct toxiproxy *toxiproxy = task->toxiproxy;

    toxiproxy->first = task->next;
    task_free(task);
    if (toxiproxy->first)
        toxiproxy->first->begin(toxiproxy->first);
}

void task_reply(struct task *task, int status, json_t *json)
{
    if (task->call)
        reply_json(task->call, status, json);
    else
        json_decref(json);
    begin_next(task);
}

void task_reply_nothing(struct task *task)
{
    if (task->call)
        reply_nothing(task->call);
    begin_next(task);
}

void task_fail(struct task *task)
{
    if (task->call)
        reply_problem(task->call, &task->problem);
    begin_next(task);
}
