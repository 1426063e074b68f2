/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send raw, half a record, an alert: what one application gets on the wire, under TLS and outside of what it protects. Where TLS passes
 * through, the wire is the flow; an alert is a record in the clear then: it says something as long as nothing is encrypted towards that
 * side, and is a broken record afterwards. Where the relay speaks TLS an alert is always one.
 */
#include "faults/kinds.h"

#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"
#include "tls/record.h"

#define HALF 32u /* bytes of a payload of twice as many: small enough that nobody looks into it before it is whole */

enum level { LEVEL_WARNING = 1, LEVEL_FATAL = 2 };

/* RFC 8446, section 6.1: these two close; all others are errors. */
enum { ALERT_CLOSE_NOTIFY = 0, ALERT_USER_CANCELED = 90 };

/* Rules below may change what passes in place, so a copy is sent. */
static void send_copy(struct fault *fault, const void *bytes, size_t length)
{
    struct piece piece = {.length = length, .stamp = fault_now(fault), .flags = PIECE_RAW};
    if (length > 0) {
        piece.bytes = xmalloc(length);
        memcpy(piece.bytes, bytes, length);
        fault_send(fault, &piece);
        free(piece.bytes);
    }
    fault_done_when_acknowledged(fault);
}

static void send_raw(struct fault *fault)
{
    const struct value *string = &fault->phrase->values[0];
    send_copy(fault, string->string.bytes, string->string.length);
}

static void send_half(struct fault *fault)
{
    const uint8_t half[TLS_HEADER + HALF] = {TLS_APPLICATION_DATA, 3, 3, 0, 2 * HALF};
    send_copy(fault, half, sizeof half);
}

static void send_alert(struct fault *fault)
{
    unsigned code = fault->phrase->values[0].code;
    if (fault_speaks_tls(fault)) {
        fault_send_message(fault, code == ALERT_CLOSE_NOTIFY ? ENDING_CLOSE_NOTIFY : ENDING_ALERT, code);
        fault_done_when_acknowledged(fault);
        return;
    }
    bool closes = code == ALERT_CLOSE_NOTIFY || code == ALERT_USER_CANCELED;
    const uint8_t alert[TLS_HEADER + 2] = {TLS_ALERT, 3, 3, 0, 2, closes ? LEVEL_WARNING : LEVEL_FATAL, (uint8_t)code};
    send_copy(fault, alert, sizeof alert);
}

const struct fault_kind kind_send_raw = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send raw STRING [to SIDE]",
        .help = "that side gets these bytes under its TLS, outside of any record",
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = send_raw,
};

const struct fault_kind kind_send_half = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send half a record [to SIDE]",
        .help = "that side gets a TLS record's header and half of what it announces; goes with a place between records",
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = send_half,
};

const struct fault_kind kind_send_alert = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send alert ALERT [to SIDE]",
        .help = "that side gets this TLS alert at the place; where TLS passes through, in the clear: for as long as what it is sent is not "
                "encrypted",
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = send_alert,
};
