/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shows a trace as text.
 */
#ifndef HANGUP_CLI_SHOW_H
#define HANGUP_CLI_SHOW_H

#include "cli/command.h"

extern const struct command command_show;

#endif
