/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar of rule files. Reads sources into a draft; what the words mean together is checked afterwards (check.h). Marks the tokens
 * as it goes, so that format.c knows where lines begin. Used by ruleset.c and format.c.
 */
#ifndef HANGUP_RULES_PARSER_H
#define HANGUP_RULES_PARSER_H

#include "rules/draft.h"
#include "rules/reader.h"

struct opened_file;

struct parser {
    struct reader reader;
    struct draft draft;
    bool follow_includes;
    bool sealed; /* an include is an error */
    struct opened_file *files; /* all that were read, the last one first */
};

void parser_begin(struct parser *parser, const struct vocab *vocab, struct arena *keep, struct arena *scratch, struct diag *diag);

/* Reads a file and, if it is to follow them, what it includes. A file that was read before is passed over. */
void parser_file(struct parser *parser, const char *path);

/* Reads a text as a file; gives its tokens, marked. */
struct tokens *parser_text(struct parser *parser, const struct source *source);

/* Reads a text of nothing but options into a relay; false: it had an error, which was reported. */
bool parser_options(struct parser *parser, const struct source *source, struct draft_relay *relay);

/* Reads a sentence: a rule without `rule NAME { }`. */
void parser_sentence(struct parser *parser, const struct source *source, const char *name);

#endif
