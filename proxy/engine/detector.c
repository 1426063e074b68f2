/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Amounts, literal texts (Knuth, Morris, Pratt) and patterns (PCRE2's DFA matcher, which never looks back) in bytes that come in pieces.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "engine/detector.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#define DFA_WORKSPACE 4096
#define NOT_LOOKED SIZE_MAX

static void *take_memory(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

void detector_init_amount(struct detector *detector, uint64_t amount)
{
    *detector = (struct detector){.amount = amount, .left = amount};
}

static size_t *failure_table(const struct text *text)
{
    size_t *failure = take_memory(text->length * sizeof(*failure));
    size_t matched = 0;

    failure[0] = 0;
    for (size_t i = 1; i < text->length; i++) {
        while (matched > 0 && text->bytes[i] != text->bytes[matched]) {
            matched = failure[matched - 1];
        }
        matched += text->bytes[i] == text->bytes[matched];
        failure[i] = matched;
    }
    return failure;
}

/* What a pattern may look back at: its longest lookbehind, and one byte, so that only the flow's own beginning looks like a beginning. */
static size_t context_of(const struct text *text)
{
    uint32_t behind = 0;

    pcre2_pattern_info(text->ends, PCRE2_INFO_MAXLOOKBEHIND, &behind);
    return behind > 0 ? behind : 1;
}

void detector_init_text(struct detector *detector, const struct text *text)
{
    *detector = (struct detector){.text = text, .found_length = NOT_LOOKED};
    if (text->pattern) {
        detector->context = context_of(text);
    } else {
        detector->failure = failure_table(text);
    }
}

void detector_resume(struct detector *detector, uint64_t position, size_t matched)
{
    detector->position = position;
    detector->matched = matched;
}

void detector_release(struct detector *detector)
{
    free(detector->failure);
    free(detector->carry);
    *detector = (struct detector){0};
}

/* ---- amounts ---- */

static bool find_amount(const struct detector *detector, size_t length, struct hit *hit)
{
    if (length < detector->left) {
        return false;
    }
    hit->behind = (size_t)detector->left;
    hit->start = detector->position + detector->left;
    return true;
}

/* ---- literal texts ---- */

static size_t literal_step(const struct detector *detector, size_t matched, uint8_t byte)
{
    const uint8_t *text = (const uint8_t *)detector->text->bytes;

    if (matched == detector->text->length) {
        matched = detector->failure[matched - 1];
    }
    while (matched > 0 && text[matched] != byte) {
        matched = detector->failure[matched - 1];
    }
    return matched + (text[matched] == byte);
}

/* From `i` on, the next byte that means something: any while some of the text is matched, else one that it begins with. */
static size_t literal_next(const struct detector *detector, size_t matched, const uint8_t *bytes, size_t i, size_t length)
{
    const uint8_t *first = matched > 0 || i == length ? bytes + i : memchr(bytes + i, (uint8_t)detector->text->bytes[0], length - i);

    return first != NULL ? (size_t)(first - bytes) : length;
}

static bool find_literal(const struct detector *detector, const uint8_t *bytes, size_t length, struct hit *hit)
{
    size_t matched = detector->matched;

    for (size_t i = 0; (i = literal_next(detector, matched, bytes, i, length)) < length; i++) {
        matched = literal_step(detector, matched, bytes[i]);
        if (matched == detector->text->length) {
            hit->behind = i + 1;
            hit->start = detector->position + hit->behind - matched;
            return true;
        }
    }
    return false;
}

static void take_literal(struct detector *detector, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; (i = literal_next(detector, detector->matched, bytes, i, length)) < length; i++) {
        detector->matched = literal_step(detector, detector->matched, bytes[i]);
    }
}

/* ---- patterns ---- */

enum pattern_answer { PATTERN_NONE, PATTERN_PARTIAL, PATTERN_MATCH };

/* The leftmost match in subject[from …), its shortest end; or where the one that is still possible begins. */
static enum pattern_answer match_pattern(
    const struct detector *detector, const uint8_t *subject, size_t length, size_t from, size_t *start, size_t *end)
{
    pcre2_match_data *data = pcre2_match_data_create(2, NULL);
    int *workspace = take_memory(DFA_WORKSPACE * sizeof(int));
    enum pattern_answer answer = PATTERN_NONE;
    int code;

    if (data == NULL) {
        abort();
    }
    code = pcre2_dfa_match(detector->text->ends, subject, length, from, PCRE2_PARTIAL_HARD | PCRE2_DFA_SHORTEST, data, NULL, workspace,
        DFA_WORKSPACE);
    if (code >= 0 || code == PCRE2_ERROR_PARTIAL) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(data);

        *start = ends[0];
        *end = ends[1];
        answer = code >= 0 ? PATTERN_MATCH : PATTERN_PARTIAL;
    }
    free(workspace);
    pcre2_match_data_free(data);
    return answer;
}

/*
 * What looks ahead is known some bytes later than it ends. Its place is in front of the byte that decided, for what came earlier may be
 * gone: so it is the same wherever the reads cut. The more of the subject there is, the more is decided.
 */
static size_t place_of_match(const struct detector *detector, const uint8_t *subject, size_t length, size_t end)
{
    size_t undecided = end, decided = length, unused;

    if (match_pattern(detector, subject, end, detector->from, &unused, &unused) == PATTERN_MATCH) {
        return end;
    }
    while (decided - undecided > 1) {
        size_t middle = undecided + (decided - undecided) / 2;

        if (match_pattern(detector, subject, middle, detector->from, &unused, &unused) == PATTERN_MATCH) {
            decided = middle;
        } else {
            undecided = middle;
        }
    }
    return decided - 1;
}

static uint8_t *join_carry(const struct detector *detector, const uint8_t *bytes, size_t length)
{
    uint8_t *joined = take_memory(detector->carried + length);

    if (detector->carried > 0) {
        memcpy(joined, detector->carry, detector->carried);
    }
    memcpy(joined + detector->carried, bytes, length);
    return joined;
}

static bool find_pattern(struct detector *detector, const uint8_t *bytes, size_t length, struct hit *hit)
{
    uint8_t *joined = join_carry(detector, bytes, length);
    size_t whole = detector->carried + length, start = whole, end = whole;
    enum pattern_answer answer = match_pattern(detector, joined, whole, detector->from, &start, &end);

    if (answer == PATTERN_MATCH) {
        hit->behind = place_of_match(detector, joined, whole, end) - detector->carried;
        hit->start = detector->position - detector->carried + start;
        detector->found_length = hit->behind;
        detector->found_start = detector->carried + hit->behind; /* detector_restart() follows: the match is taken */
        free(joined);
        return true;
    }
    free(joined);
    if (answer == PATTERN_NONE) {
        start = whole;
    } else if (whole - start > DETECTOR_WINDOW) {
        start = whole - DETECTOR_WINDOW;
    }
    detector->found_length = length;
    detector->found_start = start;
    return false;
}

static void take_pattern(struct detector *detector, const uint8_t *bytes, size_t length)
{
    size_t whole = detector->carried + length, keep;
    uint8_t *joined;
    struct hit unused;

    if (detector->found_length != length) {
        find_pattern(detector, bytes, length, &unused);
    }
    joined = join_carry(detector, bytes, length);
    keep = detector->found_start > detector->context ? detector->found_start - detector->context : 0;
    memmove(joined, joined + keep, whole - keep);
    free(detector->carry);
    detector->carry = joined;
    detector->carried = whole - keep;
    detector->from = detector->found_start - keep;
    detector->found_length = NOT_LOOKED;
}

/* ---- all kinds ---- */

bool detector_find(struct detector *detector, const uint8_t *bytes, size_t length, struct hit *hit)
{
    if (detector->text == NULL) {
        return find_amount(detector, length, hit);
    }
    return detector->text->pattern ? find_pattern(detector, bytes, length, hit) : find_literal(detector, bytes, length, hit);
}

void detector_take(struct detector *detector, const uint8_t *bytes, size_t length)
{
    if (detector->text == NULL) {
        detector->left -= length < detector->left ? length : detector->left;
    } else if (detector->text->pattern) {
        take_pattern(detector, bytes, length);
    } else {
        take_literal(detector, bytes, length);
    }
    detector->position += length;
}

void detector_restart(struct detector *detector)
{
    detector->left = detector->amount > 0 ? detector->amount : 1;
    detector->matched = 0;
    detector->found_length = NOT_LOOKED;
    detector->from = detector->carried;
}

uint64_t detector_decided(const struct detector *detector)
{
    if (detector->text == NULL) {
        return detector->position;
    }
    if (detector->text->pattern) {
        return detector->position - (detector->carried - detector->from);
    }
    return detector->position - detector->matched;
}
