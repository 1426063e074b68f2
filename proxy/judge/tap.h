/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as TAP, version 13: a test a case, what was never reached as skipped, what failed with a message.
 */
#ifndef HANGUP_JUDGE_TAP_H
#define HANGUP_JUDGE_TAP_H

#include "judge/verdict.h"

void tap_print(FILE *out, struct judge *judge, const struct run_end *end);

#endif
