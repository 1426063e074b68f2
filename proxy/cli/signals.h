/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unix signals of a session: which ones are listened for, and the names that rules have for them. A rule's `signal usr1` is SIGUSR1,
 * however it is written; any other name is mapped by --signal NAME=SIG. What a signal means to the run itself is session.c's.
 */
#ifndef HANGUP_CLI_SIGNALS_H
#define HANGUP_CLI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernel/poller.h"

struct engine;
struct rule;
struct ruleset;
struct worker;

/* --signal down=USR1 */
struct signal_name {
    const char *name;
    int number;
};

struct signals {
    struct worker *worker;
    const struct signal_name *names;
    size_t name_count;
    bool given_elsewhere; /* somebody else can give signals of any name: none is warned of */
    void (*came)(struct signals *signals, int number); /* from the worker's loop */
    struct polled polled;
    int fd;          /* a signalfd(2); made by signals_init() */
    sigset_t set;    /* that are listened for: blocked, in the threads too that are started from then on */
    sigset_t before; /* what was blocked before */
};

/* The number of a Unix signal by name, as people write it: usr1, USR1, SIGUSR1. 0: there is none of that name. */
int signals_number(const char *name);

/* Can it come to hangup, and mean nothing else to it? SIGKILL cannot, SIGCHLD does. */
bool signals_may_be_mapped(int number);

/* First, with the four fields at the top of the struct set. False and errno: no descriptor was left. */
bool signals_init(struct signals *signals);

void signals_listen(struct signals *signals, int number);

/* For all that the rules name and all that is mapped. Names that nothing can give are warned of on standard error. */
void signals_listen_for_rules(struct signals *signals, const struct ruleset *rules);

/* For a rule that came later. */
void signals_listen_for_rule(struct signals *signals, const struct rule *rule);

/* Tells the rules. True: the signal was mapped to a name, and so belongs to them alone. */
bool signals_pass_on(const struct signals *signals, struct engine *engine, int number);

void signals_release(struct signals *signals); /* fine if all is zero */

#endif
