/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_close = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "close [SIDE]",
        .help = "that side is closed on as by close(): what was passed on, then FIN, then RST to whatever it says",
        .traits = ROW_CLOSES_SIDE,
    },
    .place = FAULT_ON_SIDE,
};
