/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the language has to say about a rule file: errors, warnings and notes, each with its place. Nothing is printed or exited from
 * here: every pass appends, and the caller asks at the end whether there were errors and prints them (diag_print). Used by all of rules/,
 * and by whoever loads rules.
 */
#ifndef HANGUP_RULES_DIAG_H
#define HANGUP_RULES_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One text that rules were read from: a file, or the TEXT of --rule. Belongs to the diag; never moves. */
struct source {
    char *name;         /* as messages show it: the path as given, or "--rule" */
    char *text;         /* NUL-terminated; contains no NUL */
    size_t length;
    struct source *next; /* the diag's list */
    unsigned number;     /* in the order in which they were read */
};

/* A stretch of a source: what a message underlines. Line and column are computed only when something is printed. */
struct span {
    const struct source *source;
    uint32_t offset, length;
};

/* Where something stands, as people and editors read it. Lines and columns count from 1; columns count characters (UTF-8), not bytes. */
struct place {
    const char *file;
    unsigned line, column;
};

enum diag_kind {
    DIAG_ERROR,   /* the rules are not loaded */
    DIAG_WARNING, /* loaded, but hardly what was meant */
    DIAG_NOTE,    /* belongs to the message before it: the other place of a conflict, where a brace was opened */
};

struct diag; /* the list of messages */

struct diag *diag_new(void);
void diag_free(struct diag *diag); /* NULL is fine */

/* Takes a source, whose parts are malloced: messages point into it until diag_free(). A rule set copies what it needs of one. */
void diag_adopt(struct diag *diag, struct source *source);

/* Appends a message. The span's source must be the diag's. After 20 errors further ones are counted, not kept. */
void diag_add(struct diag *diag, enum diag_kind kind, struct span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

size_t diag_errors(const struct diag *diag);
size_t diag_warnings(const struct diag *diag);

/*
 * Prints all messages in gcc's form, `file:line:col: error: text`, each with its line and a caret under the span; file by file, from top to
 * bottom, notes behind what they belong to.
 */
void diag_print(const struct diag *diag, FILE *out, bool colour);

struct place place_of(struct span span);

/* The messages as they are printed, for whoever shows them otherwise. */
struct diag_message {
    enum diag_kind kind;
    struct place place; /* line 0: it is about the text as a whole */
    const char *text;   /* the diag's */
};

/* All that are kept, in the order of diag_print(). The caller frees the list. */
struct diag_message *diag_list(const struct diag *diag, size_t *count);

const char *diag_kind_name(enum diag_kind kind); /* "error" */

#endif
