/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * throttle: bytes go on evenly at a rate, never more than 10 ms ahead of it, the first ones at once; `shared`: all links of the relay take
 * turns in one bucket. The ending goes on behind the bytes.
 */
#include "faults/kinds.h"

#include "faults/bucket.h"
#include "faults/keep.h"

struct throttle {
    struct fault fault;
    struct bucket own, *bucket; /* its own, or the one that all share */
    uint64_t rate;              /* bytes a second */
    struct booking booking;     /* the turn that the foremost bytes wait for */
};

static void start(struct fault *fault)
{
    struct throttle *throttle = (struct throttle *)fault;
    const struct value *rate = &fault->phrase->values[1], *shared = &fault->phrase->values[2];
    throttle->rate = fault_draw(fault, &rate->range);
    throttle->rate = throttle->rate ? throttle->rate : 1;
    throttle->bucket = shared->present ? fault_shared(fault, sizeof(struct bucket)) : &throttle->own;
}

static void book(struct throttle *throttle, uint64_t since)
{
    bool shared = throttle->bucket != &throttle->own;

    if (shared) {
        fault_shared_lock(&throttle->fault);
    }
    throttle->booking = bucket_book(throttle->bucket, throttle->rate, fault_kept(&throttle->fault), since);
    if (shared) {
        fault_shared_unlock(&throttle->fault);
    }
}

static void let_go_what_is_due(struct throttle *throttle)
{
    struct fault *fault = &throttle->fault;
    uint64_t now = fault_now(fault);
    while (throttle->booking.bytes > 0 && throttle->booking.at <= now) {
        fault_let_go(fault, throttle->booking.bytes);
        throttle->booking.bytes = 0;
        if (fault_kept(fault) > 0) {
            book(throttle, 0);
        }
    }
    if (throttle->booking.bytes > 0) {
        fault_wake_at(fault, throttle->booking.at);
    } else {
        fault_let_go_ending(fault);
    }
}

static void data(struct fault *fault, const struct piece *piece)
{
    struct throttle *throttle = (struct throttle *)fault;
    keep_bytes(fault, piece);
    fault_happened(fault);
    if (throttle->booking.bytes == 0) {
        book(throttle, fault_now(fault));
        let_go_what_is_due(throttle);
    }
}

static void timer(struct fault *fault)
{
    let_go_what_is_due((struct throttle *)fault);
}

const struct fault_kind kind_throttle = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "throttle WHAT to RATE [shared]",
        .help = "from the place on, bytes go on evenly at this rate at most; shared: all connections of the relay in this rule together",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct throttle),
    .start = start,
    .data = data,
    .ending = keep_ending,
    .timer = timer,
    .stop = fault_let_go_all,
};
