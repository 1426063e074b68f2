/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Literals are found with memmem(); what may have begun at the window's end is the longest tail of it that is a head of the literal, by the
 * fallback table of Knuth, Morris and Pratt, so that no stream makes it slow. Patterns are PCRE2's partial matching: PCRE2_PARTIAL_HARD
 * stops wherever one more byte could make a difference, so the answer does not depend on where the reads were cut.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "faults/search.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"

#define MATCH_LIMIT 1000000 /* steps of PCRE2 for one look: some 10 ms. Beyond it there is no match */

/* fallback[i]: how long the longest tail of literal[0 … i] is that is a head of the literal, but not all of these bytes. */
static void literal_start(struct search *search)
{
    const char *literal = search->text->bytes;
    size_t *fallback = xmalloc(search->text->length * sizeof(*fallback));
    fallback[0] = 0;
    for (size_t i = 1, matched = 0; i < search->text->length; i++) {
        while (matched > 0 && literal[i] != literal[matched]) {
            matched = fallback[matched - 1];
        }
        matched += literal[i] == literal[matched];
        fallback[i] = matched;
    }
    search->fallback = fallback;
}

static void pattern_start(struct search *search)
{
    uint32_t lookback = 0;
    search->match = pcre2_match_data_create(1, NULL);
    search->limits = pcre2_match_context_create(NULL);
    if (!search->match || !search->limits) {
        abort();
    }
    pcre2_set_match_limit(search->limits, MATCH_LIMIT);
    pcre2_pattern_info(search->text->greedy, PCRE2_INFO_MAXLOOKBEHIND, &lookback);
    search->lookback = lookback ? lookback : 1;
}

void search_start(struct search *search, const struct text *text)
{
    *search = (struct search){.text = text};
    if (text->pattern) {
        pattern_start(search);
    } else {
        literal_start(search);
    }
}

void search_release(struct search *search)
{
    free(search->fallback);
    pcre2_match_data_free(search->match);
    pcre2_match_context_free(search->limits);
}

/* How long the longest tail of these bytes is that is a head of the literal, but not all of it. */
static size_t literal_begun(const struct search *search, const uint8_t *bytes, size_t length)
{
    const char *literal = search->text->bytes;
    size_t matched = 0;
    for (size_t i = length < search->text->length ? 0 : length - (search->text->length - 1); i < length; i++) {
        while (matched > 0 && (char)bytes[i] != literal[matched]) {
            matched = search->fallback[matched - 1];
        }
        matched += (char)bytes[i] == literal[matched];
    }
    return matched;
}

static enum search_result literal_next(const struct search *search, const uint8_t *bytes, size_t length, bool last,
                                       size_t *start, size_t *end)
{
    const uint8_t *found = memmem(bytes + *start, length - *start, search->text->bytes, search->text->length);
    if (found) {
        *start = (size_t)(found - bytes);
        *end = *start + search->text->length;
        return SEARCH_MATCH;
    }
    size_t begun = last ? 0 : literal_begun(search, bytes + *start, length - *start);
    *start = length - begun;
    return begun > 0 ? SEARCH_BEGUN : SEARCH_NOTHING;
}

static enum search_result pattern_next(const struct search *search, const uint8_t *bytes, size_t length, bool last,
                                       size_t *start, size_t *end)
{
    uint32_t options = PCRE2_NOTEMPTY | (last ? 0 : PCRE2_PARTIAL_HARD);
    int found = pcre2_match(search->text->greedy, bytes, length, *start, options, search->match, search->limits);
    const size_t *match = pcre2_get_ovector_pointer(search->match);
    if (found >= 0 && match[0] >= *start && match[1] > match[0]) {
        *start = match[0];
        *end = match[1];
        return SEARCH_MATCH;
    }
    if (found == PCRE2_ERROR_PARTIAL && match[0] >= *start) {
        *start = match[0];
        return SEARCH_BEGUN;
    }
    return SEARCH_NOTHING;
}

enum search_result search_next(const struct search *search, const uint8_t *bytes, size_t length, bool last, size_t *start, size_t *end)
{
    return search->text->pattern ? pattern_next(search, bytes, length, last, start, end)
                                 : literal_next(search, bytes, length, last, start, end);
}

size_t search_lookback(const struct search *search)
{
    return search->lookback;
}

size_t search_longest(const struct search *search)
{
    return search->text->pattern ? 0 : search->text->length;
}
