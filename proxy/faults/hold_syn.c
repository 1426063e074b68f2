/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hold syn: the client's connect stays unanswered until the action ends. The client's SYN: nothing is done about it meanwhile, and the
 * server hears of it later; the server's: it is connected to, and its answer does not go on. Once the client is connected there is nothing
 * to hold.
 */
#include "faults/kinds.h"

static void start(struct fault *fault)
{
    fault_hold_syn(fault, true);
    fault_happened(fault);
    fault_time_starts(fault);
}

static void stop(struct fault *fault)
{
    fault_hold_syn(fault, false);
}

const struct fault_kind kind_hold_syn = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "hold WHAT",
        .help = "the client's connect is not answered before this ends; its own SYN: nor is the server dialled; the server's: that is "
                "connected meanwhile",
        .asks = (const struct row_need[]){{NEED_HELD_SYN, NULL, NULL}, {0}},
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_AT_CONNECT,
        .what = WHAT_BIT(WHAT_SYN),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct fault),
    .start = start,
    .stop = stop,
};
