/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of a relay block: reading one, and whether those of a block go together. Called by parser.c; the block itself is its.
 */
#ifndef HANGUP_RULES_OPTION_H
#define HANGUP_RULES_OPTION_H

#include "rules/draft.h"
#include "rules/reader.h"

/* Reads one option into the relay. False: what stands there is none, and was reported by nobody yet. */
bool option_parse(struct reader *reader, struct draft_relay *relay);

/* Options that are about TLS want a relay that speaks it, to the side concerned. */
void option_check(const struct draft_relay *relay, struct diag *diag);

#endif
