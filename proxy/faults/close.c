/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * close: that application is closed on as by close(): FIN behind what was passed on (TLS: its goodbye first), then RST to whatever it says.
 * The other side finds out as in life.
 */
#include "faults/kinds.h"

static void start(struct fault *fault)
{
    fault_close_side(fault);
    fault_done_when_acknowledged(fault);
}

const struct fault_kind kind_close = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "close [SIDE]",
        .help = "that side is closed on as by close(): what was passed on, then FIN (TLS: close_notify first), then RST to what it says",
        .traits = ROW_CLOSES_SIDE,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = start,
};
