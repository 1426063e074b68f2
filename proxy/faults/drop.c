/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * drop: bytes or an ending are taken from the speaker, who sees them acknowledged, and go no further. Endings pass when bytes are dropped,
 * and the reverse.
 */
#include "faults/kinds.h"

#include "faults/keep.h"
#include "faults/portion.h"

struct drop {
    struct fault fault;
    struct portion portion;
};

static void data(struct fault *fault, const struct piece *piece)
{
    if (fault->phrase->values[0].flow.what == WHAT_DATA) {
        fault_happened(fault);
    } else {
        fault_pass(fault, piece);
    }
}

static void ending(struct fault *fault, enum ending ending)
{
    if (is_ending(fault->phrase->values[0].flow.what, ending)) {
        fault_happened(fault);
        fault_time_starts(fault);
    } else {
        fault_pass_ending(fault, ending);
    }
}

static void portion_begin(struct fault *fault)
{
    struct drop *drop = (struct drop *)fault;
    portion_start(&drop->portion, fault);
    if (portion_used_up(&drop->portion)) {
        fault_done(fault);
    }
}

static void portion_data(struct fault *fault, const struct piece *piece)
{
    struct drop *drop = (struct drop *)fault;
    for (size_t offset = 0, run; offset < piece->length; offset += run) {
        bool meant;
        run = portion_walk(&drop->portion, fault, piece->length - offset, &meant);
        if (!meant) {
            struct piece part = portion_of_piece(piece, offset, run);
            fault_pass(fault, &part);
            continue;
        }
        fault_happened(fault);
        if (portion_used_up(&drop->portion)) {
            fault_done(fault);
        }
    }
}

const struct fault_kind kind_drop = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "drop WHAT",
        .help = "from the place on, it is taken and goes no further; a dropped FIN leaves our end open",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA) | WHAT_BIT(WHAT_FIN) | WHAT_BIT(WHAT_RST),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct fault),
    .data = data,
    .ending = ending,
};

const struct fault_kind kind_drop_notify = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "drop WHAT",
        .help = "from the place on, TLS's goodbye goes no further; the FIN behind it does",
        .needs = "a relay with tls",
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_NEEDS_TLS,
        .what = WHAT_BIT(WHAT_CLOSE_NOTIFY),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct fault),
    .data = data,
    .ending = ending,
};

const struct fault_kind kind_drop_amount = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "drop SIZE of WHAT",
        .help = "so many bytes from the place on are taken and go no further",
        .traits = ROW_TAKES_TIME,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct drop),
    .start = portion_begin,
    .data = portion_data,
};

const struct fault_kind kind_drop_share = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "drop PERCENT of WHAT",
        .help = "from the place on, each byte is taken by lot and goes no further",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_DATA),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct drop),
    .start = portion_begin,
    .data = portion_data,
};
