/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup demo: what hangup is for, in one minute.
 */
#ifndef HANGUP_CLI_DEMO_H
#define HANGUP_CLI_DEMO_H

#include "cli/command.h"

extern const struct command command_demo;

#endif
