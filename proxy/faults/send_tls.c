/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send, of what only TLS has: its goodbye alone, without a FIN; a certificate with a flaw in the handshake.
 */
#include "faults/kinds.h"

static void send_close_notify(struct fault *fault)
{
    fault_send_message(fault, ENDING_CLOSE_NOTIFY, 0);
    fault_done_when_acknowledged(fault);
}

/* It has happened when it is shown: the handshake tells by how it ends. */
static void send_certificate(struct fault *fault)
{
    fault_flaw_certificate(fault, fault->phrase->values[0].code);
    fault_happened(fault);
    fault_done(fault);
}

const struct fault_kind kind_send_close_notify = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send close_notify [to SIDE]",
        .help = "that side gets TLS's goodbye at the place, and no FIN; what is said to it afterwards comes all the same",
        .needs = "a relay with tls",
        .traits = ROW_NEEDS_TLS,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = send_close_notify,
};

const struct fault_kind kind_send_certificate = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send KIND certificate [to SIDE]",
        .help = "that side is shown a certificate with this fault in the TLS handshake: a server only if it asks for one",
        .needs = "a relay with tls",
        .traits = ROW_AT_CONNECT | ROW_NEEDS_TLS,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = send_certificate,
};
