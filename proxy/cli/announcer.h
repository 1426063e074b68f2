/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The announcer: an observer that tells people, on standard error, what they must know while it runs: where the relays listen, that a
 * server cannot be reached, that descriptors or a buffer ran out; and, on a terminal, one live line.
 */
#ifndef HANGUP_CLI_ANNOUNCER_H
#define HANGUP_CLI_ANNOUNCER_H

#include "judge/tally.h"
#include "relay/notice.h"
#include "relay/timers.h"

struct announcer {
    struct observer observer;
    struct timers *timers;
    const struct tally *tally;
    bool quiet;         /* no word of what is not a warning */
    bool live;          /* standard error is a terminal, and nobody else writes there */
    bool line_is_there; /* the live line, to be wiped before anything else is written */
    struct timer refresh;
    unsigned warnings[NOTICE_KINDS]; /* how many of each were given */
};

void announcer_init(struct announcer *announcer, struct timers *timers, bool quiet);

/* Shows the live line from now on. */
void announcer_go_live(struct announcer *announcer, const struct tally *tally);
void announcer_stop(struct announcer *announcer);

#endif
