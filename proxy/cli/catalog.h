/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rule files that come with the program: where they are, and what their headers say. A header is the comment at the top:
 *
 *     # NAME -- what it is
 *     #   wire   what passes on the wire
 *     #   calls  what the application's calls return
 *     #   right  what a correct application does
 *     #   state  client CLOSE_WAIT, server LAST_ACK     where its sockets are brought to, by TCP's names
 *     #   errno  EPIPE, ECONNRESET                      what its calls fail with; or `none`
 *     #   step   client <- FIN | CLOSE_WAIT FIN_WAIT2   one line of the picture: see picture.h
 *
 * in this order, all of them there. Used by `list`, `explain`, and whoever takes a name in place of a file.
 */
#ifndef HANGUP_CLI_CATALOG_H
#define HANGUP_CLI_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#define CATALOG_STEP "#   step   "

struct catalog_entry {
    char *name;    /* the file's, without .rule */
    char *path;
    char *summary; /* the first line of the header behind the --; "" if there is none */
    char *states, *errors; /* its `state` and `errno` lines; "" if there is none */
};

struct catalog {
    const char *folder; /* constant, or the environment's */
    struct catalog_entry *entries; /* sorted by name */
    size_t count;
};

/* From $HANGUP_CATALOG; else where it was installed; else, for a build that was not, from the source. NULL: none of them can be read. */
struct catalog *catalog_open(void);
/* Whether it brings some application's socket into that state; whether that errno comes out of a call. */
bool catalog_has_state(const struct catalog_entry *entry, const char *state);
bool catalog_has_errno(const struct catalog_entry *entry, const char *error);

void catalog_close(struct catalog *catalog); /* NULL is fine */

#endif
