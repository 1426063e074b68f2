/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session: one run from rule files to verdict. It puts the parts together (worker, relays, engine, trace, judge, COMMAND), turns until
 * somebody or something ends it, and says what was found. Used by `run`, and by `demo`.
 */
#ifndef HANGUP_CLI_SESSION_H
#define HANGUP_CLI_SESSION_H

#include "cli/signals.h"
#include "judge/report.h"
#include "relay/worker.h"
#include "rules/ruleset.h"

/* When a client is connected: after its server has answered, or before. */
enum connect_when {
    CONNECT_AS_NEEDED, /* held, where a rule needs it and this machine and user allow it; else late */
    CONNECT_HELD,      /* after: its SYN is held until then */
    CONNECT_MET,       /* after, if it is on this machine: its SYN is ignored until then; else before */
    CONNECT_LATE,      /* before, which is late for the server's answer */
    CONNECT_BEST,      /* the first of these that this machine and user allow */
};

struct session_options {
    struct rules_input input;
    struct report *reports;
    size_t report_count;
    struct signal_name *signals;
    size_t signal_count;
    const char *trace;    /* a path, or NULL */
    uint64_t buffer;      /* bytes that a flow may keep */
    enum splicing splicing;
    uint64_t busy_wait;   /* ns, 0: none */
    size_t workers;       /* threads that relay, from 1 */
    uint64_t time_limit;  /* ns, 0: none */
    enum connect_when connect;
    bool has_seed;
    uint64_t seed;
    int ready_fd;         /* -1: none */
    const char *proxies;  /* a file with a list of them, as Toxiproxy reads it; or NULL */
    bool quiet;
    const char *control;  /* where the control side listens; NULL: there is none */
    const char *token;    /* that it asks for, or NULL */
    char **command;       /* NULL-terminated, or NULL: runs until it is stopped */
    /* Says what was found, in place of the text on standard error; the trace is complete by then. NULL: that text. */
    void (*say)(void *context, struct judge *judge, const struct run_end *end);
    void *context;
};

#define SESSION_CONTROL "127.0.0.1:8474" /* where `serve` listens unless it is told otherwise */
#define SESSION_BUFFER ((uint64_t)16 * 1024 * 1024)

/* Compiles the rules, runs, prints, reports. Returns the exit code. */
int session_run(const struct session_options *options);

#endif
