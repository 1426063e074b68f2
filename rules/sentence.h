/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar's inner half: what stands in a rule. Called by parser.c only.
 */
#ifndef HANGUP_RULES_SENTENCE_H
#define HANGUP_RULES_SENTENCE_H

#include "rules/draft.h"
#include "rules/reader.h"

/*
 * Reads a sentence into the rule, up to what cannot belong to it. Errors inside are reported, and it goes on behind them; false if
 * there were any.
 */
bool sentence_parse(struct reader *reader, struct draft_rule *rule);

/* Does a block begin here: `rule NAME {` or `relay NAME {`? */
bool sentence_at_block(const struct reader *reader);

/* Takes the `}` that closes a block, or says that it is missing. Unless `well`, what stands in front of it is passed over: it was reported.
 */
void sentence_close_block(struct reader *reader, const struct token *open, bool well);

#endif
