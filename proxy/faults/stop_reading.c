/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stop reading: our end takes nothing more from that application, whose window closes when our kernel's buffer is full. What was read
 * before goes on.
 */
#include "faults/kinds.h"

static void start(struct fault *fault)
{
    fault_stop_reading(fault);
    fault_happened(fault);
}

static void stop(struct fault *fault)
{
    fault_read_again(fault);
}

const struct fault_kind kind_stop_reading = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "stop reading [from SIDE]",
        .help = "that side is not read from: it finds its window closing",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = start,
    .stop = stop,
};
