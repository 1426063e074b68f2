/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * forget: our end is gone as if the machine had been restarted (RFC 9293, section 3.5.1: a half-open connection). That application hears
 * nothing of it, until our kernel answers its next segment with RST.
 */
#include "faults/kinds.h"

static void start(struct fault *fault)
{
    fault_forget(fault);
    fault_done_when_acknowledged(fault);
}

const struct fault_kind kind_forget = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "forget [SIDE]",
        .help = "that side gets nothing now and an RST to whatever it says next, as from a machine that was restarted",
        .asks = (const struct row_need[]){{NEED_REPAIR, NULL, NULL}, {0}},
        .traits = ROW_ENDS_SIDE,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = start,
};
