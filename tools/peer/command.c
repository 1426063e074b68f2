/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds a line's command in the tables of the files that have them, and prints these as help. Called by script.c and main.c. */
#include "tools/peer/command.h"

#include <string.h>

static const struct {
    const char *title;
    const struct command *commands;
} groups[] = {
    {"Sockets", dial_commands},
    {"Speaking", speak_commands},
    {"Hearing", hear_commands},
    {"Endings", end_commands},
    {"Looking and waiting", look_commands},
    {"Options", option_commands},
    {"Order between peers", meet_commands},
};

#define GROUPS (sizeof(groups) / sizeof(*groups))

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < GROUPS; i++) {
        for (const struct command *one = groups[i].commands; one->name != NULL; one++) {
            if (strcmp(one->name, name) == 0)
                return one;
        }
    }
    return NULL;
}

const struct command *command_find(const struct line *line, char *why, size_t size)
{
    const struct command *command = line->words[0].quoted ? NULL : find(line->words[0].text);
    if (command == NULL) {
        snprintf(why, size, "there is no command `%s`; --help lists them", line->words[0].text);
        return NULL;
    }
    size_t arguments = line->count - 1;
    const char *wrong = NULL;
    if (arguments >= command->least && arguments <= command->most) {
        wrong = command->check != NULL ? command->check(line) : NULL;
        if (wrong == NULL)
            return command;
    }
    snprintf(why, size, "%s%swrite: %s %s", wrong != NULL ? wrong : "", wrong != NULL ? "; " : "", command->name, command->arguments);
    return NULL;
}

void command_run(const struct command *command, struct call *call)
{
    if (command->needs_socket && call->connection->fd < 0)
        call_result(call, "no socket");
    else
        command->run(call);
}

void command_help(FILE *out)
{
    for (size_t i = 0; i < GROUPS; i++) {
        fprintf(out, "\n%s:\n", groups[i].title);
        for (const struct command *one = groups[i].commands; one->name != NULL; one++)
            fprintf(out, "  %s%s%s\n        %s\n", one->name, *one->arguments != '\0' ? " " : "", one->arguments, one->help);
    }
}
