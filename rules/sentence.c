/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the sentence of a rule. Each function has what it reads above it; those that return false have not reported why: the reader knows.
 */
#include "rules/sentence.h"

#include "rules/row.h"
#include "rules/slot.h"

#include <string.h>

bool sentence_at_block(const struct reader *reader)
{
    const struct token *token = reader_token(reader);

    return (token_is(token, "rule") || token_is(token, "relay")) && reader_ahead(reader, 1)->kind == TOKEN_WORD &&
           reader_ahead(reader, 2)->kind == TOKEN_OPEN;
}

void sentence_close_block(struct reader *reader, const struct token *open, bool well)
{
    bool closed = well && reader_mark(reader, TOKEN_CLOSE);
    unsigned depth = 1;

    if (closed)
        return;
    if (well && reader_token(reader)->kind != TOKEN_END && !sentence_at_block(reader))
        reader_report(reader);
    else if (well)
        well = false;
    while (reader_token(reader)->kind != TOKEN_END && !sentence_at_block(reader)) {
        enum token_kind kind = reader_take(reader)->kind;

        depth += kind == TOKEN_OPEN;
        if (kind == TOKEN_CLOSE && --depth == 0)
            return;
    }
    diag_add(reader->diag, DIAG_ERROR, reader_token(reader)->span, "a closing `}` is missing in front of this");
    diag_add(reader->diag, DIAG_NOTE, open->span, "the block was opened here");
}

static bool at_clause(const struct reader *reader, bool in_head)
{
    static const char *const heads[] = { "from", "when", "each", "the" };
    const struct token *token = reader_token(reader);

    if (token->kind == TOKEN_END || token->kind == TOKEN_CLOSE || token_is(token, "then") || token_is(token, "expect"))
        return true;
    for (size_t i = 0; in_head && i < sizeof heads / sizeof *heads; i++) {
        if (token_is(token, heads[i]) && (token->first || i == 1))
            return true;
    }
    return sentence_at_block(reader);
}

/* Reports, and goes on at the next clause. `place` is where the broken one began: something is passed over in any case. */
static bool recover(struct reader *reader, size_t place, bool in_head)
{
    reader_report(reader);
    if (reader->at == place && !at_clause(reader, in_head))
        reader_take(reader);
    while (!at_clause(reader, in_head))
        reader_take(reader);
    return false;
}

/* [ "not" ] a row of the selectors */
static bool parse_selector(struct reader *reader, struct draft_rule *rule)
{
    struct draft_selector selector = { .negated = reader_word(reader, "not") };

    selector.phrase = row_match(reader, ROW_SELECTOR, "a selector");
    if (!selector.phrase)
        return false;
    *ARENA_PUSH(reader->scratch, rule->selectors, rule->selector_count) = selector;
    return true;
}

/* selector { "and" selector }, behind "for" */
static bool parse_selectors(struct reader *reader, struct draft_rule *rule)
{
    do {
        if (!parse_selector(reader, rule))
            return false;
    } while (reader_word(reader, "and"));
    return true;
}

/* moment = DURATION | "signal" NAME */
static bool parse_moment(struct reader *reader, struct moment *moment)
{
    struct value value;

    if (reader_word(reader, "signal")) {
        if (slot_read(reader, SLOT_NAME, 0, "signal", &value) != SLOT_FOUND)
            return false;
        moment->signal = value.name;
        return true;
    }
    if (slot_read(reader, SLOT_DURATION, 0, "from", &value) != SLOT_FOUND)
        return false;
    moment->after = value.range;
    return true;
}

/* moment [ "to" moment ] [ "every" DURATION ], behind "from" */
static bool parse_window(struct reader *reader, struct draft_rule *rule)
{
    struct window *window = &rule->window;
    size_t from = reader->at - 1;
    struct value period;

    window->present = true;
    window->place = token_place(&reader->tokens->list[from]);
    if (!parse_moment(reader, &window->from))
        return false;
    window->has_end = reader_word(reader, "to");
    if (window->has_end && !parse_moment(reader, &window->to))
        return false;
    window->repeats = reader_word(reader, "every");
    if (window->repeats) {
        if (slot_read(reader, SLOT_DURATION, 0, "every", &period) != SLOT_FOUND)
            return false;
        window->every = period.range.low;
        if (period.range.low != period.range.high)
            reader_wrong(reader, reader_span(reader, reader->at - 1), "one duration stands here, not a range");
    }
    rule->window_span = reader_span(reader, from);
    return !window->repeats || period.range.low == period.range.high;
}

/* event = ( side | "either" ) deed | a row of the events */
static struct draft_event *parse_event(struct reader *reader)
{
    struct draft_event *event = arena_alloc(reader->scratch, sizeof *event);
    size_t from = reader->at;

    event->subject = SIDES_BOTH;
    reader_label(reader, "an event");
    if (reader_word(reader, "client")) {
        event->subject = SIDES_CLIENT;
        event->deed = row_match(reader, ROW_DEED, "what the client does");
    } else if (reader_word(reader, "server")) {
        event->subject = SIDES_SERVER;
        event->deed = row_match(reader, ROW_DEED, "what the server does");
    } else if (reader_word(reader, "either")) {
        event->deed = row_match(reader, ROW_DEED, "what either does");
    } else {
        event->deed = row_match(reader, ROW_EVENT, "an event");
    }
    event->span = reader_span(reader, from);
    return event->deed ? event : NULL;
}

/* NTH "time" | "first" NUMBER "time(s)", behind "the" */
static bool parse_the(struct reader *reader, struct draft_rule *rule)
{
    struct value value;

    if (reader_word(reader, "first")) {
        rule->occasion = OCCASION_FIRST;
        if (slot_read(reader, SLOT_NUMBER, 0, "first", &value) != SLOT_FOUND)
            return false;
        rule->count = value.range.low;
        return reader_word(reader, "times") || reader_word(reader, "time");
    }
    rule->occasion = OCCASION_NTH;
    if (slot_read(reader, SLOT_NTH, 0, "the", &value) != SLOT_FOUND)
        return false;
    rule->count = value.nth;
    return reader_word(reader, "time");
}

/* [ occasion event ]: occasion = "when" | "each" "time" | "the" … */
static bool parse_occasion(struct reader *reader, struct draft_rule *rule)
{
    size_t from = reader->at;

    if (reader_word(reader, "when")) {
        rule->occasion = OCCASION_WHEN;
    } else if (reader_word(reader, "each")) {
        rule->occasion = OCCASION_EACH;
        if (!reader_word(reader, "time"))
            return false;
    } else if (reader_word(reader, "the")) {
        if (!parse_the(reader, rule))
            return false;
    } else {
        return true;
    }
    rule->occasion_span = reader_span(reader, from);
    rule->event = parse_event(reader);
    return rule->event != NULL;
}

static void finish_step(struct reader *reader, struct draft_rule *rule, struct draft_step *step, size_t from)
{
    step->span = reader_span(reader, from);
    step->text = tokens_join(reader->tokens, from, reader->at, reader->keep);
    step->place = token_place(&reader->tokens->list[from]);
    *ARENA_PUSH(reader->scratch, rule->steps, rule->step_count) = *step;
}

/* action = effect [ "for" DURATION | "until" event ] */
static bool parse_action(struct reader *reader, struct draft_rule *rule)
{
    struct draft_step step = { .kind = STEP_ACTION };
    size_t from = reader->at, time;
    struct value value;
    bool takes_time;

    step.phrase = row_match(reader, ROW_EFFECT, "an action");
    if (!step.phrase)
        return false;
    time = reader->at;
    takes_time = step.phrase->phrase.row->traits & ROW_TAKES_TIME; /* else it is read, and refused by the checks, but not offered */
    if ((takes_time || token_is(reader_token(reader), "for")) && reader_word(reader, "for")) {
        if (slot_read(reader, SLOT_DURATION, 0, "for", &value) != SLOT_FOUND)
            return false;
        step.has_time = true;
        step.time = value.range;
    } else if ((takes_time || token_is(reader_token(reader), "until")) && reader_word(reader, "until")) {
        step.until = parse_event(reader);
        if (!step.until)
            return false;
    }
    step.time_span = reader_span(reader, time);
    finish_step(reader, rule, &step, from);
    return true;
}

/* action { "," action }, behind "then". A broken action ends at its comma. */
static bool parse_actions(struct reader *reader, struct draft_rule *rule)
{
    bool well = true;

    do {
        if (parse_action(reader, rule))
            continue;
        well = false;
        reader_report(reader);
        while (!at_clause(reader, false) && reader_token(reader)->kind != TOKEN_COMMA)
            reader_take(reader);
    } while (reader_mark(reader, TOKEN_COMMA));
    return well;
}

/* side and a row of the expectations, behind "expect" */
static bool parse_expectation(struct reader *reader, struct draft_rule *rule)
{
    struct draft_step step = { .kind = STEP_EXPECTATION, .side = SIDE_CLIENT };
    size_t from = reader->at - 1;

    reader_label(reader, "a side");
    if (!reader_word(reader, "client")) {
        step.side = SIDE_SERVER;
        if (!reader_word(reader, "server"))
            return false;
    }
    step.phrase = row_match(reader, ROW_EXPECTATION, "what it does");
    if (!step.phrase)
        return false;
    finish_step(reader, rule, &step, from);
    return true;
}

/* { "then" action { "," action } | "expect" expectation } */
static bool parse_steps(struct reader *reader, struct draft_rule *rule)
{
    bool well = true;

    for (;;) {
        struct token *token = reader_token(reader);
        size_t place = reader->at;

        if (reader_word(reader, "then")) {
            token->role = ROLE_CLAUSE;
            well &= parse_actions(reader, rule);
        } else if (reader_word(reader, "expect")) {
            token->role = ROLE_CLAUSE;
            if (!parse_expectation(reader, rule))
                well = recover(reader, place, false);
        } else if (token->kind == TOKEN_END || token->kind == TOKEN_CLOSE || sentence_at_block(reader)) {
            return well;
        } else {
            reader_want(reader, "}", 1, true);
            well = recover(reader, place, false);
        }
    }
}

/* [ "for" selectors ] [ "from" window ] [ occasion event ] steps */
bool sentence_parse(struct reader *reader, struct draft_rule *rule)
{
    size_t from = reader->at, place = from;
    struct token *token = reader_token(reader);
    bool well = true;

    token->role = ROLE_CLAUSE;
    if (reader_word(reader, "for") && !parse_selectors(reader, rule))
        well = recover(reader, place, true);
    token = reader_token(reader);
    place = reader->at;
    if (reader_word(reader, "from")) {
        token->role = ROLE_CLAUSE;
        if (!parse_window(reader, rule))
            well = recover(reader, place, true);
    }
    token = reader_token(reader);
    place = reader->at;
    if (token->kind == TOKEN_WORD)
        token->role = ROLE_CLAUSE;
    if (!parse_occasion(reader, rule))
        well = recover(reader, place, false);
    well = parse_steps(reader, rule) && well;
    rule->text = tokens_join(reader->tokens, from, reader->at, reader->keep);
    return well;
}
