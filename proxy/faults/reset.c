/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults/kinds.h"

const struct fault_kind kind_reset = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "reset [SIDE] [at once]",
        .help = "that side gets what was passed on, as far as it reads it, then RST; at once: RST now, the rest is thrown away",
        .traits = ROW_ENDS_SIDE,
    },
    .place = FAULT_ON_SIDE,
};
