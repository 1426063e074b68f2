/* SPDX-License-Identifier: BSD-2-Clause */
/* A script: its lines, all parsed and checked before the first one runs. */
#ifndef HANGUP_TOOLS_PEER_SCRIPT_H
#define HANGUP_TOOLS_PEER_SCRIPT_H

#include <stdbool.h>
#include <stdio.h>

#include "tools/peer/command.h"

struct script {
    struct step {
        struct line line;
        const struct command *command;
    } *steps;
    size_t count, room;
    unsigned lines; /* read so far, empty ones too */
};

struct script_settings {
    uint64_t limit;   /* ns a line may take, unless it says `within` */
    bool with_times;  /* print the seconds since the start in front of each line */
    bool keep_going;  /* after a result that was not expected, but for a timeout */
};

/* Appends a line. False: it was told on stderr what is wrong, `source` and place in front. */
bool script_add(struct script *script, const char *source, const char *text);

bool script_read(struct script *script, const char *source, FILE *file);

/* Runs the script. False: a result was not as expected, or a line without expectation took too long. */
bool script_run(const struct script *script, struct peer *peer, const struct script_settings *settings);

void script_free(struct script *script);

#endif
