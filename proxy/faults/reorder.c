/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reorder … segments: a segment of the speaker waits for the next one, which reaches our TCP first. Ours says that something is missing
 * (SACK, RFC 2018), and the speaker's TCP learns how far segments may overtake. Where no other comes, it waits in vain, and goes on.
 */
#include "faults/kinds.h"

#include "faults/lot.h"

#define WAIT_MOST (20 * NS_PER_MS) /* a tenth of the shortest time after which TCP takes it for lost */

struct reorder {
    struct fault fault;
    struct lot lot;
    struct segment *waits; /* NULL: none does */
};

static struct reorder *reorder_of(struct fault *fault)
{
    return (struct reorder *)fault;
}

static void start(struct fault *fault)
{
    lot_start(&reorder_of(fault)->lot, fault);
}

static void let_it_go(struct fault *fault)
{
    struct segment *segment = reorder_of(fault)->waits;

    reorder_of(fault)->waits = NULL;
    if (segment != NULL) {
        fault_pass_segment(fault, segment);
    }
}

static void segment(struct fault *fault, struct segment *segment)
{
    struct reorder *reorder = reorder_of(fault);

    if (reorder->waits != NULL) {
        fault_pass_segment(fault, segment);
        let_it_go(fault);
        fault_happened(fault);
    } else if (lot_means(&reorder->lot, fault, segment, NULL)) {
        reorder->waits = segment;
        fault_wake_at(fault, fault_now(fault) + WAIT_MOST);
    } else {
        fault_pass_segment(fault, segment);
    }
}

static void release(struct fault *fault)
{
    if (reorder_of(fault)->waits != NULL) {
        fault_lose_segment(fault, reorder_of(fault)->waits);
    }
}

const struct fault_kind kind_reorder = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "reorder [PERCENT of] WHAT",
        .help = "from the place on, these segments of that side, all or each by lot, change places with the next one; where none comes "
            "within 20 ms, they keep theirs",
        .asks = (const struct row_need[]){
            {NEED_FILTER, NULL, NULL}, {NEED_RAW, NULL, NULL}, {NEED_REPAIR, "with PERCENT", lot_is_drawn}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct reorder),
    .start = start,
    .segment = segment,
    .timer = let_it_go,
    .stop = let_it_go,
    .release = release,
};
