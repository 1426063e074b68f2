/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader, and the making of a message out of what was wanted.
 */
#include "rules/reader.h"

#include "rules/misnomers.h"
#include "rules/spelling.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WANTED_SHOWN 8 /* more are only listed where there is nothing better to say */
#define SHOWN_MAX 40 /* bytes of a found word that a message repeats; the quoted line shows the rest */

void reader_begin(struct reader *reader, struct tokens *tokens)
{
    reader->tokens = tokens;
    reader->at = reader->reached = 0;
    reader->wanted_count = 0;
    reader->label = reader->problem = NULL;
}

struct token *reader_token(const struct reader *reader)
{
    return &reader->tokens->list[reader->at];
}

struct token *reader_ahead(const struct reader *reader, size_t count)
{
    size_t last = reader->tokens->count - 1;

    return &reader->tokens->list[reader->at + count < last ? reader->at + count : last];
}

struct token *reader_take(struct reader *reader)
{
    struct token *token = reader_token(reader);

    if (token->kind != TOKEN_END)
        reader->at++;
    return token;
}

/* Moves the furthest place on to this token; false if it is further already. */
static bool reach(struct reader *reader)
{
    if (reader->at < reader->reached)
        return false;
    if (reader->at > reader->reached) {
        reader->reached = reader->at;
        reader->wanted_count = 0;
        reader->label = reader->problem = NULL;
    }
    return true;
}

void reader_want(struct reader *reader, const char *text, size_t length, bool literal)
{
    if (!reach(reader))
        return;
    for (size_t i = 0; i < reader->wanted_count; i++) {
        if (reader->wanted[i].length == length && memcmp(reader->wanted[i].text, text, length) == 0)
            return;
    }
    if (reader->wanted_count < WANTED_MAX)
        reader->wanted[reader->wanted_count++] = (struct wanted){ text, length, literal };
}

void reader_want_form(struct reader *reader, const char *description)
{
    reader_want(reader, description, strlen(description), false);
}

void reader_label(struct reader *reader, const char *label)
{
    if (reach(reader))
        reader->label = label;
}

void reader_wrong(struct reader *reader, struct span where, const char *format, ...)
{
    va_list arguments;
    char text[512];

    if (!reach(reader) || reader->problem)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    reader->problem = arena_copy(reader->scratch, text, strlen(text));
    reader->where = where;
}

bool reader_word(struct reader *reader, const char *word)
{
    if (token_is(reader_token(reader), word)) {
        reader->at++;
        return true;
    }
    reader_want(reader, word, strlen(word), true);
    return false;
}

static const char *mark_text(enum token_kind kind)
{
    return kind == TOKEN_OPEN ? "{" : kind == TOKEN_CLOSE ? "}" : ",";
}

bool reader_mark(struct reader *reader, enum token_kind kind)
{
    if (reader_token(reader)->kind == kind) {
        reader->at++;
        return true;
    }
    reader_want(reader, mark_text(kind), 1, true);
    return false;
}

/* "`a`, `b` or `c`" */
static void print_wanted(FILE *out, const struct reader *reader)
{
    for (size_t i = 0; i < reader->wanted_count; i++) {
        const struct wanted *wanted = &reader->wanted[i];
        const char *quote = wanted->literal ? "`" : "";

        fputs(i == 0 ? "" : i + 1 == reader->wanted_count ? " or " : ", ", out);
        fprintf(out, "%s%.*s%s", quote, (int)wanted->length, wanted->text, quote);
    }
}

static void print_found(FILE *out, const struct token *token)
{
    uint32_t length = token->span.length < SHOWN_MAX ? token->span.length : SHOWN_MAX;

    if (token->kind == TOKEN_END) {
        fputs("the end of the text", out);
        return;
    }
    while (length < token->span.length && ((unsigned char)token_text(token)[length] & 0xc0) == 0x80)
        length++;
    putc('`', out);
    for (uint32_t i = 0; i < length; i++) {
        char byte = token_text(token)[i];

        putc((unsigned char)byte < ' ' || byte == 127 ? '?' : byte, out);
    }
    fprintf(out, "%s`", length < token->span.length ? "..." : "");
}

static bool is_wanted(const struct reader *reader, const char *word)
{
    for (size_t i = 0; i < reader->wanted_count; i++) {
        if (reader->wanted[i].length == strlen(word) && memcmp(reader->wanted[i].text, word, strlen(word)) == 0)
            return true;
    }
    return false;
}

/* A clause that comes too late: `then reset when client sends fin`. */
static bool is_out_of_order(const struct reader *reader, const struct token *found)
{
    return is_wanted(reader, "then") && !is_wanted(reader, "when") &&
           (token_is(found, "for") || token_is(found, "when") || token_is(found, "each") || token_is(found, "the") ||
            (token_is(found, "from") && !token_is(found + 1, "client") && !token_is(found + 1, "server")));
}

static bool begins_with_digit(const struct token *token)
{
    return token->kind == TOKEN_WORD && token_text(token)[0] >= '0' && token_text(token)[0] <= '9';
}

/* Slips that are known by what would have been legal. */
static const char *slip_by_label(const struct reader *reader, const struct token *found)
{
    const char *label = reader->label ? reader->label : "";

    if (strcmp(label, "a selector") == 0 && reader->reached > 0 && token_is(found - 1, "and") && begins_with_digit(found))
        return "a list of numbers has commas: `connections 1, 3`";
    if (strcmp(label, "a side") == 0 && (token_is(found, "no") || token_is(found, "at")))
        return "`expect no ...` and `expect at most ...` stand outside of rules";
    if (strcmp(label, "a standing expectation") == 0 && (token_is(found, "client") || token_is(found, "server")))
        return "what one side does is expected inside of a rule: `rule NAME { expect client ... }`";
    if (strcmp(label, "an action") == 0 && token_is(found, "expect"))
        return "`expect` stands without `then`, behind the actions";
    return NULL;
}

/* What the commonest slips mean, where the nearest spelling would not tell; or NULL. */
static const char *slip(const struct reader *reader, const struct token *found)
{
    if (is_out_of_order(reader, found))
        return "a rule reads `for ... from ... when ... then ... expect ...`, in this order";
    if (token_is(found, "every") && token_is(found + 1, "time"))
        return "every time is `each time`";
    if (found->kind == TOKEN_WORD && token_is(found + 1, "%"))
        return "`10%` is written without a blank";
    if (found->kind == TOKEN_WORD && token_text(found)[0] == '\'')
        return "a string stands in double quotes";
    if (is_wanted(reader, "for") && is_wanted(reader, "until") && begins_with_digit(found))
        return "a time has `for` in front of it";
    if (is_wanted(reader, ",") && is_wanted(reader, "expect") && !is_wanted(reader, "and") && token_is(found, "and"))
        return "actions have commas between them";
    return slip_by_label(reader, found);
}

static void nearest_wanted(const struct reader *reader, struct spelling *search)
{
    for (size_t i = 0; i < reader->wanted_count; i++) {
        if (reader->wanted[i].literal)
            spelling_try(search, reader->wanted[i].text, reader->wanted[i].length);
    }
}

/* "expected an action", with all that is legal where nothing better is known. */
static void print_expected(FILE *out, const struct reader *reader, bool knows_better)
{
    fprintf(out, "expected %s", reader->label ? reader->label : "");
    if (!reader->label) {
        print_wanted(out, reader);
    } else if (!knows_better && reader->wanted_count > 0) {
        fputs(" (", out);
        print_wanted(out, reader);
        fputs(")", out);
    }
    fputs(", found ", out);
}

static void describe(FILE *out, const struct reader *reader, const struct token *found)
{
    struct spelling search = { .word = token_text(found), .length = found->kind == TOKEN_WORD ? found->span.length : 0 };
    const char *right = misnomer_right(reader->vocab->misnomers, search.word, search.length), *meant = slip(reader, found);
    bool knows_better, short_form;

    nearest_wanted(reader, &search);
    knows_better = right || meant || search.nearest;
    short_form = knows_better && !reader->label && reader->wanted_count > WANTED_SHOWN;
    if (!short_form)
        print_expected(out, reader, knows_better);
    print_found(out, found);
    if (short_form)
        fputs(" cannot stand here", out);
    if (meant)
        fprintf(out, "; %s", meant);
    else if (right)
        fprintf(out, "; that is %s", right);
    else if (search.nearest && (reader->label || reader->wanted_count > 1))
        fprintf(out, "; did you mean `%.*s`?", (int)search.nearest_length, search.nearest);
    else if (is_wanted(reader, "within"))
        fputs("; within what time? `within 5s`", out);
}

void reader_report(struct reader *reader)
{
    const struct token *found = &reader->tokens->list[reader->reached];
    char *text = NULL;
    size_t size;
    FILE *out;

    if (reader->problem) {
        diag_add(reader->diag, DIAG_ERROR, reader->where, "%s", reader->problem);
    } else if ((out = open_memstream(&text, &size)) != NULL) {
        describe(out, reader, found);
        fclose(out);
        diag_add(reader->diag, DIAG_ERROR, found->span, "%s", text);
    }
    free(text);
    reader->at = reader->reached;
    reader->wanted_count = 0;
    reader->label = reader->problem = NULL;
}

void reader_normal(struct reader *reader, size_t from, const char *text)
{
    reader->tokens->list[from].normal = text;
    for (size_t i = from + 1; i < reader->at; i++)
        reader->tokens->list[i].role = ROLE_JOINED;
}

struct span reader_span(const struct reader *reader, size_t from)
{
    struct span span = reader->tokens->list[from].span;

    if (reader->at > from + 1) {
        struct span last = reader->tokens->list[reader->at - 1].span;

        span.length = last.offset + last.length - span.offset;
    }
    return span;
}
