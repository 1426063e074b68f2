/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks of what a rule says of TLS: can it be on the relays that the rule is for, which may speak TLS to both sides, to one, or pass
 * it on? Called by check.c and check_rule.c.
 */
#ifndef HANGUP_RULES_CHECK_TLS_H
#define HANGUP_RULES_CHECK_TLS_H

#include "rules/draft.h"

void check_tls(const struct draft *draft, const struct draft_rule *rule, const struct rules_input *input, struct diag *diag);

/* A standing expectation: it is for all relays. */
void check_tls_standing(const struct draft *draft, const struct parsed *parsed, const struct rules_input *input, struct diag *diag);

#endif
