/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_throttle = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "throttle WHAT to RATE [shared]",
        .help = "from the place on, bytes go on evenly at this rate at most; shared: all connections of the relay in this rule together",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
};
