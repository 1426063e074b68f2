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

/* What stands behind the -- on the first line. */
static char *read_summary(const char *path)
{
    FILE *file = fopen(path, "re");
    char line[256] = "";
    char *dashes;

    if (file) {
        if (!fgets(line, sizeof line, file))
            line[0] = '\0';
        fclose(file);
    }
    line[strcspn(line, "\r\n")] = '\0';
    dashes = line[0] == '#' ? strstr(line, " -- ") : NULL;
    return xstrdup(dashes ? dashes + 4 : "");
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
    entry.summary = read_summary(entry.path);
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

void catalog_close(struct catalog *catalog)
{
    if (!catalog)
        return;
    for (size_t i = 0; i < catalog->count; i++) {
        free(catalog->entries[i].name);
        free(catalog->entries[i].path);
        free(catalog->entries[i].summary);
    }
    free(catalog->entries);
    free(catalog);
}
