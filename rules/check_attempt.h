/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks of actions that are about attempts, clients that are not connected yet: can each be heard, and answered so? Called by
 * check_rule.c.
 */
#ifndef HANGUP_RULES_CHECK_ATTEMPT_H
#define HANGUP_RULES_CHECK_ATTEMPT_H

#include "rules/draft.h"

/* One action of the rule whose row is ROW_AT_CONNECT. What is ROW_UNHEARD too is at work on the relay as a whole, unless SYNs are held. */
void check_attempt(const struct draft *draft, const struct draft_rule *rule, const struct draft_step *step, const struct rules_input *input,
                   struct diag *diag);

/* Whether a rule may be for the relay of that name, as far as it names relays. */
bool check_may_concern(const struct draft_rule *rule, const char *relay);

#endif
