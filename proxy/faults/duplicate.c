/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * duplicate: bytes go on twice. The first so many go on and then all of them once more (in blocks of 64 KiB, so that the copy is bounded,
 * and held apart from what the flow may keep, so that it can always be filled); by lot, or without an amount, each byte is followed by its
 * double.
 */
#include "faults/kinds.h"

#include "faults/portion.h"
#include "rules/memory.h"

#include <stdlib.h>

#define COPY_LIMIT (64 * 1024) /* bytes */

struct duplicate {
    struct fault fault;
    struct portion portion;
    struct queue copy; /* what has gone on once */
};

static void start(struct fault *fault)
{
    struct duplicate *duplicate = (struct duplicate *)fault;
    portion_start(&duplicate->portion, fault);
    if (portion_used_up(&duplicate->portion)) {
        fault_done(fault);
    }
}

static void pass_copy(struct duplicate *duplicate)
{
    struct piece front;
    while (queue_front(&duplicate->copy, SIZE_MAX, &front)) {
        fault_pass(&duplicate->fault, &front);
        queue_consume(&duplicate->copy, front.length);
    }
}

/* The first so many: they go on, and are remembered. */
static void pass_and_copy(struct duplicate *duplicate, const struct piece *piece)
{
    for (size_t offset = 0, run; offset < piece->length; offset += run) {
        size_t room = COPY_LIMIT - duplicate->copy.bytes;
        run = piece->length - offset < room ? piece->length - offset : room;
        struct piece part = portion_of_piece(piece, offset, run);
        queue_append(&duplicate->copy, &part);
        fault_pass(&duplicate->fault, &part);
        if (run == room) {
            pass_copy(duplicate);
        }
    }
}

/* Byte by byte: an urgent byte is urgent once. */
static void pass_doubled(struct fault *fault, const struct piece *piece)
{
    struct piece doubled = *piece;
    doubled.length = 2 * piece->length;
    doubled.bytes = xmalloc(doubled.length);
    for (size_t i = 0; i < doubled.length; i++) {
        doubled.bytes[i] = piece->bytes[i / 2];
    }
    fault_pass(fault, &doubled);
    free(doubled.bytes);
}

static void data(struct fault *fault, const struct piece *piece)
{
    struct duplicate *duplicate = (struct duplicate *)fault;
    for (size_t offset = 0, run; offset < piece->length; offset += run) {
        bool meant;
        run = portion_walk(&duplicate->portion, fault, piece->length - offset, &meant);
        struct piece part = portion_of_piece(piece, offset, run);
        if (!meant) {
            fault_pass(fault, &part);
            continue;
        }
        fault_happened(fault);
        if (duplicate->portion.kind != PORTION_FIRST) {
            pass_doubled(fault, &part);
            continue;
        }
        pass_and_copy(duplicate, &part);
        if (portion_used_up(&duplicate->portion)) {
            pass_copy(duplicate);
            fault_done(fault);
        }
    }
}

static void ending(struct fault *fault, enum ending ending)
{
    pass_copy((struct duplicate *)fault);
    fault_pass_ending(fault, ending);
}

static void stop(struct fault *fault)
{
    pass_copy((struct duplicate *)fault);
}

static void release(struct fault *fault)
{
    queue_clear(&((struct duplicate *)fault)->copy);
}

const struct fault_kind kind_duplicate = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "duplicate WHAT",
        .help = "from the place on, each byte goes on twice",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct duplicate),
    .start = start,
    .data = data,
};

const struct fault_kind kind_duplicate_amount = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "duplicate SIZE of WHAT",
        .help = "so many bytes from the place on go on, and then once more",
        .traits = ROW_TAKES_TIME,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct duplicate),
    .start = start,
    .data = data,
    .ending = ending,
    .stop = stop,
    .release = release,
};

const struct fault_kind kind_duplicate_share = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "duplicate PERCENT of WHAT",
        .help = "from the place on, each byte chosen by lot goes on twice",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct duplicate),
    .start = start,
    .data = data,
};
