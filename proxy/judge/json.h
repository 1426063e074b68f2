/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as JSON. Its schema is doc/report-schema.json; `version` counts up if a member changes its meaning or goes.
 */
#ifndef HANGUP_JUDGE_JSON_H
#define HANGUP_JUDGE_JSON_H

#include "judge/verdict.h"

void json_print(FILE *out, struct judge *judge, const struct run_end *end);

#endif
