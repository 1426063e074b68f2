/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send key_updates: TLS 1.3's messages that change the sender's keys (RFC 8446, 4.6.3), many of them, of which an application sees nothing
 * but the work. They stand in line as bytes do; the layer makes them. Where there is no TLS 1.3 towards that side nothing happens.
 */
#include "faults/kinds.h"

#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"

enum { REQUEST_NONE = 0, REQUEST_ANSWER = 1 }; /* of a KeyUpdate's body */

static void start(struct fault *fault)
{
    const struct value *number = &fault->phrase->values[0], *answers = &fault->phrase->values[1];
    struct piece piece = {.length = number->range.low, .stamp = fault_now(fault), .flags = PIECE_KEYS};

    if (!fault_updates_keys(fault)) {
        fault_done(fault);
        return;
    }
    piece.bytes = xmalloc(piece.length);
    memset(piece.bytes, answers->present ? REQUEST_ANSWER : REQUEST_NONE, piece.length);
    fault_send(fault, &piece);
    free(piece.bytes);
    fault_done_when_acknowledged(fault);
}

const struct fault_kind kind_send_key_updates = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send NUMBER key_update(s) [with answers] [to SIDE]",
        .help = "that side gets so many KeyUpdates of TLS 1.3 at the place; with answers: each asks for one of its own",
        .needs = "a relay with tls",
        .traits = ROW_NEEDS_TLS | ROW_NEEDS_TLS_THERE,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = start,
};
