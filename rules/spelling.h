/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The nearest legal word to one that is none: for "did you mean". Used by messages about rules, and by the commands for their own words.
 */
#ifndef HANGUP_RULES_SPELLING_H
#define HANGUP_RULES_SPELLING_H

#include <stddef.h>

/* Letters to insert, drop, change or swap with their neighbour until one word is the other, case aside; at most 3 is reported. */
unsigned spelling_distance(const char *a, size_t a_length, const char *b, size_t b_length);

/* The search for the nearest of several words. Begin with a zeroed `nearest`; a word of three letters may have
 * one letter wrong, longer ones two. */
struct spelling {
    const char *word; /* what was found */
    size_t length;
    const char *nearest; /* NULL: none is near */
    size_t nearest_length;
    unsigned distance;
};

void spelling_try(struct spelling *search, const char *candidate, size_t length);

#endif
