/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_drop = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "drop WHAT",
        .help = "from the place on, it is taken and goes no further; a dropped FIN leaves our end open",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA) | WHAT_BIT(WHAT_FIN) | WHAT_BIT(WHAT_RST),
        .what_later = WHAT_BIT(WHAT_CLOSE_NOTIFY),
    },
    .place = FAULT_ON_FLOW,
};

const struct fault_kind kind_drop_amount = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "drop SIZE of WHAT",
        .help = "so many bytes from the place on are taken and go no further",
        .traits = ROW_TAKES_TIME,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
};

const struct fault_kind kind_drop_share = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "drop PERCENT of WHAT",
        .help = "from the place on, each byte is taken by lot and goes no further",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
};
