/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Test cases: the verdict as a list of what TAP and JUnit call a test. Each finding is one; so is each rule that should fire, and
 * COMMAND. Findings that were only counted are one case together.
 */
#ifndef HANGUP_JUDGE_CASES_H
#define HANGUP_JUDGE_CASES_H

#include "judge/verdict.h"

struct test_case {
    enum outcome outcome;
    const char *suite; /* the rule file; "command" */
    const char *group; /* the rule; "expect" for a standing expectation; "command" */
    char *name;        /* "redis/3: client closes within 2s"; owned */
    char *message;     /* what was seen; owned */
    uint64_t took;     /* ns, or TIME_NEVER */
    const struct place *place; /* NULL for COMMAND */
};

struct cases {
    struct test_case *list;
    size_t count, capacity;
};

/* In the order of the rule set, those of one suite together. */
struct cases cases_of(struct judge *judge, const struct run_end *end);
void cases_release(struct cases *cases);

#endif
