/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup explain NAME: a rule file of the catalog: where it is, what it does, a picture of it, and its rules. All that is printed below the
 * first line is a rule file again.
 */
#include "cli/explain.h"

#include "cli/catalog.h"
#include "cli/picture.h"
#include "rules/spelling.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As it is, but for the steps of the picture, which are drawn. */
static void print_line(struct picture *picture, const char *line)
{
    size_t length = strlen(CATALOG_STEP);

    if (strncmp(line, CATALOG_STEP, length) != 0 || !picture_step(picture, line + length, stdout))
        fputs(line, stdout);
}

static int print_file(const struct catalog_entry *entry)
{
    FILE *file = fopen(entry->path, "re");
    struct picture picture = {.prefix = "#     "};
    char line[1024];

    if (!file) {
        fprintf(stderr, "hangup explain: cannot read %s: %s\n", entry->path, strerror(errno));
        return EXIT_CANNOT_RUN;
    }
    printf("%s\n\n", entry->path);
    while (fgets(line, sizeof line, file))
        print_line(&picture, line);
    fclose(file);
    return EXIT_WELL;
}

/* With or without its .rule. */
static bool is_named(const struct catalog_entry *entry, const char *name)
{
    size_t length = strlen(entry->name);

    return strncmp(entry->name, name, length) == 0 && (name[length] == '\0' || strcmp(name + length, ".rule") == 0);
}

static int unknown(const struct catalog *catalog, const char *name)
{
    struct spelling search = { .word = name, .length = strlen(name) };

    for (size_t i = 0; i < catalog->count; i++)
        spelling_try(&search, catalog->entries[i].name, strlen(catalog->entries[i].name));
    fprintf(stderr, "hangup explain: there is no `%s` in %s", name, catalog->folder);
    if (search.nearest)
        fprintf(stderr, "; did you mean `%s`?\n", search.nearest);
    else
        fprintf(stderr, "; `hangup list` shows what there is\n");
    return EXIT_USAGE;
}

static int explain(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->count; i++) {
        if (is_named(&catalog->entries[i], name))
            return print_file(&catalog->entries[i]);
    }
    return unknown(catalog, name);
}

static int run_explain(int argc, char **argv)
{
    struct catalog *catalog;
    int code;

    if (argc != 2)
        return command_wrong(&command_explain, argc < 2 ? "which one? `hangup list` shows them" : "one name at a time");
    if (argv[1][0] == '-')
        return command_wrong(&command_explain, "there is no option %s", argv[1]);
    catalog = catalog_open();
    if (!catalog) {
        fprintf(stderr, "hangup explain: the catalog cannot be read; set HANGUP_CATALOG to its folder\n");
        return EXIT_CANNOT_RUN;
    }
    code = explain(catalog, argv[1]);
    catalog_close(catalog);
    return code;
}

const struct command command_explain = {
    .name = "explain",
    .arguments = "NAME",
    .summary = "shows one of these rule files: what it does, what is right, a picture, its rules",
    .help = "Run it with its path, or make a copy and change it.\n",
    .run = run_explain,
};
