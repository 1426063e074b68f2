/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as JUnit's XML, as Jenkins and GitLab read it: a suite for each rule file, a test case for each finding.
 */
#ifndef HANGUP_JUDGE_JUNIT_H
#define HANGUP_JUDGE_JUNIT_H

#include "judge/verdict.h"

void junit_print(FILE *out, struct judge *judge, const struct run_end *end);

#endif
