/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Standing expectations: `expect no CLOSE_WAIT longer than 10s`, `expect at most 1000 client TIME_WAIT`, over all connections of the run.
 * The judge says who enters and who leaves a state; of those who stayed too long the worst are kept by name, the others counted; so are
 * those who take a bare FIN for the end of TLS, `expect no truncation`. One finding each, when the run ends.
 */
#ifndef HANGUP_JUDGE_STANDINGS_H
#define HANGUP_JUDGE_STANDINGS_H

#include "judge/findings.h"
#include "judge/peer.h"

#define STANDINGS_WORST 10
#define OFFENDER_WHO 192 /* SIGHTING_WHO, SPIN_TEXT */

/* One socket of an application that was in the state for too long. */
struct offender {
    const struct relay_spec *relay; /* its rule set is held, by those that are kept */
    uint64_t number;
    enum side side;
    uint64_t lasted; /* ns */
    uint64_t until;  /* ns since the run began */
    bool still;      /* until the run's end */
    char who[OFFENDER_WHO];
};

struct standing_watch {
    const struct standing *standing; /* its rule set is held */
    bool over; /* no longer expected, and found */
    enum standing_id kind;
    bool one_side;
    enum side side; /* if one_side */
    enum tcp_state state; /* 0: of `no spinning` */
    uint64_t limit; /* ns */
    uint64_t count, longest; /* how many sockets were in the state at all; ns */
    uint64_t most, now, peak, peak_at; /* sockets in the state at one time; ns since the run began */
    uint64_t unseen; /* sockets of connections that are over, never seen by the lookout */
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

/* A socket of that side's application is in this state now, `at` ns after the run began; and was in it for `stay->lasted`. */
void standings_entered(struct standings *standings, enum tcp_state state, enum side side, uint64_t at);
void standing_entered(struct standing_watch *watch, enum tcp_state state, enum side side, uint64_t at);
void standings_left(struct standings *standings, enum tcp_state state, const struct offender *stay);

/* That side's application has a bare FIN in the place of TLS's goodbye; or goes on as after a clean end. */
void standings_truncated(struct standings *standings, const struct offender *who, bool goes_on);

/* That side's application spins, says `offender->who`. */
void standings_spinning(struct standings *standings, const struct offender *offender);

/* A connection is over, and that side's socket was never seen. */
void standings_unseen(struct standings *standings, enum side side);

/* The run is over at `at` (ns since it began): one finding for each, to be handed on by the caller. */
struct finding standing_finding(const struct standing_watch *watch, uint64_t at);

#endif
