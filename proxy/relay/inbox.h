/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An inbox: how other threads get something done on the thread that owns it. They post messages, each a piece of work, and never wait; the
 * owner's loop watches the inbox's descriptor and runs them in the order in which they came. Each worker has one; so has every thread that
 * wants answers. Not for bytes of links, which stay on their own worker.
 */
#ifndef HANGUP_RELAY_INBOX_H
#define HANGUP_RELAY_INBOX_H

#include <pthread.h>
#include <stdbool.h>

/* Embedded in whatever it carries. From its posting until its run it belongs to the inbox; run() may free it, or post it elsewhere. */
struct message {
    void (*run)(struct message *message); /* on the owner's thread */
    struct message *next;
};

struct inbox {
    pthread_mutex_t lock; /* of the list */
    struct message *first, *last;
    int fd; /* readable when there is something to run; -1 if the inbox was never opened */
};

bool inbox_open(struct inbox *inbox); /* false and errno: no descriptor was left */

/* When nobody posts any more. What was not run yet is run now. Fine for one that was never opened (fd -1). */
void inbox_close(struct inbox *inbox);

bool inbox_is_empty(struct inbox *inbox);

/* From any thread. */
void inbox_post(struct inbox *inbox, struct message *message);

/* On the owner's thread, when the descriptor is readable. What is posted meanwhile waits for the next time. */
void inbox_run(struct inbox *inbox);

#endif
