/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An errand: something that the control thread wants done on the threads of the workers. It is sent, visits each worker in turn as a
 * message in its inbox, and comes home to the control thread, which never waits for it. What it carries is its own on the way: nobody else
 * touches it.
 */
#ifndef HANGUP_CONTROL_ERRAND_H
#define HANGUP_CONTROL_ERRAND_H

#include <stddef.h>

#include "relay/inbox.h"

struct control;
struct engine;
struct judge;
struct monitor;
struct worker;

/* A worker, and what is at work on it. Its fields are for its own thread. */
struct station {
    struct inbox *inbox; /* the worker's */
    struct worker *worker;
    struct engine *engine;
    struct judge *judge; /* the first one's; others have none */
    struct monitor *monitor;
    unsigned number; /* from 0 */
};

/* Embedded in whatever it carries. */
struct errand {
    struct message message; /* first */
    struct control *control;
    void (*work)(struct errand *errand, struct station *station); /* on the worker's thread; NULL: nothing to do there */
    void (*home)(struct errand *errand);                          /* on the control thread; the errand is its own again */
    size_t at; /* the station it is on its way to */
};

/* On the control thread. It must not be touched until it is home. */
void errand_send(struct errand *errand);
void errand_send_home(struct errand *errand); /* by the inbox, and without visiting anybody */

#endif
