/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verdict: what a run comes to. The exit code, and the text that people read when it is over.
 */
#ifndef HANGUP_JUDGE_VERDICT_H
#define HANGUP_JUDGE_VERDICT_H

#include <stdio.h>

#include "judge/judge.h"

enum verdict_exit {
    VERDICT_WELL = 0,
    VERDICT_FAILED = 1,         /* an expectation */
    VERDICT_TROUBLE = 3,        /* hangup itself could not do all that it was asked for */
    VERDICT_NEVER_FIRED = 4,    /* a rule that should have; not one that leaves it to chance or a signal */
    VERDICT_COMMAND_FAILED = 5,
};

/* How the run ended, which the judge cannot know. */
struct run_end {
    uint64_t lasted;      /* ns */
    const char *command;  /* COMMAND as people read it, or NULL: there was none */
    int status;           /* of COMMAND, as from waitpid() */
    bool trouble;         /* a report or the trace could not be written, COMMAND could not be started ... */
};

/* Where several hold, the first of 3, 1, 5, 4. After judge_finish(), like all below. */
int verdict_exit_code(struct judge *judge, const struct run_end *end);

/* One line a finding, many that passed folded into one, and a summary. */
void verdict_print(FILE *out, struct judge *judge, const struct run_end *end, bool colour);

/* Whether this rule should have fired, and did not; and why that is said: "rule torn never fired". The caller frees it. */
bool verdict_is_missing(const struct judge *judge, const struct rule *rule);
char *verdict_missing(const struct judge *judge, const struct rule *rule);

/* "exited with status 1", "was killed by SIGSEGV". The caller frees it. */
char *verdict_command(const struct run_end *end);

#endif
