/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tally: plain counts of what goes on, for the one live line on a terminal and for the summary.
 */
#ifndef HANGUP_JUDGE_TALLY_H
#define HANGUP_JUDGE_TALLY_H

#include "judge/findings.h"
#include "relay/notice.h"

struct tally {
    uint64_t links, open_links; /* since the run began; now */
    uint64_t bytes;             /* delivered, in both directions */
    uint64_t firings;           /* of rules */
    uint64_t findings[OUTCOMES];
};

void tally_told(struct tally *tally, const struct notice *notice); /* all but findings, which the judge counts */

#endif
