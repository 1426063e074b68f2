/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words that people try, from other tools or from common sense, and what they are called here. Handed to the parser in struct vocab.
 */
#ifndef HANGUP_RULES_MISNOMERS_H
#define HANGUP_RULES_MISNOMERS_H

#include "rules/vocab.h"

extern const struct misnomer rules_misnomers[]; /* ends with wrong == NULL */

/* What to write instead of a word, or NULL. */
const char *misnomer_right(const struct misnomer *table, const char *word, size_t length);

#endif
