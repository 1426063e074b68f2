/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judge: an observer that watches the expectations of a rule set, link by link and across links, and keeps what it finds. It steers
 * nothing. What the expectations mean is in vigil.c (of a connection) and standings.c (of the run); this file hands out what is told. One
 * judge serves a run; its calls come from one thread.
 */
#ifndef HANGUP_JUDGE_JUDGE_H
#define HANGUP_JUDGE_JUDGE_H

#include "engine/roster.h"
#include "judge/findings.h"
#include "judge/tally.h"
#include "relay/notice.h"
#include "relay/timers.h"

struct judge;

/*
 * Who knows whether an application's ending is only its exit. Asked, where it matters, at each FIN and RST that comes from an
 * application: true if the process that it comes from is ending or has ended. Such an ending is no close.
 */
struct judge_exits {
    bool (*is_exit)(struct judge_exits *exits, const struct notice *ending);
};

struct judge_options {
    struct ruleset *ruleset;    /* what is judged first */
    struct timers *timers;
    uint64_t start;             /* ns: when the run began */
    struct judge_exits *exits;  /* NULL: nothing is an exit */
    bool sees;                  /* a lookout tells of the applications' own sockets, until they are gone or it says `unseen` */
    bool live;                  /* rules may come later, and expect something of connections that are open by then: all are followed */
    const struct observers *observers; /* who are told each finding; the judge may be among them */
};

struct judge *judge_new(const struct judge_options *options);
void judge_free(struct judge *judge);                         /* NULL is fine */
struct observer *judge_observer(struct judge *judge);

/* The run is over: what is not decided is decided now. Links may still be open. Call it once; nothing is to be told after it. */
void judge_finish(struct judge *judge, uint64_t now);

/*
 * These are the rules and standing expectations from now on. What is undecided of those that are gone is decided now; what was found of
 * them stays.
 */
void judge_change(struct judge *judge, const struct roster *roster, uint64_t now);

/* All rules that are judged, those too that were taken out of force and had expectations: counts from 0. */
size_t judge_rule_count(const struct judge *judge);
const struct rule *judge_rule(const struct judge *judge, size_t place);
bool judge_rule_is_due(const struct judge *judge, const struct rule *rule); /* is in force, and was from the start: it is to fire */

const struct tally *judge_tally(const struct judge *judge);

/* Counts for the tally, on any thread: each worker has it among its observers, beside the judge's own. */
struct observer *judge_tally_observer(struct judge *judge);
struct findings *judge_findings(struct judge *judge); /* all of them only after judge_finish() */

/* How often a rule's event came; and whether the rule did what it should: its event came, and one of its actions, if it has any, could be
 * felt. */
uint64_t judge_firings(const struct judge *judge, const struct rule *rule);
bool judge_rule_happened(const struct judge *judge, const struct rule *rule);

#endif
