/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send: bytes of ours, or a FIN, to one application at the place. What the other side says goes on behind them; behind a FIN it is thrown
 * away.
 */
#include "faults/kinds.h"

#include "rules/memory.h"

#include <stdlib.h>
#include <string.h>

/* The rule's own bytes are shared by all threads, and rules below may change what passes in place: so a copy is sent. */
static void send_bytes(struct fault *fault)
{
    const struct value *urgent = &fault->phrase->values[0], *string = &fault->phrase->values[1];
    struct piece piece = {
        .length = string->string.length,
        .stamp = fault_now(fault),
        .flags = urgent->present ? PIECE_URGENT : 0,
    };
    if (piece.length > 0) {
        piece.bytes = xmalloc(piece.length);
        memcpy(piece.bytes, string->string.bytes, piece.length);
        fault_send(fault, &piece);
        free(piece.bytes);
    }
    fault_done_when_acknowledged(fault);
}

static void send_fin(struct fault *fault)
{
    fault_send_ending(fault, ENDING_FIN);
    fault_done_when_acknowledged(fault);
}

const struct fault_kind kind_send = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send [urgent] STRING [to SIDE]",
        .help = "that side gets these bytes at the place; urgent: the last of them is urgent data",
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = send_bytes,
};

const struct fault_kind kind_send_fin = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send fin [to SIDE]",
        .help = "that side gets a FIN and nothing behind it; it may go on talking and is heard",
        .traits = ROW_CLOSES_SIDE,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = send_fin,
};
