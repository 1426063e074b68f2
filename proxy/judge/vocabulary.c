/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expectations, of one side in a rule and of everybody outside of rules. Says nothing about how they are judged.
 */
#include "judge/vocabulary.h"

#include "rules/needs.h"

static const struct row expectations[] = {
    {
        .table = ROW_EXPECTATION,
        .syntax = "DEED [NUMBERS time(s)] within DURATION [with growing pauses]",
        .help = "passes when it happens, or so often; fails when the time is over, or when that side ends in the place of what it was to "
                "send. `with growing pauses`: of at least 4 pauses the later half lasts 1.5 times the earlier half or more",
        .id = EXPECT_WITHIN,
    },
    {
        .table = ROW_EXPECTATION,
        .syntax = "never DEED",
        .help = "passes when the connection or the run ends; fails when it happens",
        .id = EXPECT_NEVER,
    },
    {
        .table = ROW_EXPECTATION,
        .syntax = "stays ( open | silent | away ) for DURATION",
        .help = "passes when the time is over; fails when its FIN or RST comes (open), a byte comes from it (silent), it reconnects (away)",
        .id = EXPECT_STAYS,
    },
};

static const struct row standings[] = {
    {
        .table = ROW_STANDING,
        .syntax = "no [SIDE] STATE longer than DURATION",
        .help = "fails when any socket on any connection is that long in that state, or longer; passes when the run ends",
        .needs = "the application on this machine; CLOSE_WAIT and FIN_WAIT2 are inferred where it is elsewhere",
        .asks = needs_of_states,
        .id = STANDING_NONE_LONGER,
    },
    {
        .table = ROW_STANDING,
        .syntax = "at most NUMBER [SIDE] STATE",
        .help = "fails when more sockets are in that state at one time; passes when the run ends",
        .needs = "the application on this machine; CLOSE_WAIT and FIN_WAIT2 are inferred where it is elsewhere",
        .asks = needs_of_states,
        .id = STANDING_AT_MOST,
    },
    {
        .table = ROW_STANDING,
        .syntax = "no spinning",
        .help = "fails when a process goes round and round over a socket that is at its end: read() returns 0, or poll() returns at once, "
                "again and again; passes when the run ends",
        .needs = "the application on this machine, and the right to look into its process",
        .id = STANDING_SPINNING,
    },
    {
        .table = ROW_STANDING,
        .syntax = "no truncation",
        .help = "fails when an application that got a FIN without close_notify says close_notify itself, as after a clean end; who notices "
                "says nothing, or an alert; passes when the run ends",
        .needs = "a relay with tls",
        .traits = ROW_NEEDS_TLS,
        .id = STANDING_TRUNCATION,
    },
};

const struct row *const judge_rows[] = {
    &expectations[0], &expectations[1], &expectations[2], &standings[0], &standings[1], &standings[2], &standings[3], NULL,
};
