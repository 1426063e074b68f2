/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * delay … segments: each segment of the speaker reaches our TCP so much later, FINs and acknowledgements too, so its own TCP measures a
 * longer round trip, and sends again what takes too long. Order is kept: whatever is drawn, nothing overtakes.
 */
#include "faults/kinds.h"

struct delay_segments {
    struct fault fault;
    struct segment *first, **last; /* what waits, in order; where the next one goes */
    uint64_t due;                  /* ns: of what came last */
};

static struct delay_segments *delay_of(struct fault *fault)
{
    return (struct delay_segments *)fault;
}

static void start(struct fault *fault)
{
    delay_of(fault)->last = &delay_of(fault)->first;
}

static struct segment *take_first(struct delay_segments *delay)
{
    struct segment *segment = delay->first;

    delay->first = segment->next;
    if (delay->first == NULL) {
        delay->last = &delay->first;
    }
    return segment;
}

static void pass_what_is_due(struct fault *fault, uint64_t now)
{
    struct delay_segments *delay = delay_of(fault);

    while (delay->first != NULL && delay->first->due <= now) {
        fault_pass_segment(fault, take_first(delay));
    }
    if (delay->first != NULL) {
        fault_wake_at(fault, delay->first->due);
    }
}

static void segment(struct fault *fault, struct segment *segment)
{
    struct delay_segments *delay = delay_of(fault);
    uint64_t due = fault_now(fault) + fault_draw(fault, &fault->phrase->values[1].range);

    delay->due = segment->due = due < delay->due ? delay->due : due;
    segment->next = NULL;
    *delay->last = segment;
    delay->last = &segment->next;
    fault_happened(fault);
    pass_what_is_due(fault, fault_now(fault));
}

static void timer(struct fault *fault)
{
    pass_what_is_due(fault, fault_now(fault));
}

static void stop(struct fault *fault)
{
    pass_what_is_due(fault, UINT64_MAX);
}

static void release(struct fault *fault)
{
    while (delay_of(fault)->first != NULL) {
        fault_lose_segment(fault, take_first(delay_of(fault)));
    }
}

const struct fault_kind kind_delay_segments = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "delay WHAT by DURATION",
        .help = "from the place on, each segment of that side reaches our TCP that much later, in order, and so is acknowledged that much "
            "later; what we send to it is not delayed",
        .asks = (const struct row_need[]){{NEED_FILTER, NULL, NULL}, {NEED_RAW, NULL, NULL}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct delay_segments),
    .start = start,
    .segment = segment,
    .timer = timer,
    .stop = stop,
    .release = release,
};
