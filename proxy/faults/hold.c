/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_hold = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "hold WHAT",
        .help = "from the place on, it is kept, and what is behind it waits too, until the action ends; then all goes on in order",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA) | WHAT_BIT(WHAT_FIN) | WHAT_BIT(WHAT_RST),
        .what_later = WHAT_BIT(WHAT_SYN) | WHAT_BIT(WHAT_CLOSE_NOTIFY),
    },
    .place = FAULT_ON_FLOW,
};

const struct fault_kind kind_hold_amount = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "hold SIZE of WHAT",
        .help = "from the place on, bytes are kept until so many are; then all go on at once",
        .traits = ROW_TAKES_TIME,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
};
