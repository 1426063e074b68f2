/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send close_notify: TLS's goodbye alone, without a FIN.
 */
#include "faults/kinds.h"

static void send_close_notify(struct fault *fault)
{
    fault_send_message(fault, ENDING_CLOSE_NOTIFY, 0);
    fault_done_when_acknowledged(fault);
}

const struct fault_kind kind_send_close_notify = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send close_notify [to SIDE]",
        .help = "that side gets TLS's goodbye at the place, and no FIN; what is said to it afterwards comes all the same",
        .needs = "a relay with tls",
        .traits = ROW_NEEDS_TLS,
    },
    .place = FAULT_ON_SIDE,
    .size = sizeof(struct fault),
    .start = send_close_notify,
};
