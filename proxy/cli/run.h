/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup run: the command line of a session.
 */
#ifndef HANGUP_CLI_RUN_H
#define HANGUP_CLI_RUN_H

#include "cli/command.h"

extern const struct command command_run;

/* For `serve`, which has the same options: a control side at that address unless --control says otherwise. */
int run_as(const struct command *command, const char *control, int argc, char **argv);

#endif
