/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * accept without server: the client is connected to nobody. The server is not dialled, and what the client says goes nowhere.
 */
#include "faults/kinds.h"

static void start(struct fault *fault)
{
    fault_without_server(fault);
    fault_happened(fault);
    fault_done(fault);
}

const struct fault_kind kind_accept_without_server = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "accept without server",
        .help = "the client's connect succeeds, the server is never dialled, and what the client says goes nowhere",
        .traits = ROW_AT_CONNECT,
    },
    .place = FAULT_ON_LINK,
    .size = sizeof(struct fault),
    .start = start,
};
