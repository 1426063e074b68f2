/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_send = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send [urgent] STRING [to SIDE]",
        .help = "that side gets these bytes at the place; urgent: the last of them is urgent data",
    },
    .place = FAULT_ON_SIDE,
};

const struct fault_kind kind_send_fin = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "send fin [to SIDE]",
        .help = "that side gets a FIN and nothing behind it; it may go on talking and is heard",
        .traits = ROW_CLOSES_SIDE,
    },
    .place = FAULT_ON_SIDE,
};
