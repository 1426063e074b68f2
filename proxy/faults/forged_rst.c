/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send forged rst: that application's connection is reset, and our own socket knows nothing of it: as by a firewall that has lost its
 * state, or by somebody on the way. It finds out when it says something.
 */
#include "faults/kinds.h"

static void start(struct fault *fault)
{
    fault_forge_rst(fault);
}

const struct fault_kind kind_send_forged_rst = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send forged rst [to SIDE]",
        .help = "that side gets what was passed on, then an RST, while our socket lives on",
        .asks = (const struct row_need[]){{NEED_REPAIR, NULL, NULL}, {NEED_RAW, NULL, NULL}, {0}},
        .traits = ROW_ENDS_SIDE,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = start,
};
