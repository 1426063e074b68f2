/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control side: an HTTP server on a thread and an event loop of its own. It answers whatever the data side does: what it wants of a
 * worker it sends as an errand, and it never waits for one. Opened, started and stopped by the session; everything else here runs on its
 * thread.
 */
#ifndef HANGUP_CONTROL_CONTROL_H
#define HANGUP_CONTROL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/errand.h"
#include "rules/ruleset.h"

struct control;
struct desk;
struct door;
struct event_base;
struct roster;
struct session;
struct tls;
struct toxiproxy;
struct waits;
struct watchers;

struct control_options {
    const char *address;             /* 127.0.0.1:8474, unix:/path */
    const char *token;               /* NULL: none is asked for */
    const struct rules_input *input; /* what a reload compiles anew */
    const struct vocab *vocab;
    struct tls *tls;                 /* prepares relays that come later */
    struct ruleset *rules;           /* what is in force at the start */
    uint64_t start;                  /* ns: when the run began */
    struct session *session;         /* whose it is; told on the first worker's thread: */
    void (*stop)(struct session *session); /* the run shall end */
    void (*changed)(struct session *session, const struct roster *roster); /* these rules are in force now */
};

/* Listens. NULL: `error` has one line about why not. The options must outlive it. */
struct control *control_open(const struct control_options *options, char *error, size_t size);
const char *control_address(const struct control *control); /* where: with the port that the kernel chose */
bool control_is_private(const struct control *control);     /* only this machine, or this user, can reach it */
size_t control_descriptors(const struct control *control);  /* so many it may need: they are to be kept for it */

/* A worker to be asked, before the start, the one first that has the relays and the judge (others: NULL); its relays are open, the judge
 * is one for rules that come later, the monitor an observer of that worker. */
void control_add(struct control *control, struct worker *worker, struct engine *engine, struct judge *judge, struct monitor *monitor);

bool control_start(struct control *control); /* the thread. False and errno */
void control_reload(struct control *control); /* from any thread: SIGHUP. What is wrong is said on standard error */

/* Ends the thread; who waits for an answer loses its connection. The workers must stand still. NULL is fine. */
void control_stop(struct control *control);
void control_free(struct control *control);

/* For those on its thread. */
const struct control_options *control_options(const struct control *control);
struct event_base *control_base(const struct control *control);
struct inbox *control_inbox(struct control *control);
struct desk *control_desk(struct control *control);
struct door *control_door(struct control *control);
struct watchers *control_watchers(struct control *control);
struct waits *control_waits(struct control *control);
struct toxiproxy *control_toxiproxy(const struct control *control);
bool control_is_over(const struct control *control); /* it is being stopped: no more changes */
struct station *control_station(struct control *control, size_t number); /* NULL: there are not so many */
uint64_t control_now(const struct control *control); /* ns since the run began */

#endif
