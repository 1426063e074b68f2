/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the folder of the catalog.
 */
#include "cli/catalog.h"

#include "rules/memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".rule"

/* The part of a header with that name, from its line, or NULL. */
static char *part_of(const char *line, const char *name)
{
    size_t length = strlen(name);

    if (strncmp(line, "#   ", 4) != 0 || strncmp(line + 4, name, length) != 0 || line[4 + length] != ' ')
        return NULL;
    return xstrdup(line + 4 + length + strspn(line + 4 + length, " "));
}

static void read_line(struct catalog_entry *entry, const char *line, bool first)
{
    const char *dashes = strstr(line, " -- ");

    if (first && dashes)
        entry->summary = xstrdup(dashes + 4);
    if (!entry->states)
        entry->states = part_of(line, "state");
    if (!entry->errors)
        entry->errors = part_of(line, "errno");
}

static void read_header(struct catalog_entry *entry)
{
    FILE *file = fopen(entry->path, "re");
    char line[1024];

    for (bool first = true; file && fgets(line, sizeof line, file) && line[0] == '#'; first = false) {
        line[strcspn(line, "\r\n")] = '\0';
        read_line(entry, line, first);
    }
    if (file)
        fclose(file);
    entry->summary = entry->summary ? entry->summary : xstrdup("");
    entry->states = entry->states ? entry->states : xstrdup("");
    entry->errors = entry->errors ? entry->errors : xstrdup("");
}

static int is_rule_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > strlen(SUFFIX) && strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) == 0;
}

static struct catalog_entry read_entry(const char *folder, const char *file)
{
    struct catalog_entry entry = { .name = xstrdup(file) };

    entry.name[strlen(file) - strlen(SUFFIX)] = '\0';
    if (asprintf(&entry.path, "%s/%s", folder, file) < 0)
        abort();
    read_header(&entry);
    return entry;
}

static struct catalog *read_folder(const char *folder)
{
    struct catalog *catalog;
    struct dirent **files;
    int count = scandir(folder, &files, is_rule_file, alphasort);

    if (count < 0)
        return NULL;
    catalog = xmalloc(sizeof *catalog);
    *catalog = (struct catalog){ folder, xmalloc((size_t)count * sizeof *catalog->entries), (size_t)count };
    for (int i = 0; i < count; i++) {
        catalog->entries[i] = read_entry(folder, files[i]->d_name);
        free(files[i]);
    }
    free(files);
    return catalog;
}

struct catalog *catalog_open(void)
{
    const char *chosen = getenv("HANGUP_CATALOG");
    struct catalog *catalog;

    if (chosen && *chosen)
        return read_folder(chosen);
    catalog = read_folder(PKGDATADIR "/catalog");
    return catalog ? catalog : read_folder(SOURCE_CATALOG);
}

/* Whether a word stands in a list of words, commas between them or not. */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; *at; at += strcspn(at, " ,"), at += strspn(at, " ,")) {
        if (strcspn(at, " ,") == length && strncmp(at, word, length) == 0)
            return true;
    }
    return false;
}

bool catalog_has_state(const struct catalog_entry *entry, const char *state)
{
    return has_word(entry->states, state);
}

bool catalog_has_errno(const struct catalog_entry *entry, const char *error)
{
    return has_word(entry->errors, error);
}

void catalog_close(struct catalog *catalog)
{
    if (!catalog)
        return;
    for (size_t i = 0; i < catalog->count; i++) {
        free(catalog->entries[i].name);
        free(catalog->entries[i].path);
        free(catalog->entries[i].summary);
        free(catalog->entries[i].states);
        free(catalog->entries[i].errors);
    }
    free(catalog->entries);
    free(catalog);
}
