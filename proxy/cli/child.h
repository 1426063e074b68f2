/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The COMMAND of `hangup run`: started in a process group of its own, with the relays' addresses in its environment. Knows whether an
 * ending that comes from an application is only a process's exit: a process that exits sends the FINs of what it leaked before anyone
 * hears of its exit.
 */
#ifndef HANGUP_CLI_CHILD_H
#define HANGUP_CLI_CHILD_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "judge/judge.h"

struct worker;

#define CHILD_ZOMBIES 64

struct child {
    struct judge_exits exits; /* for the judge */
    pid_t pid;                /* 0: not started, or over */
    pid_t group;
    bool ended;
    bool killed; /* by us: whatever ends from now on is an exit */
    int status;  /* as from waitpid() */
    bool owns_terminal;
    pid_t zombies[CHILD_ZOMBIES]; /* seen: what has ended long ago ends nothing now */
    size_t zombie_count;          /* ever seen; the oldest are forgotten */
};

/*
 * Starts argv[0 …] with HANGUP_<RELAY> for each of the worker's relays, and with that limit of descriptors. False, and errno: it could
 * not be started.
 */
bool child_start(struct child *child, char **argv, const struct worker *worker, const struct rlimit *files);

/* Whether each relay has a variable of its own; says so on standard error if not. */
bool child_names_differ(const struct ruleset *rules);

/* COMMAND has ended: whether others of its group live on; ends them. */
bool child_left_behind(const struct child *child);
void child_kill_left_behind(const struct child *child);

/* After SIGCHLD: true once it is over. */
bool child_is_over(struct child *child);

/* Takes note of what below it has ended by now: that is not the cause of what ends later. */
void child_look_around(struct child *child);

/* A signal for it and for what it has started. */
void child_signal(struct child *child, int number);

/* Takes the terminal back, if it was lent. */
void child_release(struct child *child);

#endif
