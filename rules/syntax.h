/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the `syntax` of a vocabulary row part by part (the notation is in vocab.h). Used by the matcher, by what prints rows, and by
 * the test that one word of look-ahead is enough.
 */
#ifndef HANGUP_RULES_SYNTAX_H
#define HANGUP_RULES_SYNTAX_H

#include "rules/vocab.h"

enum part_kind {
    PART_WORD,   /* a literal word */
    PART_PLURAL, /* word(s): text is the word without (s) */
    PART_SLOT,
    PART_OPEN,   /* [ */
    PART_CLOSE,  /* ] */
    PART_CHOICE, /* ( */
    PART_OR,     /* | */
    PART_CHOSEN, /* ) */
    PART_END,
};

struct part {
    enum part_kind kind;
    const char *text; /* in the row's syntax */
    size_t length;
    enum slot slot;
};

/* The part at *at, which moves behind it. */
struct part syntax_next(const char **at);

/* What a value of that slot looks like, for messages and help: "a duration, such as `30s`". */
const char *syntax_slot_form(enum slot slot);

/* `DURATION` and so on. */
const char *syntax_slot_name(enum slot slot);

#endif
