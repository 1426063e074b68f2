/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rule files that come with the program: where they are, and what their headers say. A header is the comment at the top, whose
 * first line is `# NAME -- what it is`. Used by `list`, `explain`, and whoever takes a name in place of a file.
 */
#ifndef HANGUP_CLI_CATALOG_H
#define HANGUP_CLI_CATALOG_H

#include <stddef.h>

struct catalog_entry {
    char *name;    /* the file's, without .rule */
    char *path;
    char *summary; /* the first line of the header behind the --; "" if there is none */
};

struct catalog {
    const char *folder; /* constant, or the environment's */
    struct catalog_entry *entries; /* sorted by name */
    size_t count;
};

/* From $HANGUP_CATALOG; else where it was installed; else, for a build that was not, from the source. NULL: none of them can be read. */
struct catalog *catalog_open(void);
void catalog_close(struct catalog *catalog); /* NULL is fine */

#endif
