/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A search: where a text or pattern matches next in the bytes that have come so far, or where a match may have begun that more bytes would
 * decide. Leftmost, and a pattern takes all it can. It keeps no bytes and knows no fault; the window that it looks into is replace's.
 */
#ifndef HANGUP_FAULTS_SEARCH_H
#define HANGUP_FAULTS_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/vocab.h"

struct search {
    const struct text *text;
    size_t *fallback;               /* literals: see search.c */
    struct pcre2_real_match_data_8 *match; /* patterns: these, and how much work one look may cost */
    struct pcre2_real_match_context_8 *limits;
    size_t lookback;
};

enum search_result {
    SEARCH_NOTHING, /* no match, and none has begun */
    SEARCH_BEGUN,   /* one may have begun at *start: wait for more */
    SEARCH_MATCH,   /* from *start to *end, which is above *start */
};

void search_start(struct search *search, const struct text *text);
void search_release(struct search *search); /* fine if it was not started, but zeroed */

/* Looks from *start on. The bytes in front of it have gone by: no match can begin there, but patterns look back at them. `last`: nothing
 * follows the window. */
enum search_result search_next(const struct search *search, const uint8_t *bytes, size_t length, bool last, size_t *start, size_t *end);

/* How many bytes in front of *start must stay; at least 1 for patterns, so that ^ and \A do not match behind what has gone by. */
size_t search_lookback(const struct search *search);
size_t search_longest(const struct search *search);  /* literals: how long a match is; patterns: 0 */

#endif
