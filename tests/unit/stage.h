/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stage for tests of the judge: a rule set compiled from its text, a clock that stands still until the test moves it, links without
 * sockets, and what a relay and an engine would tell of them. Times are seconds since the run began.
 */
#ifndef HANGUP_TESTS_UNIT_STAGE_H
#define HANGUP_TESTS_UNIT_STAGE_H

#include "judge/judge.h"
#include "relay/link.h"
#include "relay/relay.h"

/* Rules named r: one that only watches, its expectation is step 0; and one that acts first, its expectation is step 1. */
#define WATCH(expectation) "rule r { when client sends 1 byte expect " expectation " }\n"
#define SECOND(event, expectation) "rule r { " event " then hold server data for 1s expect " expectation " }\n"

#define STAGE_LINKS 64
#define STAGE_START (1000 * NS_PER_S)

struct stage {
    struct clock clock; /* first: the clock's own function finds the stage by it */
    uint64_t now;       /* ns */
    struct timers timers;
    struct ruleset *rules;
    struct relay relays[4];
    struct link links[STAGE_LINKS]; /* by number, for all relays */
    struct judge *judge;
    struct judge_exits exits;
    bool exiting;                      /* what is_exit() says */
    struct observer listener;          /* counts what the judge tells */
    struct observers listeners;
    struct observers bench; /* the judge and its tally */
    size_t told;
    char last[512]; /* the last finding that was told */
};

/* The text becomes a rule file of that name in a temporary folder, which is the working folder until stage_end(). */
struct stage *stage_begin(const char *name, const char *rules);
void stage_end(struct stage *stage);

/* Lets time pass until then; timers fire at their times. */
void stage_at(struct stage *stage, double seconds);

/* A client (an IPv4 address without port) comes to that relay of the rule set; the link gets this number. */
void stage_open(struct stage *stage, unsigned relay, uint64_t number, const char *client);

/* Something happens on that link now: `side` where the notice has one. */
void stage_tell(struct stage *stage, uint64_t link, enum notice_kind kind, enum side side);
void stage_tell_notice(struct stage *stage, uint64_t link, struct notice notice);

/* The rule fires on that link for the nth time; one of its steps, by index, is told of. */
void stage_fire(struct stage *stage, uint64_t link, const char *rule, uint64_t firing);
void stage_step(struct stage *stage, uint64_t link, const char *rule, uint64_t firing, unsigned step, enum notice_kind kind);

void stage_finish(struct stage *stage);

/* The finding of that rule (NULL: the first standing one) on that connection, or NULL. */
const struct finding *stage_finding(const struct stage *stage, const char *rule, uint64_t link);

/* There is such a finding, with this outcome and these words. */
void stage_check(const struct stage *stage, const char *rule, uint64_t link, enum outcome outcome, const char *seen);

/* A connection from 10.0.0.1 at 1 s, the server's answer at 1.1 s, and the rule r fires at 2 s; watching: the clock of its first step
 * starts, too. */
struct stage *stage_fired(const char *rules);
struct stage *stage_watching(const char *rules);

/* That connection is closed then; the run ends then, and it had this finding of rule r. */
void stage_close_at(struct stage *stage, double seconds);
void stage_end_at(struct stage *stage, double seconds);
void stage_check_at_end(struct stage *stage, double seconds, enum outcome outcome, const char *seen);

/* The text is that of the file tests/golden/NAME. With UPDATE_GOLDEN in the environment the file is written instead. */
void stage_check_golden(const char *name, const char *text);

#endif
