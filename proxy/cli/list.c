/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup list [--state STATE] [--errno ERRNO] [PATTERN]: the rule files of the catalog, one a line.
 */
#include "cli/list.h"

#include "cli/catalog.h"
#include "rules/names.h"
#include "rules/spelling.h"

#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define ERRNO_MOST 200 /* beyond all that Linux has */

/* What is wanted: all of what is not NULL. */
struct wanted {
    const char *pattern, *state, *error;
};

/* A pattern of the shell, or a part of the name or of what it says. */
static bool matches(const struct catalog_entry *entry, const char *pattern)
{
    return fnmatch(pattern, entry->name, 0) == 0 || strcasestr(entry->name, pattern) || strcasestr(entry->summary, pattern);
}

static bool is_meant(const struct catalog_entry *entry, const struct wanted *wanted)
{
    return (!wanted->pattern || matches(entry, wanted->pattern)) && (!wanted->state || catalog_has_state(entry, wanted->state))
        && (!wanted->error || catalog_has_errno(entry, wanted->error));
}

static size_t print_entries(const struct catalog *catalog, const struct wanted *wanted)
{
    size_t width = 0, found = 0;

    for (size_t i = 0; i < catalog->count; i++) {
        if (is_meant(&catalog->entries[i], wanted) && strlen(catalog->entries[i].name) > width)
            width = strlen(catalog->entries[i].name);
    }
    for (size_t i = 0; i < catalog->count; i++) {
        if (!is_meant(&catalog->entries[i], wanted))
            continue;
        printf("%-*s  %s\n", (int)width, catalog->entries[i].name, catalog->entries[i].summary);
        found++;
    }
    return found;
}

static void say_nothing_found(const struct catalog *catalog, const struct wanted *wanted)
{
    fprintf(stderr, "hangup list: nothing in %s", catalog->folder);
    if (wanted->state)
        fprintf(stderr, " brings a socket into %s", wanted->state);
    if (wanted->error)
        fprintf(stderr, "%s makes a call fail with %s", wanted->state ? " and" : "", wanted->error);
    if (wanted->pattern || (!wanted->state && !wanted->error))
        fprintf(stderr, "%s matches %s", wanted->state || wanted->error ? " and" : "", wanted->pattern ? wanted->pattern : "*");
    fputc('\n', stderr);
}

static int list(const struct wanted *wanted)
{
    struct catalog *catalog = catalog_open();
    size_t found;

    if (!catalog) {
        fprintf(stderr, "hangup list: the catalog cannot be read; set HANGUP_CATALOG to its folder\n");
        return EXIT_CANNOT_RUN;
    }
    found = print_entries(catalog, wanted);
    if (found == 0)
        say_nothing_found(catalog, wanted);
    catalog_close(catalog);
    return found > 0 ? EXIT_WELL : EXIT_USAGE;
}

/* --- the command line ---------------------------------------------------------------------------------------------------------------- */

static int wrong_name(const char *option, const char *what, const struct spelling *search)
{
    if (search->nearest)
        return command_wrong(&command_list, "%s %s: there is no such %s; did you mean %s?", option, search->word, what, search->nearest);
    return command_wrong(&command_list, "%s %s: there is no such %s", option, search->word, what);
}

static int check_state(const char *state)
{
    struct spelling search = {.word = state, .length = strlen(state)};

    if (names_find(names_states, state, strlen(state)))
        return EXIT_WELL;
    for (const struct name *row = names_states; row->name; row++)
        spelling_try(&search, row->name, strlen(row->name));
    return wrong_name("--state", "TCP state", &search);
}

static int check_errno(const char *error)
{
    struct spelling search = {.word = error, .length = strlen(error)};

    for (int number = 1; number < ERRNO_MOST; number++) {
        const char *name = strerrorname_np(number);
        if (name && strcmp(name, error) == 0)
            return EXIT_WELL;
        if (name)
            spelling_try(&search, name, strlen(name));
    }
    return wrong_name("--errno", "errno", &search);
}

static int check(const struct wanted *wanted)
{
    int code = wanted->state ? check_state(wanted->state) : EXIT_WELL;

    return code == EXIT_WELL && wanted->error ? check_errno(wanted->error) : code;
}

static int run_list(int argc, char **argv)
{
    static const struct option options[] = {
        {"state", required_argument, NULL, 's'}, {"errno", required_argument, NULL, 'e'}, {NULL, 0, NULL, 0}};
    struct wanted wanted = {.pattern = NULL};
    int option, code;

    opterr = 0;
    optind = 0; /* GNU: begin anew, and options may stand behind the pattern */
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == 's')
            wanted.state = optarg;
        else if (option == 'e')
            wanted.error = optarg;
        else if (option == ':')
            return command_wrong(&command_list, "%s wants a name: --state LAST_ACK, --errno EPIPE", argv[optind - 1]);
        else
            return command_wrong(&command_list, "there is no option %s", argv[optind - 1]);
    }
    if (optind < argc - 1)
        return command_wrong(&command_list, "one pattern at a time");
    wanted.pattern = argv[optind];
    code = check(&wanted);
    return code == EXIT_WELL ? list(&wanted) : code;
}

const struct command command_list = {
    .name = "list",
    .arguments = "[--state STATE] [--errno ERRNO] [PATTERN]",
    .summary = "lists the rule files that come with the program",
    .help = "PATTERN is one of the shell's, or a part of a name or of its line: `hangup list 'late-*'`, `hangup list reset`.\n"
            "  --state STATE   those that bring an application's socket into that state: LAST_ACK\n"
            "  --errno ERRNO   those that make one of its calls fail with that: EPIPE\n"
            "`hangup explain NAME` shows one of them. $HANGUP_CATALOG is another folder to look in.\n",
    .run = run_list,
};
