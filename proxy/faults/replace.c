/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_replace = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "replace TEXT with STRING in WHAT",
        .help = "from the place on, each match of the text goes on as the string; bytes that may belong to a match wait until that is decided",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
};
