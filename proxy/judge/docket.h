/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The docket: what all that is being judged has in common. Vigils are settled wherever something happens; what is left of them is taken
 * away only by the judge, at the end of a call (judge.c, sweep()), so that nothing is freed under the feet of a loop.
 */
#ifndef HANGUP_JUDGE_DOCKET_H
#define HANGUP_JUDGE_DOCKET_H

#include "judge/clients.h"
#include "judge/subject.h"
#include "relay/timers.h"

struct docket {
    struct timers *timers;
    uint64_t start; /* ns: the times in what people read count from here */
    struct subjects subjects;
    struct clients clients;
    struct subject *dirty; /* has settled vigils, or is closed */
    void (*sweep)(struct docket *docket); /* for what is settled by a timer */
};

void docket_mark(struct docket *docket, struct subject *subject);

#endif
