/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vigil: one expectation at work, from one firing of its rule on one connection. It begins when the rule fires, and all that happens
 * from then on counts; its clock starts when the engine says so, and only sets the end. This file is what hangup-rules(5) says about
 * expectations.
 */
#ifndef HANGUP_JUDGE_VIGIL_H
#define HANGUP_JUDGE_VIGIL_H

#include "judge/aim.h"
#include "judge/docket.h"
#include "judge/pauses.h"

struct vigil {
    struct vigil *next; /* of its claim */
    struct claim *claim;
    struct aim aim;
    struct waiting waiting; /* for the client's next connection, if the deed outlives this one */
    struct timer timer;     /* its time is over */
    uint64_t firing;
    uint64_t fired_at, clock_at; /* ns; clock_at 0: the clock has not started */
    uint64_t count;              /* of deeds so far */
    struct pauses pauses;        /* between them, if they must grow */
    bool closing;                /* its FIN came before the rule fired: to close means that its socket goes as well */
    bool settled;
};

/* The rule fired. */
void vigil_begin(struct claim *claim, uint64_t firing, uint64_t at);

/* Its clock starts. */
void vigil_clock(struct vigil *vigil, uint64_t at);

/* What it waits for was seen: by the engine (texts, amounts, silence, a byte, TLS), or the client connected again. `how`: more about it,
 * for people, or NULL. */
void vigil_deed(struct vigil *vigil, uint64_t at, const char *how);

/* The deed cannot come any more: its side has ended in the place of it, or `why`, if that is not NULL. */
void vigil_missed(struct vigil *vigil, uint64_t at, const char *why);

/* What came may be the deed, but it is encrypted. */
void vigil_hidden(struct vigil *vigil, uint64_t at);

/* Something happened on its connection; `before` is the peer's state until then. An ending of the application is an `exit` if its process
 * is ending. */
void vigil_told(struct vigil *vigil, const struct notice *notice, struct peer_state before, bool exit);

/* The connection, or the run, is over. */
void vigil_connection_over(struct vigil *vigil, uint64_t at);
void vigil_run_over(struct vigil *vigil, uint64_t at);

/* Its rule is no longer in force; the relay that it came by is gone. */
void vigil_rule_over(struct vigil *vigil, uint64_t at);
void vigil_relay_over(struct vigil *vigil, uint64_t at);

/* Frees a settled one, or one that no longer matters. It must be out of its claim's list. */
void vigil_free(struct vigil *vigil);

#endif
