/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * delay: what one read brings goes on so much later, and so does the ending, which counts as read when it comes. Order is kept: whatever is
 * drawn, nothing overtakes. Bytes are kept with the time they are due as their stamp, and one timer stands for the foremost: throughput is
 * bounded by the buffer only.
 */
#include "faults/kinds.h"

struct delay {
    struct fault fault;
    bool reading;          /* something was read: */
    uint64_t stamp;        /* ns: when */
    uint64_t due;          /* ns: of what was kept last */
    uint64_t ending_due[ENDING_RST + 1]; /* ns, by enum ending; 0: none is kept. One may come behind another, and each is felt */
};

/* When something read at this time is due. */
static uint64_t draw_due(struct delay *delay, uint64_t stamp)
{
    uint64_t due = stamp + fault_draw(&delay->fault, &delay->fault.phrase->values[1].range);
    if (due < delay->due) {
        due = delay->due;
    }
    return delay->due = due;
}

/* In their order; the first that is not due yet is waited for. */
static void pass_endings_due(struct delay *delay, uint64_t now)
{
    for (enum ending ending = ENDING_CLOSE_NOTIFY; ending <= ENDING_RST; ending++) {
        if (delay->ending_due[ending] > now) {
            fault_wake_at(&delay->fault, delay->ending_due[ending]);
            return;
        }
        if (delay->ending_due[ending] != 0) {
            delay->ending_due[ending] = 0;
            fault_pass_ending(&delay->fault, ending);
        }
    }
}

static void pass_what_is_due(struct delay *delay, uint64_t now)
{
    struct fault *fault = &delay->fault;
    struct piece front;
    while (queue_front(&fault->kept, SIZE_MAX, &front) && front.stamp <= now) {
        fault_let_go(fault, front.length);
    }
    if (fault_kept(fault) > 0) {
        fault_wake_at(fault, front.stamp);
        return;
    }
    pass_endings_due(delay, now);
}

static void data(struct fault *fault, const struct piece *piece)
{
    struct delay *delay = (struct delay *)fault;
    struct piece kept = *piece;
    if (!delay->reading || piece->stamp != delay->stamp) {
        draw_due(delay, piece->stamp);
    }
    delay->reading = true;
    delay->stamp = piece->stamp;
    kept.stamp = delay->due;
    bool waiting = fault_kept(fault) > 0;
    fault_keep(fault, &kept);
    fault_happened(fault);
    if (!waiting) {
        pass_what_is_due(delay, fault_now(fault));
    }
}

static void ending(struct fault *fault, enum ending ending)
{
    struct delay *delay = (struct delay *)fault;
    delay->ending_due[ending] = draw_due(delay, fault_now(fault));
    fault_happened(fault);
    pass_what_is_due(delay, fault_now(fault));
}

static void timer(struct fault *fault)
{
    pass_what_is_due((struct delay *)fault, fault_now(fault));
}

static void stop(struct fault *fault)
{
    pass_what_is_due((struct delay *)fault, UINT64_MAX);
}

const struct fault_kind kind_delay = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "delay WHAT by DURATION",
        .help = "from the place on, what one read brings goes on that much later, in order, and the ending too",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct delay),
    .data = data,
    .ending = ending,
    .timer = timer,
    .stop = stop,
};
