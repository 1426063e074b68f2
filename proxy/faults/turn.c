/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * turn: an ending goes on as the other kind. Data passes untouched, in front of it.
 */
#include "faults/kinds.h"

static void ending(struct fault *fault, enum ending ending)
{
    enum ending from = fault->phrase->values[0].flow.what == WHAT_FIN ? ENDING_FIN : ENDING_RST;
    enum ending into = fault->phrase->values[1].word == 0 ? ENDING_FIN : ENDING_RST;
    if (ending != from) {
        fault_pass_ending(fault, ending);
        return;
    }
    fault_happened(fault);
    fault_time_starts(fault);
    fault_pass_ending(fault, into);
}

const struct fault_kind kind_turn = {
    .row = {
        .table = ROW_EFFECT,
        .syntax = "turn WHAT into ( fin | rst )",
        .help = "from the place on, this ending goes on as the other kind, behind the data",
        .traits = ROW_TAKES_TIME | ROW_STAYS,
        .what = WHAT_BIT(WHAT_FIN) | WHAT_BIT(WHAT_RST),
    },
    .place = FAULT_ON_FLOW,
    .size = sizeof(struct fault),
    .ending = ending,
};
