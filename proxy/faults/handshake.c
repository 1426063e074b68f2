/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a TLS handshake is to be like: send KIND certificate, refuse resumption, request a client certificate. Decided before it begins, and
 * so happened at once; what came of it, the handshake tells by how it ends.
 */
#include "faults/kinds.h"

static void send_certificate(struct fault *fault)
{
    fault_flaw_certificate(fault, fault->phrase->values[0].code);
    fault_happened(fault);
    fault_done(fault);
}

static void refuse_resumption(struct fault *fault)
{
    fault_refuse_resumption(fault);
    fault_happened(fault);
    fault_done(fault);
}

static void request_certificate(struct fault *fault)
{
    fault_request_certificate(fault);
    fault_happened(fault);
    fault_done(fault);
}

const struct fault_kind kind_send_certificate = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send KIND certificate [to SIDE]",
        .help = "that side is shown a certificate with this fault in the TLS handshake: a server only if it asks for one",
        .needs = "a relay with tls",
        .traits = ROW_AT_CONNECT | ROW_IN_HANDSHAKE | ROW_NEEDS_TLS,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = send_certificate,
};

const struct fault_kind kind_refuse_resumption = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "refuse resumption",
        .help = "the client's TLS session is not resumed: it gets a whole handshake, and a new session",
        .needs = "a relay with tls",
        .traits = ROW_AT_CONNECT | ROW_IN_HANDSHAKE | ROW_NEEDS_TLS,
    },
    .place = FAULT_ON_LINK,
    .size = sizeof(struct fault),
    .start = refuse_resumption,
};

const struct fault_kind kind_request_certificate = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "request a client certificate",
        .help = "the TLS handshake, a whole one, asks the client for a certificate, and takes whatever comes: none, or any of whichever CA",
        .needs = "a relay with tls",
        .traits = ROW_AT_CONNECT | ROW_IN_HANDSHAKE | ROW_NEEDS_TLS,
    },
    .place = FAULT_ON_LINK,
    .size = sizeof(struct fault),
    .start = request_certificate,
};
