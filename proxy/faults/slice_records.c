/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slice records: the handshake's messages go on in TLS records of this size, as far as they are in the clear: only then new headers can be
 * put between them, and nobody's checksum is hurt by it (RFC 8446, section 5.1). What is encrypted cannot be put into other records: it
 * goes on in pieces of this size, and each record begins one. Each piece is a write of its own; with `every` they are so far apart. Where
 * the relay speaks TLS itself, it makes a record of each write: there the plain text is cut.
 */
#include "faults/kinds.h"

#include <stdlib.h>
#include <string.h>

#include "faults/keep.h"
#include "faults/records.h"
#include "rules/memory.h"

struct slice_records {
    struct fault fault;
    struct records records;
    bool cipher_changed; /* what follows is encrypted */
    bool clear;          /* the record under way is a handshake that is not */
    uint8_t *waiting;    /* its header, and in the clear its payload, until it is whole */
    size_t length;       /* of what waits */
    uint64_t rest;       /* bytes left of the piece that is being cut */
    uint64_t next_at;    /* ns: with `every`, when the next write may be */
};

static void start(struct fault *fault)
{
    struct slice_records *slice = (struct slice_records *)fault;
    records_start(&slice->records, fault);
    if (!slice->waiting) {
        slice->waiting = xmalloc(TLS_HEADER + TLS_PAYLOAD_MOST);
    }
}

static size_t piece_size(struct slice_records *slice, size_t most)
{
    uint64_t size = fault_draw(&slice->fault, &slice->fault.phrase->values[1].range);
    return size == 0 ? 1 : size < most ? (size_t)size : most;
}

static void keep_part(struct slice_records *slice, uint8_t *bytes, size_t length)
{
    struct piece part = {.bytes = bytes, .length = length, .flags = PIECE_OWN_WRITE};
    if (length > 0) {
        fault_keep(&slice->fault, &part);
    }
}

static void wait_for_more(struct slice_records *slice, const uint8_t *bytes, size_t length)
{
    memcpy(slice->waiting + slice->length, bytes, length);
    slice->length += length;
}

static void keep_what_waits(struct slice_records *slice)
{
    keep_part(slice, slice->waiting, slice->length);
    slice->length = 0;
}

/* The record that waits, as several. Each header is written in front of its part, over what has been kept already. */
static void keep_as_records(struct slice_records *slice)
{
    uint8_t type_and_version[3];
    memcpy(type_and_version, slice->waiting, sizeof type_and_version);
    for (size_t at = TLS_HEADER, size; at < slice->length; at += size) {
        uint8_t *header = slice->waiting + at - TLS_HEADER;
        size = piece_size(slice, slice->length - at);
        memcpy(header, type_and_version, sizeof type_and_version);
        header[3] = (uint8_t)(size >> 8);
        header[4] = (uint8_t)size;
        keep_part(slice, header, TLS_HEADER + size);
    }
    slice->length = 0;
    fault_happened(&slice->fault);
}

/* Bytes of a record as they are: pieces end where they are full. */
static void keep_as_pieces(struct slice_records *slice, uint8_t *bytes, size_t length)
{
    for (size_t at = 0, run; at < length; at += run) {
        slice->rest = slice->rest ? slice->rest : piece_size(slice, SIZE_MAX);
        run = length - at < slice->rest ? length - at : slice->rest;
        slice->rest -= run;
        keep_part(slice, bytes + at, run);
    }
    fault_happened(&slice->fault);
}

static void take_payload(struct slice_records *slice, const struct stretch *stretch, uint8_t *bytes)
{
    if (slice->clear || stretch->begins) {
        wait_for_more(slice, bytes, stretch->length);
    }
    if (slice->clear && stretch->ends) {
        keep_as_records(slice);
    } else if (!slice->clear && stretch->begins) { /* the header's piece goes on in the payload */
        keep_as_pieces(slice, slice->waiting, slice->length);
        slice->length = 0;
    } else if (!slice->clear) {
        keep_as_pieces(slice, bytes, stretch->length);
    }
}

static void take_header(struct slice_records *slice, const struct stretch *stretch, const uint8_t *bytes)
{
    slice->rest = stretch->begins ? 0 : slice->rest;
    slice->clear = slice->records.now.type == TLS_HANDSHAKE && !slice->cipher_changed;
    wait_for_more(slice, bytes, stretch->length);
    if (stretch->ends) { /* of an empty record */
        keep_what_waits(slice);
    }
}

static void cut(struct slice_records *slice, const struct stretch *stretch, uint8_t *bytes)
{
    if (!stretch->whole) {
        keep_what_waits(slice);
        keep_part(slice, bytes, stretch->length);
    } else if (stretch->payload) {
        take_payload(slice, stretch, bytes);
    } else {
        take_header(slice, stretch, bytes);
    }
    slice->cipher_changed = slice->cipher_changed || (stretch->ends && slice->records.now.type == TLS_CHANGE_CIPHER_SPEC);
}

static void pass_what_is_due(struct slice_records *slice)
{
    struct fault *fault = &slice->fault;
    const struct value *every = &fault->phrase->values[2];
    uint64_t now = fault_now(fault);
    struct piece front;
    while (slice->next_at <= now && queue_front(&fault->kept, SIZE_MAX, &front)) {
        fault_let_go(fault, front.length);
        slice->next_at = now + (every->present ? fault_draw(fault, &every->range) : 0);
    }
    if (fault_kept(fault) > 0) {
        fault_wake_at(fault, slice->next_at);
    } else {
        fault_let_go_ending(fault);
    }
}

static void data(struct fault *fault, const struct piece *piece)
{
    struct slice_records *slice = (struct slice_records *)fault;
    bool plain = fault_is_plain(fault);
    if (plain) {
        keep_as_pieces(slice, piece->bytes, piece->length);
    }
    for (size_t at = 0; at < piece->length && !plain;) {
        struct stretch stretch = records_walk(&slice->records, piece->bytes + at, piece->length - at);
        cut(slice, &stretch, piece->bytes + at);
        at += stretch.length;
    }
    pass_what_is_due(slice);
}

static void timer(struct fault *fault)
{
    pass_what_is_due((struct slice_records *)fault);
}

static void ending(struct fault *fault, enum ending ending)
{
    keep_what_waits((struct slice_records *)fault);
    pass_what_is_due((struct slice_records *)fault);
    keep_ending(fault, ending);
}

static void stop(struct fault *fault)
{
    keep_what_waits((struct slice_records *)fault);
    fault_let_go_all(fault);
}

static void release(struct fault *fault)
{
    free(((struct slice_records *)fault)->waiting);
}

const struct fault_kind kind_slice_records = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "slice WHAT into SIZE piece(s) [every DURATION]",
        .help = "from the place on, what is in the clear goes on in TLS records of this size, and what is encrypted in pieces that never "
                "span two records; each is a write of its own, so far apart",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct slice_records),
    .start = start,
    .data = data,
    .ending = ending,
    .timer = timer,
    .stop = stop,
    .release = release,
};
