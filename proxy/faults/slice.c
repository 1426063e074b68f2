/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slice: bytes go on in pieces, each a write of its own. Where the pieces end is counted from the place, so reads do not move it: what has
 * come of a piece goes on without waiting for the rest. With `every` the pieces are so far apart, and the first goes at once. The ending
 * goes on behind the bytes.
 */
#include "faults/kinds.h"

#include "faults/keep.h"

struct slice {
    struct fault fault;
    uint64_t rest;    /* bytes left of the piece that is being cut */
    uint64_t pause;   /* ns, with `every`: from each write of this piece to the next; drawn with it, else reads would move the draws */
    uint64_t next_at; /* ns: with `every`, when the next write may be */
};

static void pass_one(struct slice *slice)
{
    struct fault *fault = &slice->fault;
    const struct value *every = &fault->phrase->values[2];
    if (slice->rest == 0) {
        uint64_t size = fault_draw(fault, &fault->phrase->values[1].range);
        slice->rest = size ? size : 1;
        slice->pause = every->present ? fault_draw(fault, &every->range) : 0;
    }
    uint64_t kept = fault_kept(fault);
    size_t length = kept < slice->rest ? kept : slice->rest;
    slice->rest -= length;
    fault_happened(fault);
    fault_let_go_front(fault, length, PIECE_OWN_WRITE);
}

/* Counted from when this write was due, so that lateness does not add up; but never two at once, however late we are. */
static void set_next(struct slice *slice, uint64_t now)
{
    slice->next_at += slice->pause;
    if (slice->next_at <= now && slice->pause > 0) {
        slice->next_at = now + slice->pause;
    }
}

static void pass_what_is_due(struct slice *slice)
{
    struct fault *fault = &slice->fault;
    uint64_t now = fault_now(fault);
    while (fault_kept(fault) > 0 && slice->next_at <= now) {
        pass_one(slice);
        set_next(slice, now);
    }
    if (fault_kept(fault) > 0) {
        fault_wake_at(fault, slice->next_at);
    } else {
        fault_let_go_ending(fault);
    }
}

static void data(struct fault *fault, const struct piece *piece)
{
    struct slice *slice = (struct slice *)fault;
    if (fault_kept(fault) > 0) {
        keep_bytes(fault, piece);
        return;
    }
    keep_bytes(fault, piece);
    if (slice->next_at < fault_now(fault)) {
        slice->next_at = fault_now(fault);
    }
    pass_what_is_due(slice);
}

static void timer(struct fault *fault)
{
    pass_what_is_due((struct slice *)fault);
}

const struct fault_kind kind_slice = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "slice WHAT into SIZE piece(s) [every DURATION]",
        .help = "from the place on, bytes go on in pieces of this size, each a write of its own, so far apart",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct slice),
    .data = data,
    .ending = keep_ending,
    .timer = timer,
    .stop = fault_let_go_all,
};
