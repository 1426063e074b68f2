/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings: the outcomes of expectations, as they are kept for the verdict. The judge adds them; texts and reports read them. Bounded: of
 * each outcome only so many are kept, the others are counted with their expectation, which knows its sums.
 */
#ifndef HANGUP_JUDGE_FINDINGS_H
#define HANGUP_JUDGE_FINDINGS_H

#include "relay/timers.h"
#include "rules/ruleset.h"

struct arena;

#define FINDINGS_KEPT 10000 /* of each outcome */

/* In the order in which they beat each other where several firings of a rule on one connection merge. */
enum outcome { OUTCOME_NEVER_REACHED, OUTCOME_PASSED, OUTCOME_FAILED, OUTCOMES };

struct finding {
    enum outcome outcome;
    const struct rule *rule;          /* NULL: of a standing expectation */
    const struct step *step;          /* of the rule */
    const struct standing *standing;  /* or this */
    const struct relay_spec *relay;   /* NULL: of no one connection; its rule set is held */
    uint64_t number;                  /* the connection's, or 0 */
    uint64_t at;                      /* ns since the run began: when it was decided */
    uint64_t took;                    /* ns from the start of its clock to the deed; TIME_NEVER: no such time */
    char *seen;                       /* what was seen: "after 0.412 s"; its maker's, or that of the findings which keep it */
    const char *client;               /* the client's address, or NULL; likewise */
};

/* One expectation of the rule set, and all that was found of it. */
struct expected {
    const struct rule *rule;
    const struct step *step;
    const struct standing *standing;
    uint64_t counts[OUTCOMES];
    uint64_t kept[OUTCOMES];
    uint64_t least, most; /* ns: of the times that passed ones took; least > most: none */
};

struct findings {
    struct expected *expected; /* in the order in which they came; of a rule set: standing ones behind */
    size_t expected_count;
    struct finding *list; /* in the order in which they were found, until findings_sort() */
    struct arena *texts;  /* theirs: side by side, since a few bytes here and there hold back all the memory around them */
    size_t count, capacity;
    uint64_t counts[OUTCOMES];
    uint64_t kept[OUTCOMES];
};

/* Zeroed before the first. These are to be found from now on; what is expected once stays in the list. */
void findings_expect_rule(struct findings *findings, const struct rule *rule);
void findings_expect_standing(struct findings *findings, const struct standing *standing);
void findings_release(struct findings *findings);

/* Keeps a copy, texts included. */
void findings_add(struct findings *findings, const struct finding *finding);

/* By expectation in the order of the rule set; within: failed, passed, never reached; then relay and number. */
void findings_sort(struct findings *findings);

/* The findings of one expectation and outcome that are kept; after findings_sort(). Yields how many, and the first. */
size_t findings_of(const struct findings *findings, const struct expected *expected, enum outcome outcome, const struct finding **first);

const char *outcome_name(enum outcome outcome); /* "never reached" */

/* What was expected, without the word: "client closes within 2s". */
const char *finding_expectation(const struct finding *finding);
const char *expected_text(const struct expected *expected);
const struct place *finding_place(const struct finding *finding);
const struct place *expected_place(const struct expected *expected);

/* "late-fin", "expect" for a standing expectation; "redis #3", or "". */
const char *finding_rule(const struct finding *finding);
char *finding_connection(const struct finding *finding); /* the caller's */

/* One line without its end: `passed  late-fin  redis #3  client closes within 2s: after 0.412 s  (late-fin.rule:8)`. The caller's. */
char *finding_line(const struct finding *finding);

#endif
