/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hold records: all from the first TLS record on that begins behind the place is kept, in order, until the action ends: the receiver has
 * whole records, and waits for the next. What is left of the record in which the place stands passes. Where the relay speaks TLS itself,
 * it makes whole records of what passes.
 */
#include "faults/kinds.h"

#include "faults/keep.h"
#include "faults/portion.h"
#include "faults/records.h"

struct hold_records {
    struct fault fault;
    struct records records;
};

static void start(struct fault *fault)
{
    records_start(&((struct hold_records *)fault)->records, fault);
}

static void data(struct fault *fault, const struct piece *piece)
{
    struct hold_records *hold = (struct hold_records *)fault;
    for (size_t at = 0; at < piece->length;) {
        struct stretch stretch = records_walk(&hold->records, piece->bytes + at, piece->length - at);
        struct piece part = portion_of_piece(piece, at, stretch.length);
        if (stretch.whole || fault_kept(fault) > 0 || fault_is_plain(fault)) {
            keep_bytes(fault, &part);
            fault_happened(fault);
        } else {
            fault_pass(fault, &part);
        }
        at += stretch.length;
    }
}

const struct fault_kind kind_hold_records = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "hold WHAT",
        .help = "from the place on, whole TLS records are kept, and all behind them waits too, until the action ends",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct hold_records),
    .start = start,
    .data = data,
    .ending = keep_ending,
    .stop = fault_let_go_all,
};
