/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line of a script:   [NAME:] COMMAND ARGUMENT… [within T] [=> RESULT]
 * A word is quoted text, a run of characters without space, or $VARIABLE, which stands for what the environment has. `#` starts a
 * comment.
 */
#ifndef HANGUP_TOOLS_PEER_LINE_H
#define HANGUP_TOOLS_PEER_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_WORDS 10

struct word {
    const char *text; /* NUL behind the last byte; may hold others */
    size_t length;
    bool quoted;
};

struct line {
    struct word words[LINE_WORDS]; /* the command and its arguments */
    size_t count;                  /* 0: the line is empty */
    const char *name;              /* of the connection; "" when none is named */
    const char *said;              /* the command as it was written, name and all, without RESULT and comment */
    const char *expected;          /* RESULT, or NULL */
    uint64_t within;               /* ns; 0: the usual limit */
    unsigned number;               /* in the script, from 1 */
    char *storage;                 /* owns all the texts above, except the variables' */
};

/* Parses `text`. False: `why` says what is wrong with it, and there is nothing to free. */
bool line_parse(struct line *line, const char *text, unsigned number, char *why, size_t size);

void line_free(struct line *line);

/* Argument `at` (1 is the first) is the unquoted word `text`. */
bool line_is(const struct line *line, size_t at, const char *text);

#endif
