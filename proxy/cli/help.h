/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Help: on the commands, and on every word of the rule language, from the rows that the parser reads.
 */
#ifndef HANGUP_CLI_HELP_H
#define HANGUP_CLI_HELP_H

#include "cli/command.h"

#include <stdio.h>

/* What the program is, and its commands. */
void help_overview(FILE *out);

extern const struct command command_help;

#endif
