/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a rule set wants to know of the applications' own sockets, and so what the lookout has to look at: events and expectations that
 * speak of states, findings that say what became of a socket.
 */
#ifndef HANGUP_JUDGE_INTEREST_H
#define HANGUP_JUDGE_INTEREST_H

#include "engine/roster.h"
#include "relay/lookout.h"

/* `recorded`: a trace is written, which is to have the states in it. */
struct interest interest_of(const struct ruleset *ruleset, bool recorded);
struct interest interest_of_roster(const struct roster *roster, bool recorded);

#endif
