/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * corrupt … records: what TLS protects is changed, and what frames it is not: headers stay as they are. `1 byte of` counts bytes of payload
 * from the place on; without an amount, and by lot, one bit of each record that is meant is turned over.
 */
#include "faults/kinds.h"

#include "faults/portion.h"
#include "faults/records.h"

#define BITS 8

struct corrupt_records {
    struct fault fault;
    struct records records;
    struct portion portion; /* an amount: of payload bytes */
};

static void start(struct fault *fault)
{
    struct corrupt_records *corrupt = (struct corrupt_records *)fault;
    records_start(&corrupt->records, fault);
    portion_start(&corrupt->portion, fault);
    if (portion_used_up(&corrupt->portion)) {
        fault_done(fault);
    }
}

static void turn_bit_over(struct fault *fault, uint8_t *byte, uint64_t use)
{
    *byte ^= (uint8_t)(1u << fault_draw_at(fault, use, BITS));
    fault_happened(fault);
}

/* One byte of the record, whose place in it is drawn, and so is the bit. */
static void change_record(struct corrupt_records *corrupt, const struct stretch *stretch, uint8_t *bytes)
{
    struct fault *fault = &corrupt->fault;
    uint64_t byte = fault_draw_at(fault, 2 * stretch->number, stretch->size);
    bool all = corrupt->portion.kind == PORTION_ALL;
    bool meant = stretch->whole && (all || fault_draw_byte(fault, stretch->number, corrupt->portion.share));
    if (meant && byte >= stretch->offset && byte - stretch->offset < stretch->length) {
        turn_bit_over(fault, &bytes[byte - stretch->offset], 2 * stretch->number + 1);
    }
}

/* The next bytes of the amount. Yields how many of these that were. */
static size_t change_bytes(struct corrupt_records *corrupt, const struct stretch *stretch, uint8_t *bytes)
{
    uint64_t offset = corrupt->portion.offset;
    bool meant;
    size_t run = portion_walk(&corrupt->portion, &corrupt->fault, stretch->length, &meant);
    for (size_t i = 0; meant && i < run; i++) {
        turn_bit_over(&corrupt->fault, &bytes[i], offset + i);
    }
    return meant ? run : 0;
}

/* Changed in place and passed on in one piece; but what is behind the amount is for the rule's next action. */
static void data(struct fault *fault, const struct piece *piece)
{
    struct corrupt_records *corrupt = (struct corrupt_records *)fault;
    size_t passed = 0;
    for (size_t at = 0; at < piece->length;) {
        struct stretch stretch = records_walk(&corrupt->records, piece->bytes + at, piece->length - at);
        if (stretch.payload && corrupt->portion.kind == PORTION_FIRST) {
            size_t changed = change_bytes(corrupt, &stretch, piece->bytes + at);
            if (portion_used_up(&corrupt->portion)) {
                struct piece part = portion_of_piece(piece, 0, at + changed);
                passed = at + changed;
                fault_pass(fault, &part);
                fault_done(fault);
                break;
            }
        } else if (stretch.payload) {
            change_record(corrupt, &stretch, piece->bytes + at);
        }
        at += stretch.length;
    }
    if (passed < piece->length) {
        struct piece rest = portion_of_piece(piece, passed, piece->length - passed);
        fault_pass(fault, &rest);
    }
}

const struct fault_kind kind_corrupt_records = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "corrupt WHAT",
        .help = "from the place on, one bit of each TLS record's payload, drawn, is turned over",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
    .on_wire = true,
    .size = sizeof(struct corrupt_records),
    .start = start,
    .data = data,
};

const struct fault_kind kind_corrupt_records_amount = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "corrupt SIZE of WHAT",
        .help = "in so many bytes of TLS records' payload from the place on, one bit of each, drawn, is turned over",
        .traits = ROW_TAKES_TIME,
        .what = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
    .on_wire = true,
    .size = sizeof(struct corrupt_records),
    .start = start,
    .data = data,
};

const struct fault_kind kind_corrupt_records_share = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "corrupt PERCENT of WHAT",
        .help = "from the place on, in TLS records chosen by lot, one bit of the payload, drawn, is turned over",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
    .on_wire = true,
    .size = sizeof(struct corrupt_records),
    .start = start,
    .data = data,
};
