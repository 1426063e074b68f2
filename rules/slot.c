/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The value forms of the language (language.md, section 3), one function each.
 */
#include "rules/slot.h"

#include "rules/address.h"
#include "rules/misnomers.h"
#include "rules/names.h"
#include "rules/quantity.h"
#include "rules/spelling.h"
#include "rules/syntax.h"
#include "rules/text.h"

#include <string.h>

/* What a range of each kind is made of. */
struct measure {
    const struct unit *units;
    const char *noun;
    const char *blank; /* between number and unit, in the normal form */
};

static const struct measure times = { units_time, "time", "" };
static const struct measure sizes = { units_size, "size", " " };
static const struct measure rates = { units_rate, "rate", " " };

static enum slot_found other(struct reader *reader, enum slot slot)
{
    reader_want_form(reader, syntax_slot_form(slot));
    return SLOT_OTHER;
}

static bool has_ordinal_ending(const struct token *token)
{
    const char *end = token_text(token) + token->span.length - 2;

    if (token->kind != TOKEN_WORD || token->span.length < 3)
        return false;
    return memcmp(end, "st", 2) == 0 || memcmp(end, "nd", 2) == 0 || memcmp(end, "rd", 2) == 0 || memcmp(end, "th", 2) == 0;
}

static bool has_percent_sign(const struct token *token)
{
    return token->kind == TOKEN_WORD && token_text(token)[token->span.length - 1] == '%';
}

/* The number at the front of a word; not of `10%` and `2nd`, which are forms of their own. */
static bool read_front(const struct reader *reader, struct bounds *bounds)
{
    const struct token *token = reader_token(reader);

    if (token->kind != TOKEN_WORD || has_percent_sign(token) || has_ordinal_ending(token))
        return false;
    return bounds_read(token_text(token), token->span.length, bounds);
}

static enum slot_found wrong_number(struct reader *reader, struct span span, const char *message)
{
    reader_wrong(reader, span, "%s", message);
    return SLOT_WRONG;
}

/* The numbers of a range, times the unit. */
static enum slot_found scale(struct reader *reader, struct span span, const struct bounds *bounds, uint64_t factor, struct range *range)
{
    enum scaled low = decimal_scale(bounds->low, factor, &range->low), high = SCALED_WELL;

    range->high = UINT64_MAX;
    if (!bounds->open)
        high = decimal_scale(bounds->high, factor, &range->high);
    if (bounds->too_long || low == SCALED_TOO_LARGE || high == SCALED_TOO_LARGE)
        return wrong_number(reader, span, "this number is too large");
    if (low == SCALED_BROKEN || high == SCALED_BROKEN)
        return wrong_number(reader, span, "this number leaves a fraction of the smallest unit");
    if (range->low > range->high)
        return wrong_number(reader, span, "this range stands upside down: the smaller number comes first");
    range->unit = factor;
    return SLOT_FOUND;
}

static const char *unit_list(const struct measure *measure)
{
    return measure == &times ? "us, ms, s, min, h" : measure == &sizes ? "bytes, kB, MB, GB, KiB, MiB, GiB" :
           "bytes/s, kB/s, MB/s, GB/s, KiB/s, MiB/s, GiB/s, kbit/s, Mbit/s, Gbit/s";
}

/* The unit that was meant: spelt nearly so, or, of a rate, without its /s. */
static const char *nearest_unit(const char *unit, size_t length, const struct unit *table)
{
    struct spelling search = { .word = unit, .length = length };

    for (const struct unit *row = table; row->name; row++) {
        if (strncmp(row->name, unit, length) == 0 && strcmp(row->name + length, "/s") == 0)
            return row->name;
        spelling_try(&search, row->name, strlen(row->name));
    }
    return length > 1 ? search.nearest : NULL;
}

static void no_unit(struct reader *reader, struct span number, struct span unit, const struct measure *measure)
{
    const char *text = unit.source->text + unit.offset;
    const char *nearest = unit.length > 0 ? nearest_unit(text, unit.length, measure->units) : NULL;

    if (unit.length == 1 && text[0] == 'm' && measure == &times)
        reader_wrong(reader, unit, "`m` could be minutes or milliseconds: write `min` or `ms`");
    else if (nearest)
        reader_wrong(reader, unit, "`%.*s` is no unit of %s; did you mean `%s`?", (int)unit.length, text, measure->noun, nearest);
    else
        reader_wrong(reader, number, "a %s has a unit: %s", measure->noun, unit_list(measure));
}

/* The unit, behind the number in the same word or in a word of its own. */
static const struct unit *read_unit(struct reader *reader, const struct bounds *bounds, const struct measure *measure)
{
    struct span number = reader_token(reader)->span, unit = number;
    bool apart = bounds->length == number.length && reader_ahead(reader, 1)->kind == TOKEN_WORD;
    const struct unit *found;

    if (apart) {
        unit = reader_ahead(reader, 1)->span;
    } else {
        unit.offset += (uint32_t)bounds->length;
        unit.length -= (uint32_t)bounds->length;
    }
    found = unit_find(measure->units, unit.source->text + unit.offset, unit.length);
    if (found)
        reader->at += apart ? 2 : 1;
    else
        no_unit(reader, number, unit, measure);
    return found;
}

/* `normal`, `pareto`, `in turn` behind a range. */
static enum slot_found read_shape(struct reader *reader, const struct bounds *bounds, struct range *range)
{
    range->shape = SHAPE_UNIFORM;
    if (!bounds->range)
        return SLOT_FOUND;
    if (reader_word(reader, "normal")) {
        range->shape = SHAPE_NORMAL;
    } else if (reader_word(reader, "pareto")) {
        if (range->low == 0)
            return wrong_number(reader, (reader_token(reader) - 1)->span,
                                "`pareto` cannot begin at 0: it is drawn in multiples of the lower end");
        range->shape = SHAPE_PARETO;
    } else if (reader_word(reader, "in")) {
        if (!reader_word(reader, "turn"))
            return SLOT_WRONG;
        range->shape = SHAPE_IN_TURN;
    }
    return SLOT_FOUND;
}

static const char *shape_text(enum shape shape)
{
    switch (shape) {
    case SHAPE_UNIFORM: return "";
    case SHAPE_NORMAL: return " normal";
    case SHAPE_PARETO: return " pareto";
    case SHAPE_IN_TURN: return " in turn";
    }
    return "";
}

static enum slot_found read_quantity(struct reader *reader, enum slot slot, const struct measure *measure, struct range *range)
{
    const struct token *number = reader_token(reader);
    size_t from = reader->at;
    struct bounds bounds;
    const struct unit *unit;
    const char *unit_name;

    if (!read_front(reader, &bounds))
        return other(reader, slot);
    if (bounds.open)
        return wrong_number(reader, number->span, "this range has no upper end: `1..30s`");
    unit = read_unit(reader, &bounds, measure);
    if (!unit || scale(reader, reader_span(reader, from), &bounds, unit->factor, range) != SLOT_FOUND ||
        read_shape(reader, &bounds, range) != SLOT_FOUND)
        return SLOT_WRONG;
    unit_name = unit->factor > 1 || measure != &sizes ? unit->name : range->high == 1 ? "byte" : "bytes";
    reader_normal(reader, from,
                  arena_printf(reader->scratch, "%.*s%s%s%s", (int)bounds.length, token_text(number), measure->blank, unit_name,
                               shape_text(range->shape)));
    return SLOT_FOUND;
}

/* NUMBER and NUMBERS: nothing may stand behind the digits. */
static enum slot_found read_count(struct reader *reader, enum slot slot, struct range *range)
{
    const struct token *token = reader_token(reader);
    struct bounds bounds;
    enum slot_found found;

    if (!read_front(reader, &bounds))
        return other(reader, slot);
    if (bounds.length < token->span.length && token_text(token)[bounds.length] == '-')
        return wrong_number(reader, token->span, "a range is written with two dots: `1..3`");
    if (bounds.length < token->span.length)
        return wrong_number(reader, token->span, "a plain number stands here, without a unit");
    if (slot == SLOT_NUMBER && (bounds.range || bounds.open))
        return wrong_number(reader, token->span, "one number stands here, not a range");
    found = scale(reader, token->span, &bounds, 1, range);
    range->shape = SHAPE_UNIFORM;
    if (found == SLOT_FOUND)
        reader_take(reader);
    return found;
}

static enum slot_found read_ordinals(struct reader *reader, struct value *value)
{
    struct range *list = NULL;
    size_t count = 0;

    do {
        struct range range;
        enum slot_found found = read_count(reader, SLOT_ORDINALS, &range);

        if (found != SLOT_FOUND)
            return count == 0 ? found : SLOT_WRONG;
        if (range.low == 0)
            return wrong_number(reader, (reader_token(reader) - 1)->span, "connections are counted from 1");
        *ARENA_PUSH(reader->keep, list, count) = range;
    } while (reader_mark(reader, TOKEN_COMMA));
    value->ordinals.list = list;
    value->ordinals.count = count;
    return SLOT_FOUND;
}

static enum slot_found read_nth(struct reader *reader, uint64_t *nth)
{
    const struct token *token = reader_token(reader);
    struct bounds bounds;

    if (!has_ordinal_ending(token) || !bounds_read(token_text(token), token->span.length, &bounds) ||
        bounds.length + 2 != token->span.length)
        return other(reader, SLOT_NTH);
    if (bounds.range || bounds.open || bounds.too_long || bounds.low.places > 0 || bounds.low.digits == 0)
        return wrong_number(reader, token->span, "no such ordinal: `1st`, `2nd`, `3rd` ...");
    *nth = bounds.low.digits;
    reader_take(reader);
    return SLOT_FOUND;
}

static enum slot_found read_percent(struct reader *reader, double *share)
{
    const struct token *token = reader_token(reader);
    struct bounds bounds;

    if (!has_percent_sign(token) || !bounds_read(token_text(token), token->span.length, &bounds) || bounds.length + 1 != token->span.length)
        return other(reader, SLOT_PERCENT);
    *share = (double)bounds.low.digits / 100;
    for (unsigned i = 0; i < bounds.low.places; i++)
        *share /= 10;
    if (bounds.range || bounds.open || bounds.too_long || *share > 1)
        return wrong_number(reader, token->span, "one percentage stands here, from 0% to 100%");
    reader_take(reader);
    return SLOT_FOUND;
}

static enum slot_found wrong_text(struct reader *reader, const struct token *token, const struct text_fault *fault)
{
    struct span span = { token->span.source, token->span.offset + (uint32_t)fault->offset, (uint32_t)fault->length };

    reader_wrong(reader, span, "%s", fault->message);
    return SLOT_WRONG;
}

static enum slot_found read_string(struct reader *reader, const char **bytes, size_t *length)
{
    const struct token *token = reader_token(reader);
    struct text_fault fault;

    if (token->kind != TOKEN_STRING)
        return other(reader, SLOT_STRING);
    *bytes = text_unescape(token_text(token), token->span.length, length, reader->keep, &fault);
    if (!*bytes)
        return wrong_text(reader, token, &fault);
    reader_take(reader);
    return SLOT_FOUND;
}

static enum slot_found read_text(struct reader *reader, struct text *text)
{
    const struct token *token = reader_token(reader);
    struct text_fault fault;
    enum slot_found found;

    if (token->kind == TOKEN_PATTERN) {
        if (!text_compile(token_text(token), token->span.length, text, reader->keep, &fault))
            return wrong_text(reader, token, &fault);
        reader_take(reader);
        return SLOT_FOUND;
    }
    if (token->kind != TOKEN_STRING)
        return other(reader, SLOT_TEXT);
    *text = (struct text){ .bytes = NULL };
    found = read_string(reader, &text->bytes, &text->length);
    if (found == SLOT_FOUND && text->length == 0) {
        reader->at--;
        return wrong_number(reader, token->span, "an empty text is everywhere and nowhere: what is to be found?");
    }
    return found;
}

bool slot_is_name(const struct token *token)
{
    const char *text = token_text(token);

    if (token->kind != TOKEN_WORD || !((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z')))
        return false;
    for (uint32_t i = 0; i < token->span.length; i++) {
        if (!memchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", text[i], 64))
            return false;
    }
    return true;
}

static enum slot_found read_name(struct reader *reader, enum slot slot, const char **name)
{
    const struct token *token = reader_token(reader);

    if (token->kind != TOKEN_WORD)
        return other(reader, slot);
    if (!slot_is_name(token))
        return wrong_number(reader, token->span, "this is no name: a letter, then letters, digits, `-` and `_`");
    *name = arena_copy(reader->keep, token_text(token), token->span.length);
    reader_take(reader);
    return SLOT_FOUND;
}

static enum slot_found read_prefix(struct reader *reader, struct prefix *prefix)
{
    const struct token *token = reader_token(reader);
    const char *problem;
    bool stray = false;

    if (token->kind != TOKEN_WORD)
        return other(reader, SLOT_PREFIX);
    problem = prefix_read(token_text(token), token->span.length, prefix, &stray);
    if (problem || stray)
        return wrong_number(reader, token->span,
                            problem ? problem : "this address has bits behind its prefix: `10.7.0.0/16`, or `10.7.0.1` alone");
    reader_take(reader);
    return SLOT_FOUND;
}

/* A word of a table; all of its words are wanted. */
static const struct name *read_table(struct reader *reader, const struct name *table)
{
    const struct token *token = reader_token(reader);
    const struct name *row = token->kind == TOKEN_WORD ? names_find(table, token_text(token), token->span.length) : NULL;

    if (row) {
        reader_take(reader);
        return row;
    }
    for (row = table; row->name; row++)
        reader_want(reader, row->name, strlen(row->name), true);
    return NULL;
}

static bool read_side(struct reader *reader, enum side *side)
{
    *side = SIDE_CLIENT;
    if (reader_word(reader, "client"))
        return true;
    *side = SIDE_SERVER;
    return reader_word(reader, "server");
}

static enum slot_found wrong_what(struct reader *reader, const struct token *token, const char *verb)
{
    const char *pair = arena_printf(reader->scratch, "%s %.*s", verb, (int)token->span.length, token_text(token));
    const char *right = misnomer_right(reader->vocab->misnomers, pair, strlen(pair));

    if (right)
        reader_wrong(reader, token->span, "`%s` does not work on `%.*s`: write %s", verb, (int)token->span.length, token_text(token),
                     right);
    else
        reader_wrong(reader, token->span, "`%s` does not work on `%.*s`", verb, (int)token->span.length, token_text(token));
    return SLOT_WRONG;
}

/* [client | server] (data | fin | ...), of which only those in `allowed` */
static enum slot_found read_what(struct reader *reader, unsigned allowed, const char *verb, struct value *value)
{
    const struct token *token;
    const struct name *row;
    size_t from = reader->at;
    enum side side;

    value->flow.sides = SIDES_BOTH;
    if (read_side(reader, &side))
        value->flow.sides = side == SIDE_CLIENT ? SIDES_CLIENT : SIDES_SERVER;
    token = reader_token(reader);
    row = token->kind == TOKEN_WORD ? names_find(names_whats, token_text(token), token->span.length) : NULL;
    if (row && (allowed & WHAT_BIT(row->value))) {
        value->flow.what = (enum what)row->value;
        reader_take(reader);
        return SLOT_FOUND;
    }
    if (row)
        return wrong_what(reader, token, verb);
    for (row = names_whats; row->name; row++) {
        if (allowed & WHAT_BIT(row->value))
            reader_want(reader, row->name, strlen(row->name), true);
    }
    return reader->at == from ? SLOT_OTHER : SLOT_WRONG;
}

static enum slot_found read_named(struct reader *reader, const struct name *table, int *number)
{
    const struct name *row = read_table(reader, table);

    *number = row ? row->value : 0;
    return row ? SLOT_FOUND : SLOT_OTHER;
}

static enum slot_found read_value(struct reader *reader, enum slot slot, unsigned what, const char *verb, struct value *value)
{
    enum slot_found found = SLOT_OTHER;
    int number;

    switch (slot) {
    case SLOT_NUMBER:
    case SLOT_NUMBERS: return read_count(reader, slot, &value->range);
    case SLOT_ORDINALS: return read_ordinals(reader, value);
    case SLOT_NTH: return read_nth(reader, &value->nth);
    case SLOT_DURATION: return read_quantity(reader, slot, &times, &value->range);
    case SLOT_SIZE: return read_quantity(reader, slot, &sizes, &value->range);
    case SLOT_RATE: return read_quantity(reader, slot, &rates, &value->range);
    case SLOT_PERCENT: return read_percent(reader, &value->share);
    case SLOT_STRING: return read_string(reader, &value->string.bytes, &value->string.length);
    case SLOT_TEXT: return read_text(reader, &value->text);
    case SLOT_NAME: return read_name(reader, slot, &value->name);
    case SLOT_RELAY: return read_name(reader, slot, &value->name); /* resolved when all relays are known */
    case SLOT_PREFIX: return read_prefix(reader, &value->prefix);
    case SLOT_SIDE: return read_side(reader, &value->side) ? SLOT_FOUND : SLOT_OTHER;
    case SLOT_WHAT: return read_what(reader, what, verb, value);
    case SLOT_STATE:
        found = read_named(reader, names_states, &number);
        value->state = (enum tcp_state)number;
        return found;
    case SLOT_ERRNO: return read_named(reader, names_errnos, &value->error);
    case SLOT_ALERT:
    case SLOT_KIND:
        found = read_named(reader, slot == SLOT_ALERT ? names_alerts : names_kinds, &number);
        value->code = (unsigned)number;
        return found;
    case SLOT_WORDS:
    case SLOT_DEED: break; /* the row matcher's */
    }
    return found;
}

enum slot_found slot_read(struct reader *reader, enum slot slot, unsigned what, const char *verb, struct value *value)
{
    enum slot_found found;

    value->slot = slot;
    found = read_value(reader, slot, what, verb, value);
    value->present = found == SLOT_FOUND;
    return found;
}
