/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup list [PATTERN]: the rule files of the catalog, one a line.
 */
#include "cli/list.h"

#include "cli/catalog.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* A pattern of the shell, or a part of the name or of what it says. */
static bool is_meant(const struct catalog_entry *entry, const char *pattern)
{
    return !pattern || fnmatch(pattern, entry->name, 0) == 0 || strcasestr(entry->name, pattern) || strcasestr(entry->summary, pattern);
}

static size_t print_entries(const struct catalog *catalog, const char *pattern)
{
    size_t width = 0, found = 0;

    for (size_t i = 0; i < catalog->count; i++) {
        if (is_meant(&catalog->entries[i], pattern) && strlen(catalog->entries[i].name) > width)
            width = strlen(catalog->entries[i].name);
    }
    for (size_t i = 0; i < catalog->count; i++) {
        if (!is_meant(&catalog->entries[i], pattern))
            continue;
        printf("%-*s  %s\n", (int)width, catalog->entries[i].name, catalog->entries[i].summary);
        found++;
    }
    return found;
}

static int run_list(int argc, char **argv)
{
    const char *pattern = argc > 1 ? argv[1] : NULL;
    struct catalog *catalog;
    size_t found;

    if (argc > 2)
        return command_wrong(&command_list, "one pattern at a time");
    if (pattern && pattern[0] == '-')
        return command_wrong(&command_list, "there is no option %s", pattern);
    catalog = catalog_open();
    if (!catalog) {
        fprintf(stderr, "hangup list: the catalog cannot be read; set HANGUP_CATALOG to its folder\n");
        return EXIT_CANNOT_RUN;
    }
    found = print_entries(catalog, pattern);
    if (found == 0)
        fprintf(stderr, "hangup list: nothing in %s matches %s\n", catalog->folder, pattern ? pattern : "*");
    catalog_close(catalog);
    return found > 0 ? EXIT_WELL : EXIT_USAGE;
}

const struct command command_list = {
    .name = "list",
    .arguments = "[PATTERN]",
    .summary = "lists the rule files that come with the program",
    .help = "PATTERN is one of the shell's, or a part of a name or of its line: `hangup list 'late-*'`, `hangup list reset`.\n"
            "`hangup explain NAME` shows one of them. $HANGUP_CATALOG is another folder to look in.\n",
    .run = run_list,
};
