/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A subcommand: one file, one of these, one line in commands.c. main() only looks the name up. A command's run() gets its own name as
 * argv[0] and returns the exit code.
 */
#ifndef HANGUP_CLI_COMMAND_H
#define HANGUP_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* What the program ends with. Where several hold, the first of 2, 3, 1, 5, 4. */
enum exit_code {
    EXIT_WELL = 0,       /* everything as it was expected */
    EXIT_FAILED = 1,     /* an expectation failed; fmt --check: a file is not in its normal form; doctor: not all is allowed */
    EXIT_USAGE = 2,      /* the command line or a rule file is wrong; nothing was started */
    EXIT_CANNOT_RUN = 3, /* an address in use, a file that cannot be written */
    EXIT_UNFIRED = 4,    /* a rule that should have fired never did */
    EXIT_COMMAND = 5,    /* the COMMAND of `run` failed */
};

struct command {
    const char *name;
    const char *arguments; /* as the usage line shows them */
    const char *summary;   /* one line, without a full stop */
    const char *help;      /* what `hangup help NAME` says beyond that: lines, ending with a newline; or NULL */
    int (*run)(int argc, char **argv);
};

extern const struct command *const commands[]; /* NULL-terminated, in the order of the help */

/* NULL for no such name. */
const struct command *command_find(const char *name);

/* The nearest spelling among the commands, or NULL. */
const char *command_nearest(const char *name);

/* Says in one line what is wrong with the command line, and where help is; returns EXIT_USAGE. */
int command_wrong(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Does the user ask for help: --help or -h in front of any `--`? Prints it if so. */
bool command_asked_for_help(const struct command *command, int argc, char **argv);

/* What `hangup help NAME` prints. */
void command_print_help(const struct command *command);

#endif
