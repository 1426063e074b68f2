/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * duplicate … segments: a segment of the speaker reaches our TCP twice, one behind the other. Ours says so (D-SACK, RFC 2883), and the
 * speaker's TCP counts it; its application sees nothing of it.
 */
#include "faults/kinds.h"

#include "faults/lot.h"

struct duplicate_segments {
    struct fault fault;
    struct lot lot;
};

static void start(struct fault *fault)
{
    lot_start(&((struct duplicate_segments *)fault)->lot, fault);
}

static void segment(struct fault *fault, struct segment *segment)
{
    if (lot_means(&((struct duplicate_segments *)fault)->lot, fault, segment, NULL)) {
        fault_double_segment(fault, segment);
        fault_happened(fault);
    }
    fault_pass_segment(fault, segment);
}

const struct fault_kind kind_duplicate_segments = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "duplicate [PERCENT of] WHAT",
        .help = "from the place on, these segments of that side, all or each by lot, reach our TCP twice",
        .asks = (const struct row_need[]){
            {NEED_FILTER, NULL, NULL}, {NEED_RAW, NULL, NULL}, {NEED_REPAIR, "with PERCENT", lot_is_drawn}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct duplicate_segments),
    .start = start,
    .segment = segment,
};
