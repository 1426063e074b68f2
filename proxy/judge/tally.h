/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tally: plain counts of what goes on, for the one live line on a terminal and for the summary.
 */
#ifndef HANGUP_JUDGE_TALLY_H
#define HANGUP_JUDGE_TALLY_H

#include <stdatomic.h>

#include "judge/findings.h"
#include "relay/notice.h"

#define TALLY_ALERTS 256

/* An observer that any thread may tell, and numbers that any thread may read. */
struct tally {
    struct observer observer;
    _Atomic uint64_t links, open_links; /* since the run began; now */
    _Atomic uint64_t bytes;             /* delivered, in both directions */
    _Atomic uint64_t firings;           /* of rules */
    /* By side: how its application ended TLS. */
    struct {
        _Atomic uint64_t close_notify, bare_fin, reset, aborted;
        _Atomic uint64_t alerts[TALLY_ALERTS]; /* by their numbers */
    } tls[2];
    _Atomic uint64_t findings[OUTCOMES];
};

void tally_init(struct tally *tally);
void tally_finding(struct tally *tally, enum outcome outcome);

#endif
