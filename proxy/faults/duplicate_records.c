/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * duplicate … records: TLS records that begin behind the place, all or each by lot, go on twice, as if somebody on the wire replayed them.
 * The second goes when the first is whole.
 */
#include "faults/kinds.h"

#include <stdlib.h>
#include <string.h>

#include "faults/records.h"
#include "rules/memory.h"

struct duplicate_records {
    struct fault fault;
    struct records records;
    uint8_t *copy; /* of what has passed of a record that goes twice */
    size_t length;
};

static void start(struct fault *fault)
{
    records_start(&((struct duplicate_records *)fault)->records, fault);
}

static bool is_meant(const struct duplicate_records *duplicate, const struct stretch *stretch)
{
    const struct value *share = &duplicate->fault.phrase->values[0];
    return stretch->whole && (!share->present || fault_draw_byte(&duplicate->fault, stretch->number, share->share));
}

static void remember(struct duplicate_records *duplicate, const uint8_t *bytes, size_t length)
{
    if (!duplicate->copy) {
        duplicate->copy = xmalloc(TLS_HEADER + TLS_PAYLOAD_MOST);
    }
    memcpy(duplicate->copy + duplicate->length, bytes, length);
    duplicate->length += length;
}

static void pass_again(struct duplicate_records *duplicate)
{
    struct piece piece = {.bytes = duplicate->copy, .length = duplicate->length, .stamp = fault_now(&duplicate->fault)};
    duplicate->length = 0;
    fault_happened(&duplicate->fault);
    fault_pass(&duplicate->fault, &piece);
}

/* Up to each record's end at once, for what is passed may be changed in place. */
static void data(struct fault *fault, const struct piece *piece)
{
    struct duplicate_records *duplicate = (struct duplicate_records *)fault;
    for (size_t at = 0; at < piece->length;) {
        struct stretch stretch = records_walk(&duplicate->records, piece->bytes + at, piece->length - at);
        struct piece part = {.bytes = piece->bytes + at, .length = stretch.length, .stamp = piece->stamp};
        bool meant = is_meant(duplicate, &stretch);
        if (meant) {
            remember(duplicate, part.bytes, part.length);
        }
        at += stretch.length;
        if (at == piece->length) {
            part.flags = piece->flags;
        }
        fault_pass(fault, &part);
        if (meant && stretch.ends) {
            pass_again(duplicate);
        }
    }
}

static void release(struct fault *fault)
{
    free(((struct duplicate_records *)fault)->copy);
}

const struct fault_kind kind_duplicate_records = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "duplicate [PERCENT of] WHAT",
        .help = "from the place on, TLS records, all or each by lot, go on twice",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
    .on_wire = true,
    .size = sizeof(struct duplicate_records),
    .start = start,
    .data = data,
    .release = release,
};
