/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that can never fire, because one in front of them leaves them no connection. Called by check.c.
 */
#ifndef HANGUP_RULES_CHECK_ORDER_H
#define HANGUP_RULES_CHECK_ORDER_H

#include "rules/draft.h"

void check_order(const struct draft *draft, struct diag *diag);

#endif
