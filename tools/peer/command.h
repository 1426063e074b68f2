/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that a script may use. The table is the help, too. */
#ifndef HANGUP_TOOLS_PEER_COMMAND_H
#define HANGUP_TOOLS_PEER_COMMAND_H

#include <stddef.h>
#include <stdio.h>

#include "tools/peer/call.h"

struct command {
    const char *name;
    const char *arguments; /* as in the help */
    size_t least, most; /* how many arguments it takes */
    /* Checks the arguments before anything runs: NULL, or what is wrong. May be NULL. */
    const char *(*check)(const struct line *line);
    void (*run)(struct call *call);
    bool needs_socket; /* its connection must have one when it runs */
    const char *help;
};

/* Each array ends with a row without name; one file each. */
extern const struct command dial_commands[];
extern const struct command speak_commands[];
extern const struct command hear_commands[];
extern const struct command end_commands[];
extern const struct command look_commands[];
extern const struct command option_commands[];
extern const struct command meet_commands[];

/* The command that a line begins with; NULL: there is none, or it does not take these arguments, and `why` says so. */
const struct command *command_find(const struct line *line, char *why, size_t size);

/* Runs the line; its result is in `call`. */
void command_run(const struct command *command, struct call *call);

void command_help(FILE *out);

#endif
