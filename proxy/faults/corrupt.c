/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * corrupt: one bit of a byte, drawn, is turned over: of each byte, of the first so many, or of some by lot. Nothing is added, lost or
 * delayed.
 */
#include "faults/kinds.h"

#include "faults/portion.h"

struct corrupt {
    struct fault fault;
    struct portion portion;
};

static void start(struct fault *fault)
{
    struct corrupt *corrupt = (struct corrupt *)fault;
    portion_start(&corrupt->portion, fault);
    if (portion_used_up(&corrupt->portion)) {
        fault_done(fault);
    }
}

static void turn_bits_over(struct fault *fault, uint8_t *bytes, size_t length, uint64_t offset)
{
    for (size_t i = 0; i < length; i++) {
        bytes[i] ^= (uint8_t)(1u << fault_draw_at(fault, offset + i, 8));
    }
}

/* Changed in place and passed on in one piece; but what is behind the amount is for the rule's next action. */
static void data(struct fault *fault, const struct piece *piece)
{
    struct corrupt *corrupt = (struct corrupt *)fault;
    size_t passed = 0;
    for (size_t at = 0, run; at < piece->length; at += run) {
        uint64_t offset = corrupt->portion.offset;
        bool meant;
        run = portion_walk(&corrupt->portion, fault, piece->length - at, &meant);
        if (meant) {
            fault_happened(fault);
            turn_bits_over(fault, piece->bytes + at, run, offset);
        }
        if (meant && portion_used_up(&corrupt->portion)) {
            struct piece part = portion_of_piece(piece, 0, at + run);
            passed = at + run;
            fault_pass(fault, &part);
            fault_done(fault);
        }
    }
    if (passed < piece->length) {
        struct piece rest = portion_of_piece(piece, passed, piece->length - passed);
        fault_pass(fault, &rest);
    }
}

const struct fault_kind kind_corrupt = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "corrupt WHAT",
        .help = "from the place on, one bit of each byte, drawn, is turned over",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct corrupt),
    .start = start,
    .data = data,
};

const struct fault_kind kind_corrupt_amount = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "corrupt SIZE of WHAT",
        .help = "in so many bytes from the place on, one bit of each, drawn, is turned over",
        .traits = ROW_TAKES_TIME,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct corrupt),
    .start = start,
    .data = data,
};

const struct fault_kind kind_corrupt_share = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "corrupt PERCENT of WHAT",
        .help = "from the place on, in bytes chosen by lot, one bit of each, drawn, is turned over",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct corrupt),
    .start = start,
    .data = data,
};
