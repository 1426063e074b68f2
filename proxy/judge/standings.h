/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Standing expectations: `expect no CLOSE_WAIT longer than 10s`, over all connections of the run. The judge says who was in a state from
 * when to when; the worst offenders are kept by name, the others counted. One finding each, when the run ends.
 */
#ifndef HANGUP_JUDGE_STANDINGS_H
#define HANGUP_JUDGE_STANDINGS_H

#include "judge/findings.h"
#include "judge/peer.h"

#define STANDINGS_WORST 10

/* One socket of an application that was in the state for too long. */
struct offender {
    const struct relay_spec *relay; /* its rule set is held, by those that are kept */
    uint64_t number;
    enum side side;
    uint64_t lasted; /* ns */
    uint64_t until;  /* ns since the run began */
    bool still;      /* until the run's end */
};

struct standing_watch {
    const struct standing *standing; /* its rule set is held */
    bool over; /* no longer expected, and found */
    bool one_side;
    enum side side; /* if one_side */
    enum tcp_state state;
    uint64_t limit; /* ns */
    uint64_t count, longest; /* how many sockets were in the state at all; ns */
    uint64_t offender_count;
    struct offender worst[STANDINGS_WORST]; /* the longest first */
};

struct standings {
    struct standing_watch *list;
    size_t count;
};

/* Zeroed before the first. NULL: there is one for it already. */
struct standing_watch *standings_add(struct standings *standings, const struct standing *standing);
void standings_release(struct standings *standings);

/* That side of that connection was in this state for `stay->lasted`. */
void standings_told(struct standings *standings, enum tcp_state state, const struct offender *stay);

/* The run is over at `at` (ns since it began): one finding for each, to be handed on by the caller. */
struct finding standing_finding(const struct standing_watch *watch, uint64_t at);

#endif
