/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread that waits for its inbox: one question is on its way at a time, and becomes the answer.
 */
#include "relay/callers.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include "kernel/loss.h"
#include "kernel/sockets.h"
#include "kernel/thread.h"
#include "relay/bell.h"
#include "relay/inbox.h"
#include "relay/relay.h"
#include "relay/worker.h"
#include "rules/memory.h"

struct callers {
    struct worker *worker;
    pthread_t thread;
    struct inbox inbox; /* the thread's */
    struct message question, answer, order; /* the first two: one of them is under way, or neither; the order to stop */

    /* The worker's. */
    bool running;
    bool asked; /* a question is under way, */
    bool again; /* and was asked once more meanwhile: what it finds may have been looked for before */

    /* The thread's until it has answered, then the worker's. */
    struct socket_list found;
    bool failed;

    /* The thread's. */
    struct sockets *sockets;
    bool stopping;
};

static const struct sockets_wanted unanswered = {.states = SOCKET_STATE(STATE_SYN_SENT)};

/* ---- on the thread ---- */

static void question_run(struct message *message)
{
    struct callers *callers = (struct callers *)((char *)message - offsetof(struct callers, question));

    callers->failed = sockets_dump(callers->sockets, &unanswered, &callers->found) < 0;
    inbox_post(&callers->worker->inbox, &callers->answer);
}

static void order_run(struct message *message)
{
    struct callers *callers = (struct callers *)((char *)message - offsetof(struct callers, order));

    callers->stopping = true;
}

static void *callers_run(void *argument)
{
    struct callers *callers = argument;
    struct pollfd mail = {.fd = callers->inbox.fd, .events = POLLIN};

    while (!callers->stopping) {
        if (poll(&mail, 1, -1) > 0) {
            inbox_run(&callers->inbox);
        }
    }
    return NULL;
}

/* ---- on the worker ---- */

static void answer_run(struct message *message)
{
    struct callers *callers = (struct callers *)((char *)message - offsetof(struct callers, answer));

    for (struct relay *relay = callers->worker->relays; callers->running && relay != NULL; relay = relay->next) {
        if (relay->bell != NULL) {
            bell_answer(relay->bell, callers->failed ? NULL : &callers->found);
        }
    }
    callers->asked = false;
    if (callers->again) {
        callers_ask(callers);
    }
}

void callers_ask(struct callers *callers)
{
    callers->again = callers->asked;
    if (!callers->asked && callers->running) {
        callers->asked = true;
        inbox_post(&callers->inbox, &callers->question);
    }
}

/* ---- beginning and end ---- */

bool callers_can_be_seen(void)
{
    struct sockets *sockets = sockets_open();
    struct socket_list found = {0};
    bool can = sockets != NULL && sockets_dump(sockets, &unanswered, &found) == 0 && loss_is_counted();

    socket_list_release(&found);
    sockets_close(sockets);
    return can;
}

struct callers *callers_start(struct worker *worker)
{
    struct callers *callers = xmalloc(sizeof(*callers));
    int error;

    *callers = (struct callers){.worker = worker, .inbox.fd = -1, .question.run = question_run, .answer.run = answer_run,
        .order.run = order_run, .sockets = sockets_open()};
    callers->running = callers->sockets != NULL && inbox_open(&callers->inbox) && thread_start(&callers->thread, callers_run, callers);
    if (callers->running) {
        worker->callers = callers;
        return callers;
    }
    error = errno;
    callers_free(callers);
    errno = error;
    return NULL;
}

void callers_stop(struct callers *callers)
{
    if (callers != NULL && callers->running) {
        inbox_post(&callers->inbox, &callers->order);
        pthread_join(callers->thread, NULL);
        callers->running = false;
    }
}

void callers_free(struct callers *callers)
{
    if (callers != NULL) {
        inbox_close(&callers->inbox);
        socket_list_release(&callers->found);
        sockets_close(callers->sockets);
        free(callers);
    }
}
