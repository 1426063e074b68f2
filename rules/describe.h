/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The language explained from its own tables: what `hangup help` prints. The manual's lists come from the same rows.
 */
#ifndef HANGUP_RULES_DESCRIBE_H
#define HANGUP_RULES_DESCRIBE_H

#include <stdio.h>

#include "rules/vocab.h"

/* All phrases, one a line, group by group. */
void describe_all(FILE *out, const struct vocab *vocab);

/* Everything that has this word in it, with its help: rows, the grammar's own words, value forms, misnomers. False: there is none. */
bool describe_word(FILE *out, const struct vocab *vocab, const char *word);

/* The nearest word that there is, in `room`, or NULL. */
const char *describe_nearest(const struct vocab *vocab, const char *word, char *room, size_t size);

/* A paragraph, indented, broken at blanks. */
void describe_paragraph(FILE *out, unsigned indent, const char *text);

#endif
