/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of faults that are not built yet (see later.h). They have no effect here, only their words, so that the parser can tell a word
 * of later work from a wrong one.
 */
#include "faults/later.h"

#define WITH_SEGMENTS "not built yet: a TCP of ours is at both ends, and passes no segments on; it comes with a relay that forwards them"

const struct row later_delay_segments = {
    .table = ROW_EFFECT,
    .syntax = "delay WHAT by DURATION",
    .help = "from the place on, each segment arrives that much later",
    .needs = "the lab",
    .later = WITH_SEGMENTS,
    .traits = ROW_TAKES_TIME | ROW_STAYS,
    .what = WHAT_BIT(WHAT_SEGMENTS),
};

const struct row later_duplicate_segments = {
    .table = ROW_EFFECT,
    .syntax = "duplicate [PERCENT of] WHAT",
    .help = "from the place on, these segments, all or each by lot, arrive twice",
    .needs = "the lab",
    .later = WITH_SEGMENTS,
    .traits = ROW_TAKES_TIME | ROW_STAYS,
    .what = WHAT_BIT(WHAT_SEGMENTS),
};

const struct row later_reorder = {
    .table = ROW_EFFECT,
    .syntax = "reorder [PERCENT of] WHAT",
    .help = "from the place on, these segments, all or each by lot, change places with the one behind them",
    .needs = "the lab",
    .later = WITH_SEGMENTS,
    .traits = ROW_TAKES_TIME | ROW_STAYS,
    .what = WHAT_BIT(WHAT_SEGMENTS),
};
