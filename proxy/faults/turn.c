/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_turn = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "turn WHAT into ( fin | rst )",
        .help = "from the place on, this ending goes on as the other kind, behind the data",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_FIN) | WHAT_BIT(WHAT_RST),
    },
    .place = FAULT_ON_FLOW,
};
