/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which segments of the speaker a phrase is about: WHAT, over SIZE, and all of them or PERCENT, by lot. What is drawn depends on the seed
 * and on where in the stream a segment begins (an acknowledgement: on what it acknowledges), not on when it comes: the same places on each
 * run, and the same answer for a segment and its repetition. For faults whose kind has a segment().
 */
#ifndef HANGUP_FAULTS_LOT_H
#define HANGUP_FAULTS_LOT_H

#include "engine/fault.h"
#include "kernel/loss.h"
#include "kernel/segments.h"

/* What would lose them all, as the fault's phrase says it. */
struct loss lot_loss(const struct fault *fault);

/* For rows: does the phrase have a PERCENT? */
bool lot_is_drawn(const struct phrase *phrase);

struct lot {
    struct loss loss;
    bool all;               /* no lot is drawn */
    uint32_t share, key;    /* of 2^32; what is drawn depends on the key */
    struct sequence origin; /* of both streams */
    struct sequence seen;   /* how far they had come, in what came by */
    bool ready;             /* these are known */
};

void lot_start(struct lot *lot, const struct fault *fault);

/* To be asked of each segment that comes by, once. `is_new`, unless NULL: whether it is no repetition. */
bool lot_means(struct lot *lot, const struct fault *fault, const struct segment *segment, bool *is_new);

/* Does the lot mean a segment at this place of its stream? */
bool lot_draws(const struct lot *lot, uint32_t place);

#endif
