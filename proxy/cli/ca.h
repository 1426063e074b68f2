/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The subcommand `ca`.
 */
#ifndef HANGUP_CLI_CA_H
#define HANGUP_CLI_CA_H

#include "cli/command.h"

extern const struct command command_ca;

#endif
