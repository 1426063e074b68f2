/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cuts a source into tokens. There are no keywords: what a word means is the parser's. Comments are kept beside the tokens, for `hangup
 * fmt`.
 */
#ifndef HANGUP_RULES_LEXER_H
#define HANGUP_RULES_LEXER_H

#include "rules/diag.h"
#include "rules/memory.h"

enum token_kind {
    TOKEN_WORD,    /* a run without space { } , " # */
    TOKEN_STRING,  /* with its quotes */
    TOKEN_PATTERN, /* with its slashes and flags: a word that begins with a slash */
    TOKEN_OPEN,    /* { */
    TOKEN_CLOSE,   /* } */
    TOKEN_COMMA,
    TOKEN_END, /* always the last one */
};

/* What the parser found out about a token, for whoever prints the text again. */
enum token_role {
    ROLE_INSIDE, /* nothing special */
    ROLE_ITEM,   /* begins a block or a sentence outside of rules */
    ROLE_CLAUSE, /* begins a line of a block */
    ROLE_JOINED, /* printed already, with the token before: `30` `s` */
};

struct token {
    enum token_kind kind;
    struct span span;
    unsigned line, column;
    bool first;         /* on its line */
    enum token_role role;
    const char *normal; /* how it is best written, with the JOINED ones behind it; NULL: as it stands */
};

struct comment {
    struct span span; /* from the # on, without white space at the end */
    size_t before;    /* the token it stands in front of */
    unsigned line;
    bool first; /* on its line */
};

struct tokens {
    const struct source *source;
    struct token *list; /* count of them, the last one TOKEN_END */
    size_t count;
    struct comment *comments;
    size_t comment_count;
};

/* Errors (a string without an end) go to diag; the tokens are complete all the same. In `arena`. */
struct tokens *lexer_read(const struct source *source, struct arena *arena, struct diag *diag);

bool token_is(const struct token *token, const char *word); /* a TOKEN_WORD with that text */
const char *token_text(const struct token *token);          /* not NUL-terminated: span.length bytes */
struct place token_place(const struct token *token);

/* The tokens from `from` to the one before `to`, each as it is best written, one blank apart. In `arena`. */
const char *tokens_join(const struct tokens *tokens, size_t from, size_t to, struct arena *arena);

#endif
