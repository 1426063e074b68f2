/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A place in the tokens, and what would have been legal there. Whoever looks for something and does not find it says so with reader_want();
 * when the parser gives up, reader_report() makes one message of all that was wanted at the furthest token reached. So what a message
 * offers is what the parser tried. Used by parser, row and slot.
 */
#ifndef HANGUP_RULES_READER_H
#define HANGUP_RULES_READER_H

#include "rules/lexer.h"
#include "rules/vocab.h"

#define WANTED_MAX 96

struct wanted {
    const char *text;
    size_t length;
    bool literal; /* a word as it is to be written; else a description */
};

struct reader {
    struct tokens *tokens;
    size_t at;
    struct arena *keep, *scratch; /* for what the rule set keeps; for what only reading needs */
    const struct vocab *vocab;
    struct diag *diag;

    size_t reached; /* the furthest token that something was wanted at */
    struct wanted wanted[WANTED_MAX];
    size_t wanted_count;
    const char *label;   /* what all of it together is: "an action"; or NULL */
    const char *problem; /* or: the word there is of the right kind, and wrong */
    struct span where;   /* of the problem */
};

void reader_begin(struct reader *reader, struct tokens *tokens);

struct token *reader_token(const struct reader *reader); /* the one at hand; at the end TOKEN_END, for ever */
struct token *reader_ahead(const struct reader *reader, size_t count);
struct token *reader_take(struct reader *reader); /* that one, and moves on */

void reader_want(struct reader *reader, const char *text, size_t length, bool literal);
void reader_want_form(struct reader *reader, const char *description);
void reader_label(struct reader *reader, const char *label); /* names what is looked for from here */
void reader_wrong(struct reader *reader, struct span where, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Takes that word or that kind of token, or wants it. */
bool reader_word(struct reader *reader, const char *word);
bool reader_mark(struct reader *reader, enum token_kind kind);

/* Says what is wrong at the furthest token, and begins anew from there. */
void reader_report(struct reader *reader);

/* How the tokens from `from` to here are best written. */
void reader_normal(struct reader *reader, size_t from, const char *text);

struct span reader_span(const struct reader *reader, size_t from); /* of the tokens from `from` to the one before this */

#endif
