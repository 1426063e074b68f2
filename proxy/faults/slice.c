/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_slice = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "slice WHAT into SIZE piece(s) [every DURATION]",
        .help = "from the place on, bytes go on in pieces of this size, each a write of its own, so far apart",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
        .what_later = WHAT_BIT(WHAT_RECORDS),
    },
    .place = FAULT_ON_FLOW,
};
