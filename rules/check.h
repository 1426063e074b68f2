/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the grammar cannot see: names that are used twice or not at all, phrases that do not go together, rules that can never fire.
 * Called by ruleset.c on a complete draft.
 */
#ifndef HANGUP_RULES_CHECK_H
#define HANGUP_RULES_CHECK_H

#include "rules/draft.h"

/* Whatever is wrong goes to diag. */
void check_draft(struct draft *draft, const struct rules_input *input, struct diag *diag);

#endif
