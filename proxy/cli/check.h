/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks rule files without running anything.
 */
#ifndef HANGUP_CLI_CHECK_H
#define HANGUP_CLI_CHECK_H

#include "cli/command.h"

extern const struct command command_check;

#endif
