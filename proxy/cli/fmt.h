/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Brings rule files into their normal form.
 */
#ifndef HANGUP_CLI_FMT_H
#define HANGUP_CLI_FMT_H

#include "cli/command.h"

extern const struct command command_fmt;

#endif
