/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_delay = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "delay WHAT by DURATION",
        .help = "from the place on, what one read brings goes on that much later, in order, and so does the ending; throughput is not limited",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
        .what_later = WHAT_BIT(WHAT_SEGMENTS),
    },
    .place = FAULT_ON_FLOW,
};
