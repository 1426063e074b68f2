/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wait: nothing is done while its time runs, which the engine counts. All that there is of it is its row.
 */
#include "faults/kinds.h"

const struct fault_kind kind_wait = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "wait",
        .help = "nothing is done until its time is over",
        .traits = ROW_TAKES_TIME | ROW_NEEDS_TIME,
    },
    .place = FAULT_ON_LINK,
    .size = sizeof(struct fault),
};
