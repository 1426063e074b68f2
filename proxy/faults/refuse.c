/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_refuse = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "refuse",
        .help = "the client's connect fails with ECONNREFUSED and the server is not dialled; open connections live on",
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_AT_CONNECT | ROW_UNHEARD,
    },
    .place = FAULT_ON_RELAY,
};
