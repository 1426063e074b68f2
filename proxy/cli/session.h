/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session: one run from rule files to verdict. It puts the parts together (worker, relays, engine, trace, judge, COMMAND), turns until
 * somebody or something ends it, and says what was found. Used by `run`, and by `demo`.
 */
#ifndef HANGUP_CLI_SESSION_H
#define HANGUP_CLI_SESSION_H

#include "judge/report.h"
#include "rules/ruleset.h"

/* A Unix signal by the name that rules have for it: --signal down=USR1. */
struct session_signal {
    const char *name;
    int number;
};

struct session_options {
    struct rules_input input;
    struct report *reports;
    size_t report_count;
    struct session_signal *signals;
    size_t signal_count;
    const char *trace;    /* a path, or NULL */
    uint64_t buffer;      /* bytes that a flow may keep */
    uint64_t time_limit;  /* ns, 0: none */
    bool has_seed;
    uint64_t seed;
    int ready_fd;         /* -1: none */
    bool quiet;
    char **command;       /* NULL-terminated, or NULL: runs until it is stopped */
    /* Says what was found, in place of the text on standard error; the trace is complete by then. NULL: that text. */
    void (*say)(void *context, struct judge *judge, const struct run_end *end);
    void *context;
};

#define SESSION_BUFFER ((uint64_t)16 * 1024 * 1024)

/* Compiles the rules, runs, prints, reports. Returns the exit code. */
int session_run(const struct session_options *options);

/* The number of a Unix signal by name, as people write it: usr1, USR1, SIGUSR1. 0: there is none of that name. */
int session_signal_number(const char *name);

#endif
