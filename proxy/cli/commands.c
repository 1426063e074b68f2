/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of subcommands, and what they have in common.
 */
#include "cli/command.h"

#include "cli/ca.h"
#include "cli/check.h"
#include "cli/ctl.h"
#include "cli/demo.h"
#include "cli/doctor.h"
#include "cli/explain.h"
#include "cli/fmt.h"
#include "cli/help.h"
#include "cli/list.h"
#include "cli/run.h"
#include "cli/serve.h"
#include "cli/show.h"
#include "cli/states.h"
#include "cli/toxiproxy_server.h"
#include "rules/spelling.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct command *const commands[] = {
    &command_run,
    &command_serve,
    &command_toxiproxy_server,
    &command_ctl,
    &command_check,
    &command_fmt,
    &command_list,
    &command_explain,
    &command_demo,
    &command_doctor,
    &command_show,
    &command_states,
    &command_ca,
    &command_help,
    NULL,
};

const struct command *command_find(const char *name)
{
    for (const struct command *const *command = commands; *command; command++) {
        if (strcmp((*command)->name, name) == 0)
            return *command;
    }
    return NULL;
}

const char *command_nearest(const char *name)
{
    struct spelling search = { .word = name, .length = strlen(name) };

    for (const struct command *const *command = commands; *command; command++)
        spelling_try(&search, (*command)->name, strlen((*command)->name));
    return search.nearest;
}

int command_wrong(const struct command *command, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "hangup %s: ", command->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " (`hangup help %s` says more)\n", command->name);
    return EXIT_USAGE;
}

bool command_asked_for_help(const struct command *command, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            command_print_help(command);
            return true;
        }
    }
    return false;
}

void command_print_help(const struct command *command)
{
    printf("usage: hangup %s%s%s\n\n%s.\n", command->name, command->arguments[0] ? " " : "", command->arguments, command->summary);
    if (command->help)
        printf("\n%s", command->help);
}
