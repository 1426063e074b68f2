/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shows one of the rule files that come with the program.
 */
#ifndef HANGUP_CLI_EXPLAIN_H
#define HANGUP_CLI_EXPLAIN_H

#include "cli/command.h"

extern const struct command command_explain;

#endif
