/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * drop … records: whole TLS records, from the first that begins behind the place, are taken from the speaker and go no further. What is
 * left of the record in which the place stands passes, and so do endings. The receiver finds a gap: the next record does not decrypt.
 */
#include "faults/kinds.h"

#include "faults/portion.h"
#include "faults/records.h"

struct drop_records {
    struct fault fault;
    struct records records;
    struct portion portion; /* its share, if there is one: of records */
};

static void start(struct fault *fault)
{
    struct drop_records *drop = (struct drop_records *)fault;
    records_start(&drop->records, fault);
    portion_start(&drop->portion, fault);
}

static bool is_meant(const struct drop_records *drop, const struct stretch *stretch)
{
    return stretch->whole && (drop->portion.kind == PORTION_ALL || fault_draw_byte(&drop->fault, stretch->number, drop->portion.share));
}

static void data(struct fault *fault, const struct piece *piece)
{
    struct drop_records *drop = (struct drop_records *)fault;
    for (size_t at = 0; at < piece->length;) {
        struct stretch stretch = records_walk(&drop->records, piece->bytes + at, piece->length - at);
        if (is_meant(drop, &stretch)) {
            fault_happened(fault);
        } else {
            struct piece part = portion_of_piece(piece, at, stretch.length);
            fault_pass(fault, &part);
        }
        at += stretch.length;
    }
}

const struct fault_kind kind_drop_records = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "drop WHAT",
        .help = "from the place on, whole TLS records are taken and go no further",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
    .on_wire = true,
    .size = sizeof(struct drop_records),
    .start = start,
    .data = data,
};

const struct fault_kind kind_drop_records_share = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "drop PERCENT of WHAT",
        .help = "from the place on, each TLS record is taken by lot and goes no further",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
    .on_wire = true,
    .size = sizeof(struct drop_records),
    .start = start,
    .data = data,
};
