/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_duplicate = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "duplicate WHAT",
        .help = "from the place on, what one read brings goes on twice",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
        .what_later = WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
};

const struct fault_kind kind_duplicate_amount = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "duplicate SIZE of WHAT",
        .help = "so many bytes from the place on go on twice",
        .traits = ROW_TAKES_TIME,
        .what = WHAT_BIT(WHAT_DATA),
        .what_later = WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
};

const struct fault_kind kind_duplicate_share = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "duplicate PERCENT of WHAT",
        .help = "from the place on, bytes chosen by lot go on twice",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
        .what_later = WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
};
