/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The matcher. A row's syntax is walked from left to right; the first part of an optional group decides whether the group is there.
 */
#include "rules/row.h"

#include "rules/slot.h"
#include "rules/syntax.h"

#include <assert.h>
#include <string.h>

struct match {
    struct reader *reader;
    const struct row *row;
    struct parsed *parsed;
    const char *at; /* in the row's syntax */
    unsigned value; /* the next one to fill */
};

static bool take_word(struct reader *reader, const struct part *part)
{
    const struct token *token = reader_token(reader);
    const char *text = token_text(token);
    size_t length = token->span.length;

    if (part->kind == PART_PLURAL && token->kind == TOKEN_WORD && length == part->length + 1 && text[length - 1] == 's')
        length--;
    if (token->kind == TOKEN_WORD && length == part->length && memcmp(text, part->text, length) == 0) {
        reader_take(reader);
        return true;
    }
    reader_want(reader, part->text, part->length, true);
    return false;
}

static struct value *next_value(struct match *match, enum slot slot)
{
    struct value *value;

    assert(match->value < PHRASE_VALUES);
    value = &match->parsed->phrase.values[match->value++];
    value->slot = slot;
    return value;
}

static void place_value(struct match *match, const struct value *value, size_t from)
{
    match->parsed->value_span[value - match->parsed->phrase.values] = reader_span(match->reader, from);
}

static const char *first_word(struct match *match)
{
    size_t length = strcspn(match->row->syntax, " ");

    return arena_copy(match->reader->scratch, match->row->syntax, length);
}

static enum slot_found take_slot(struct match *match, enum slot slot)
{
    struct value *value = next_value(match, slot);
    size_t from = match->reader->at;
    enum slot_found found;

    if (slot == SLOT_DEED) {
        struct parsed *deed = row_match(match->reader, ROW_DEED, NULL);

        value->deed = deed ? &deed->phrase : NULL;
        value->present = deed != NULL;
        found = deed ? SLOT_FOUND : match->reader->at == from ? SLOT_OTHER : SLOT_WRONG;
    } else {
        found = slot_read(match->reader, slot, match->row->what, first_word(match), value);
    }
    if (found == SLOT_FOUND)
        place_value(match, value, from);
    return found;
}

/* ( a | b ): behind the opening parenthesis. */
static enum slot_found take_choice(struct match *match)
{
    struct value *value = next_value(match, SLOT_WORDS);
    size_t from = match->reader->at;
    unsigned index = 0;

    for (;;) {
        struct part part = syntax_next(&match->at);

        if (part.kind == PART_CHOSEN)
            return value->present ? SLOT_FOUND : SLOT_OTHER;
        if (part.kind == PART_OR) {
            index++;
        } else if (!value->present && take_word(match->reader, &part)) {
            value->present = true;
            value->word = index;
            place_value(match, value, from);
        }
    }
}

static enum slot_found take_part(struct match *match, const struct part *part)
{
    if (part->kind == PART_CHOICE)
        return take_choice(match);
    if (part->kind == PART_SLOT)
        return take_slot(match, part->slot);
    return take_word(match->reader, part) ? SLOT_FOUND : SLOT_OTHER;
}

/* Behind a group that is not there: its values stay absent. */
static void skip_group(struct match *match)
{
    for (;;) {
        struct part part = syntax_next(&match->at);

        if (part.kind == PART_CLOSE)
            return;
        if (part.kind == PART_SLOT)
            next_value(match, part.slot);
        else if (part.kind == PART_CHOICE)
            next_value(match, SLOT_WORDS);
    }
}

/* Does the group (behind its bracket) hold only words, so that it is a value itself? */
static bool only_words(const char *at)
{
    struct part part;

    do {
        part = syntax_next(&at);
        if (part.kind == PART_SLOT || part.kind == PART_CHOICE)
            return false;
    } while (part.kind != PART_CLOSE);
    return true;
}

static bool take_group(struct match *match)
{
    struct value *flag = only_words(match->at) ? next_value(match, SLOT_WORDS) : NULL;
    size_t from = match->reader->at;
    struct part part = syntax_next(&match->at);
    enum slot_found found = take_part(match, &part);

    if (found == SLOT_OTHER) {
        skip_group(match);
        return true;
    }
    for (part = syntax_next(&match->at); found == SLOT_FOUND && part.kind != PART_CLOSE; part = syntax_next(&match->at))
        found = take_part(match, &part) == SLOT_FOUND ? SLOT_FOUND : SLOT_WRONG;
    if (found == SLOT_FOUND && flag) {
        flag->present = true;
        place_value(match, flag, from);
    }
    return found == SLOT_FOUND;
}

static bool match_row(struct match *match)
{
    for (;;) {
        struct part part = syntax_next(&match->at);

        if (part.kind == PART_END)
            return true;
        if (part.kind == PART_OPEN ? !take_group(match) : take_part(match, &part) != SLOT_FOUND)
            return false;
    }
}

/* Tries a row from `start`; what matched is there if it got further than the best so far. */
static struct parsed *try_row(struct reader *reader, const struct row *row, size_t start, size_t best_end)
{
    struct match match = { .reader = reader, .row = row, .at = row->syntax };

    reader->at = start;
    match.parsed = arena_alloc(reader->scratch, sizeof *match.parsed);
    match.parsed->phrase.row = row;
    if (!match_row(&match) || reader->at <= best_end)
        return NULL;
    match.parsed->span = reader_span(reader, start);
    return match.parsed;
}

struct parsed *row_match(struct reader *reader, enum row_table table, const char *label)
{
    size_t start = reader->at, best_end = start;
    struct parsed *best = NULL;

    for (const struct row *const *const *list = reader->vocab->lists; *list; list++) {
        for (const struct row *const *row = *list; *row; row++) {
            struct parsed *parsed = (*row)->table == table ? try_row(reader, *row, start, best_end) : NULL;

            if (parsed) {
                best = parsed;
                best_end = reader->at;
            }
        }
    }
    reader->at = start;
    if (label)
        reader_label(reader, label);
    if (!best || reader->reached > best_end)
        return NULL;
    reader->at = best_end;
    return best;
}
