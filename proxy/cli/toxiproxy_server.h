/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup toxiproxy-server: stands in for Toxiproxy's program, with its options, so that a script that starts that one starts this. Also
 * what hangup is when it is called by the name toxiproxy-server.
 */
#ifndef HANGUP_CLI_TOXIPROXY_SERVER_H
#define HANGUP_CLI_TOXIPROXY_SERVER_H

#include "cli/command.h"

extern const struct command command_toxiproxy_server;

#endif
