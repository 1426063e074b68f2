/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * turn: an ending goes on as the other kind, once: the RST that answers whoever says something to the end that is gone then is life's, not
 * the speaker's. Data passes untouched, in front of it.
 */
#include "faults/kinds.h"

#include "faults/keep.h"

struct turn {
    struct fault fault;
    bool turned;
};

static void ending(struct fault *fault, enum ending ending)
{
    struct turn *turn = (struct turn *)fault;
    enum ending into = fault->phrase->values[1].word == 0 ? ENDING_FIN : ENDING_RST;
    if (!is_ending(fault->phrase->values[0].flow.what, ending) || turn->turned) {
        fault_pass_ending(fault, ending);
        return;
    }
    turn->turned = true;
    fault_happened(fault);
    fault_time_starts(fault);
    fault_pass_ending(fault, into);
}

const struct fault_kind kind_turn_notify = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "turn WHAT into ( fin | rst )",
        .help = "from the place on, TLS's goodbye goes on as that of TCP, behind the data",
        .needs = "a relay with tls",
        .traits = ROW_TAKES_TIME | ROW_STAYS | ROW_NEEDS_TLS,
        .what = WHAT_BIT(WHAT_CLOSE_NOTIFY),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct turn),
    .ending = ending,
};

const struct fault_kind kind_turn = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "turn WHAT into ( fin | rst )",
        .help = "from the place on, this ending goes on as the other kind, behind the data",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_FIN) | WHAT_BIT(WHAT_RST),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct turn),
    .ending = ending,
};
