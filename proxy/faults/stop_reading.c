/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_stop_reading = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "stop reading [from SIDE]",
        .help = "that side is not read from: it finds its window closing",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
    },
    .place = FAULT_ON_SIDE,
};
