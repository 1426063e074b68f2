/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup ctl: see ctl.c.
 */
#ifndef HANGUP_CLI_CTL_H
#define HANGUP_CLI_CTL_H

#include "cli/command.h"

extern const struct command command_ctl;

#endif
