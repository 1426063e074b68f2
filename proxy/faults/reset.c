/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reset: RST to that application, behind what was passed on; `at once`: now, and what was on its way is thrown away.
 */
#include "faults/kinds.h"

static void start(struct fault *fault)
{
    bool at_once = fault->phrase->values[1].present;
    if (at_once) {
        fault_reset_at_once(fault);
    } else {
        fault_send_ending(fault, ENDING_RST);
    }
    fault_done_when_acknowledged(fault);
}

const struct fault_kind kind_reset = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "reset [SIDE] [at once]",
        .help = "that side gets what was passed on, as far as it reads it, then RST; at once: RST now, and the rest is thrown away",
        .traits = ROW_ENDS_SIDE,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = start,
};
