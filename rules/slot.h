/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads one value of a row: a duration, a size, a name of a table. Used by the row matcher, and by the parser for the numbers of relay
 * blocks, windows and occasions.
 */
#ifndef HANGUP_RULES_SLOT_H
#define HANGUP_RULES_SLOT_H

#include "rules/reader.h"

enum slot_found {
    SLOT_FOUND,
    SLOT_OTHER, /* the word at hand is none of this kind: nothing was taken */
    SLOT_WRONG, /* it is, and it is wrong */
};

/* Any slot but DEED. `what`: the WHAT_BIT()s that SLOT_WHAT may be; `verb`: the word in front, for messages about it. */
enum slot_found slot_read(struct reader *reader, enum slot slot, unsigned what, const char *verb, struct value *value);

/* The form of a NAME: a letter, then letters, digits, - and _. */
bool slot_is_name(const struct token *token);

#endif
