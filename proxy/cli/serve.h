/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup serve: see serve.c.
 */
#ifndef HANGUP_CLI_SERVE_H
#define HANGUP_CLI_SERVE_H

#include "cli/command.h"

extern const struct command command_serve;

#endif
