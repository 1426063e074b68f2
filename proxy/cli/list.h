/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists the rule files that come with the program.
 */
#ifndef HANGUP_CLI_LIST_H
#define HANGUP_CLI_LIST_H

#include "cli/command.h"

extern const struct command command_list;

#endif
