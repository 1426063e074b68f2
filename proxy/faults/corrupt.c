/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_corrupt = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "corrupt WHAT",
        .help = "from the place on, one bit of each byte, drawn, is turned over",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
        .what_later = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
};

const struct fault_kind kind_corrupt_amount = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "corrupt SIZE of WHAT",
        .help = "in so many bytes from the place on, one bit of each, drawn, is turned over",
        .traits = ROW_TAKES_TIME,
        .what = WHAT_BIT(WHAT_DATA),
        .what_later = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
};

const struct fault_kind kind_corrupt_share = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "corrupt PERCENT of WHAT",
        .help = "from the place on, in bytes chosen by lot, one bit of each, drawn, is turned over",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
        .what_later = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
};
