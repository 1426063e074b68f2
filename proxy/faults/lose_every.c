/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lose every: segments of the speaker are counted as they come, and each so-many-th does not reach our TCP. What is sent again is counted
 * like any other. They come by us, so the count is exact however fast they do; how the speaker's kernel cuts a busy stream into segments is
 * its own affair.
 */
#include "faults/kinds.h"

#include "faults/lot.h"

struct lose_every {
    struct fault fault;
    struct lot lot;
    uint64_t count;
};

static void start(struct fault *fault)
{
    lot_start(&((struct lose_every *)fault)->lot, fault);
}

static void segment(struct fault *fault, struct segment *segment)
{
    struct lose_every *lose = (struct lose_every *)fault;

    if (!lot_means(&lose->lot, fault, segment, NULL) || ++lose->count % phrase_value(fault->phrase, SLOT_NTH)->nth != 0) {
        fault_pass_segment(fault, segment);
        return;
    }
    fault_lose_segment(fault, segment);
    fault_happened(fault);
}

const struct fault_kind kind_lose_every = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "lose every NTH WHAT [over SIZE]",
        .help = "from the place on, every so many of these segments one, exactly, does not reach our TCP and is not acknowledged: it is "
            "sent again, and counted again",
        .asks = (const struct row_need[]){{NEED_FILTER, NULL, NULL}, {NEED_RAW, NULL, NULL}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA) | WHAT_BIT(WHAT_ACKS) | WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct lose_every),
    .start = start,
    .segment = segment,
};
