/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * destroy: the application's own kernel takes its socket away, as an administrator can (ss --kill), or a system that loses an address. Only
 * where the application is on this machine; our end gets an RST.
 */
#include "faults/kinds.h"

static void start(struct fault *fault)
{
    fault_destroy(fault);
}

const struct fault_kind kind_destroy = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "destroy [SIDE]",
        .help = "that side gets what was passed on, then its own kernel ends its socket: its calls fail with ECONNABORTED",
        .needs = "the application on this machine",
        .asks = (const struct row_need[]){{NEED_DESTROY, NULL, NULL}, {0}},
        .traits = ROW_ENDS_SIDE,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = start,
};
