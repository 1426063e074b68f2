/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vanish: the path to that application is cut. Nothing reaches it, what it sends is not acknowledged, and nobody says so; what the other
 * side has for it waits. Lifted, each TCP repeats what was not acknowledged.
 */
#include "faults/kinds.h"

static void start(struct fault *fault)
{
    fault_vanish(fault);
    fault_happened(fault);
}

static void stop(struct fault *fault)
{
    fault_appear(fault);
}

const struct fault_kind kind_vanish = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "vanish [from SIDE]",
        .help = "that side gets nothing, and what it sends is not acknowledged; when this ends, TCP repeats and heals",
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_DEAFENS_SIDE,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = start,
    .stop = stop,
};
