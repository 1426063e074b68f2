/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks of one rule: do its phrases go together? Called by check.c.
 */
#ifndef HANGUP_RULES_CHECK_RULE_H
#define HANGUP_RULES_CHECK_RULE_H

#include "rules/draft.h"

void check_rule(struct draft *draft, struct draft_rule *rule, const struct rules_input *input, struct diag *diag);

/* One phrase: is it built, is it allowed here, does what it names exist? */
void check_phrase(struct draft *draft, struct parsed *parsed, const struct rules_input *input, struct diag *diag);

#endif
