/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lose … % of: segments of the speaker, by lot, do not reach our TCP. They come by us, and one that is sent again passes: so the same
 * places are lost on each run, and each once.
 */
#include "faults/kinds.h"

#include "faults/lot.h"

struct lose_share {
    struct fault fault;
    struct lot lot;
};

static void start(struct fault *fault)
{
    lot_start(&((struct lose_share *)fault)->lot, fault);
}

static void segment(struct fault *fault, struct segment *segment)
{
    const struct lot *lot = &((struct lose_share *)fault)->lot;
    bool is_new, meant = lot_means(&((struct lose_share *)fault)->lot, fault, segment, &is_new);

    if (!meant || (!lot->all && !is_new)) {
        fault_pass_segment(fault, segment);
        return;
    }
    fault_lose_segment(fault, segment);
    fault_happened(fault);
    fault_time_starts(fault); /* of FINs, `for` counts from the first that is lost */
}

const struct fault_kind kind_lose_share = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "lose PERCENT of WHAT [over SIZE]",
        .help = "from the place on, these segments, each by lot, do not reach our TCP and are not acknowledged: they are sent again, and "
            "pass then; which ones depends on the seed and on where in the stream they begin",
        .asks = (const struct row_need[]){{NEED_FILTER, NULL, NULL}, {NEED_RAW, NULL, NULL}, {NEED_REPAIR, NULL, NULL}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_FIN) | WHAT_BIT(WHAT_DATA) | WHAT_BIT(WHAT_ACKS) | WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct lose_share),
    .start = start,
    .segment = segment,
};
