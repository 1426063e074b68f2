/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup check FILE ...: all errors and warnings, and nothing else happens.
 */
#include "cli/check.h"

#include "cli/vocabulary.h"
#include "kernel/privilege.h"
#include "rules/ruleset.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void print_count(size_t count, const char *noun, const char *end)
{
    printf("%zu %s%s%s", count, noun, count == 1 ? "" : "s", end);
}

static void print_summary(const struct ruleset *set, size_t files, size_t warnings)
{
    print_count(files, "file", ": ");
    print_count(set->relay_count, "relay", ", ");
    print_count(set->rule_count, "rule", ", ");
    if (set->standing_count > 0)
        print_count(set->standing_count, "standing expectation", ", ");
    if (warnings > 0)
        print_count(warnings, "warning", ", ");
    puts("no errors");
}

static int check_files(const struct rules_input *input)
{
    struct diag *diag = diag_new();
    struct ruleset *set = rules_compile(input, &vocabulary, diag);
    int code = set ? EXIT_WELL : EXIT_USAGE;

    diag_print(diag, stderr, isatty(STDERR_FILENO));
    if (set)
        print_summary(set, input->file_count, diag_warnings(diag));
    ruleset_unref(set);
    diag_free(diag);
    return code;
}

static int run_check(int argc, char **argv)
{
    struct means means = privilege_probe();
    struct rules_input input = { .checking = true, .means = &means };
    int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;

    if (first == 1 && argc > 1 && argv[1][0] == '-')
        return command_wrong(&command_check, "there is no option %s", argv[1]);
    if (first == argc)
        return command_wrong(&command_check, "which files?");
    input.files = (const char *const *)argv + first;
    input.file_count = (size_t)(argc - first);
    return check_files(&input);
}

const struct command command_check = {
    .name = "check",
    .arguments = "FILE ...",
    .summary = "checks rule files, together, as `run` would read them",
    .help = "Prints every error and warning with its place. A file needs no relay block to be checked; what this machine\n"
            "or user would not let `run` do is a warning.\n"
            "Ends with 0 if the rules are right, with 2 if not.\n",
    .run = run_check,
};
