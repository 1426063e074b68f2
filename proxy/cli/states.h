/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup states: the TCP states of this machine's sockets, by process: for the first minute of a hunt.
 */
#ifndef HANGUP_CLI_STATES_H
#define HANGUP_CLI_STATES_H

#include "cli/command.h"

extern const struct command command_states;

#endif
