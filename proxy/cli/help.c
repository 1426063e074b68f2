/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup help [WORD]: a word is a command or a word of the rule language.
 */
#include "cli/help.h"

#include "cli/vocabulary.h"
#include "rules/describe.h"

void help_overview(FILE *out)
{
    fputs("hangup gets TCP's goodbyes wrong, on purpose, so that your application gets them right.\n\n"
          "usage: hangup COMMAND ...\n\n",
          out);
    for (const struct command *const *command = commands; *command; command++)
        fprintf(out, "  %-9s %s\n", (*command)->name, (*command)->summary);
    fputs("\n`hangup help COMMAND` explains a command, `hangup help WORD` a word of the rule language,\n"
          "`hangup help` lists them all. `hangup --version` prints the version.\n",
          out);
}

static int unknown(const char *word)
{
    const char *command = command_nearest(word);
    char room[64];
    const char *near = command ? command : describe_nearest(&vocabulary, word, room, sizeof room);

    if (near)
        return command_wrong(&command_help, "neither a command nor a word of the rule language: `%s`; did you mean `%s`?", word, near);
    return command_wrong(&command_help, "neither a command nor a word of the rule language: `%s`", word);
}

static int run_help(int argc, char **argv)
{
    const struct command *command;
    bool found;

    if (argc > 2)
        return command_wrong(&command_help, "one word at a time");
    if (argc < 2) {
        help_overview(stdout);
        fputs("\nThe rule language; hangup-rules(5) has all of it.\n\n", stdout);
        describe_all(stdout, &vocabulary);
        return EXIT_WELL;
    }
    command = command_find(argv[1]);
    if (command)
        command_print_help(command);
    found = describe_word(stdout, &vocabulary, argv[1]);
    return command || found ? EXIT_WELL : unknown(argv[1]);
}

const struct command command_help = {
    .name = "help",
    .arguments = "[WORD]",
    .summary = "explains a command or a word of the rule language",
    .run = run_help,
};
