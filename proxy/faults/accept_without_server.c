/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_accept_without_server = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "accept without server",
        .help = "the client's connect succeeds, the server is never dialled, and what the client says goes nowhere",
        .traits = ROW_AT_CONNECT,
    },
    .place = FAULT_ON_LINK,
};
