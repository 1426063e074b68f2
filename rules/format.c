/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatting goes over the parser's tokens, which know where items and clauses begin, and puts them into lines; then the lines are
 * printed, with what stands side by side aligned. Nothing is made up or left out.
 */
#include "rules/format.h"

#include "rules/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_WIDTH 130u
#define GAP "   " /* between the clauses of a block on one line */

struct line {
    const char **cells; /* one; of a block on one line: `rule NAME`, `{ clause`, clause ... */
    size_t cell_count;
    const char *comment; /* behind it, or NULL */
    unsigned indent;     /* in blanks */
    bool blank;          /* an empty line in front */
    bool block;          /* begins or ends a block of several lines */
};

struct layout {
    const struct tokens *tokens;
    struct arena *arena;
    size_t next_comment;
    unsigned source_line; /* of the last thing that was laid out */
    struct line *lines;
    size_t count;
};

static struct line *last_line(const struct layout *layout)
{
    return layout->count > 0 ? &layout->lines[layout->count - 1] : NULL;
}

static struct line *add_line(struct layout *layout, unsigned indent, unsigned source_line)
{
    struct line *line = ARENA_PUSH(layout->arena, layout->lines, layout->count);

    line->indent = indent;
    line->blank = layout->count > 1 && source_line > layout->source_line + 1;
    return line;
}

static void add_cell(struct layout *layout, struct line *line, const char *text)
{
    *ARENA_PUSH(layout->arena, line->cells, line->cell_count) = text;
}

static const char *comment_text(const struct layout *layout, const struct comment *comment)
{
    return arena_copy(layout->arena, comment->span.source->text + comment->span.offset, comment->span.length);
}

static void add_comment_line(struct layout *layout, const struct comment *comment, unsigned indent)
{
    add_cell(layout, add_line(layout, indent, comment->line), comment_text(layout, comment));
}

/* A comment inside of a clause cannot stay there: the first one goes behind the clause's line, others in front of it. */
static void push_in_front(struct layout *layout, const struct comment *comment)
{
    struct line clause = *last_line(layout), *line;

    *last_line(layout) = (struct line){ .indent = clause.indent, .blank = clause.blank };
    line = last_line(layout);
    add_cell(layout, line, comment_text(layout, comment));
    clause.blank = false;
    *ARENA_PUSH(layout->arena, layout->lines, layout->count) = clause;
}

/* The comments in front of a token. `begins` says that the token begins a line. */
static void lay_comments(struct layout *layout, size_t token, bool begins, unsigned indent)
{
    for (; layout->next_comment < layout->tokens->comment_count; layout->next_comment++) {
        const struct comment *comment = &layout->tokens->comments[layout->next_comment];
        struct line *line = last_line(layout);

        if (comment->before > token)
            return;
        if (line && !comment->first && !line->comment)
            line->comment = comment_text(layout, comment);
        else if (begins || !line)
            add_comment_line(layout, comment, indent);
        else
            push_in_front(layout, comment);
        layout->source_line = comment->line;
    }
}

static bool ends_clause(const struct layout *layout, size_t at)
{
    const struct token *token = &layout->tokens->list[at];

    return token->kind == TOKEN_END || token->role == ROLE_ITEM || token->role == ROLE_CLAUSE || token->kind == TOKEN_CLOSE;
}

/* One line from `from` on, up to where the next begins; returns that. `from` itself may be anything. */
static size_t lay_clause(struct layout *layout, size_t from, unsigned indent)
{
    size_t to = from + 1;

    lay_comments(layout, from, true, indent);
    add_line(layout, indent, layout->tokens->list[from].line);
    while (!ends_clause(layout, to) && layout->tokens->list[to - 1].kind != TOKEN_OPEN)
        lay_comments(layout, to++, false, indent);
    add_cell(layout, last_line(layout), tokens_join(layout->tokens, from, to, layout->arena));
    layout->source_line = layout->tokens->list[to - 1].line;
    return to;
}

static bool is_block(const struct layout *layout, size_t at)
{
    const struct token *token = &layout->tokens->list[at];

    return token_is(token, "rule") || token_is(token, "relay");
}

static size_t closing_brace(const struct layout *layout, size_t at)
{
    while (layout->tokens->list[at].kind != TOKEN_CLOSE)
        at++;
    return at;
}

static bool has_comment_inside(const struct layout *layout, size_t from, size_t to)
{
    for (size_t i = layout->next_comment; i < layout->tokens->comment_count && layout->tokens->comments[i].before <= to; i++) {
        if (layout->tokens->comments[i].before > from)
            return true;
    }
    return false;
}

/* Did it stand on one line, and will it fit on one? */
static bool fits_on_line(const struct layout *layout, size_t from, size_t close)
{
    size_t width = strlen(tokens_join(layout->tokens, from, close + 1, layout->arena));

    for (size_t i = from; i <= close; i++)
        width += layout->tokens->list[i].role == ROLE_CLAUSE ? strlen(GAP) : 0;
    return layout->tokens->list[from].line == layout->tokens->list[close].line && !has_comment_inside(layout, from, close) &&
           width <= LINE_MAX_WIDTH;
}

/* rule NAME { clause   clause } */
static size_t lay_block_on_line(struct layout *layout, size_t from, size_t close)
{
    struct line *line = add_line(layout, 0, layout->tokens->list[from].line);
    size_t at = from + 3;

    add_cell(layout, line, tokens_join(layout->tokens, from, from + 2, layout->arena));
    while (at < close) {
        size_t to = at + 1;

        while (!ends_clause(layout, to))
            to++;
        add_cell(layout, line, tokens_join(layout->tokens, at, to, layout->arena));
        at = to;
    }
    layout->source_line = layout->tokens->list[close].line;
    return close + 1;
}

static size_t lay_block(struct layout *layout, size_t from, size_t close)
{
    size_t at = lay_clause(layout, from, 0);

    last_line(layout)->block = true;
    while (at < close) {
        bool first = last_line(layout)->block;
        size_t lines = layout->count;

        at = lay_clause(layout, at, 4);
        if (first)
            layout->lines[lines].blank = false;
    }
    lay_comments(layout, close, true, 4);
    add_cell(layout, add_line(layout, 0, layout->tokens->list[close].line), "}");
    last_line(layout)->block = true;
    last_line(layout)->blank = false;
    layout->source_line = layout->tokens->list[close].line;
    return close + 1;
}

static size_t lay_item(struct layout *layout, size_t at)
{
    size_t before, close;
    bool after_block;

    lay_comments(layout, at, true, 0);
    before = layout->count;
    after_block = before > 0 && layout->lines[before - 1].block;
    if (!is_block(layout, at)) {
        at = lay_clause(layout, at, 0);
    } else {
        close = closing_brace(layout, at);
        at = fits_on_line(layout, at, close) ? lay_block_on_line(layout, at, close) : lay_block(layout, at, close);
    }
    layout->lines[before].blank |=
        after_block || (before > 0 && layout->lines[before].block && layout->lines[before - 1].cells[0][0] != '#');
    return at;
}

static void lay_out(struct layout *layout)
{
    size_t at = 0, before;

    while (layout->tokens->list[at].kind != TOKEN_END)
        at = lay_item(layout, at);
    before = layout->count;
    lay_comments(layout, at, true, 0);
    for (size_t i = 1; i < layout->count && before > 0; i++) { /* a comment behind a block stands off like anything else there */
        if (layout->lines[i - 1].block && layout->lines[i - 1].cells[0][0] == '}')
            layout->lines[i].blank = true;
    }
}

static unsigned width_of(const char *text)
{
    unsigned width = 0;

    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static size_t first_word_length(const char *cell)
{
    return strcspn(cell, " ");
}

/* Have both lines the same kind of clause there, and something behind it? */
static bool same_kind(const struct line *a, const struct line *b, size_t cell)
{
    if (cell + 1 >= a->cell_count || cell + 1 >= b->cell_count)
        return false;
    return first_word_length(a->cells[cell]) == first_word_length(b->cells[cell]) &&
           memcmp(a->cells[cell], b->cells[cell], first_word_length(a->cells[cell])) == 0;
}

/* Pads a cell of these lines to the same width. */
static void pad(struct layout *layout, size_t from, size_t to, size_t cell)
{
    unsigned width = 0;

    for (size_t i = from; i < to; i++) {
        if (width_of(layout->lines[i].cells[cell]) > width)
            width = width_of(layout->lines[i].cells[cell]);
    }
    for (size_t i = from; i < to; i++) {
        const char **text = &layout->lines[i].cells[cell];

        *text = arena_printf(layout->arena, "%s%*s", *text, (int)(width - width_of(*text)), "");
    }
}

/* Blocks on one line, one below the other: the same clauses stand below each other, as long as they follow on the same. */
static void align_blocks(struct layout *layout, size_t from, size_t to, size_t cell)
{
    for (size_t first = from, end; first < to; first = end) {
        for (end = first + 1; end < to && same_kind(&layout->lines[first], &layout->lines[end], cell);)
            end++;
        if (end == first + 1)
            continue;
        pad(layout, first, end, cell);
        align_blocks(layout, first, end, cell + 1);
    }
}

static char *line_text(const struct line *line)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        abort();
    fprintf(out, "%*s", (int)line->indent, "");
    for (size_t i = 0; i < line->cell_count; i++)
        fprintf(out, "%s%s", i == 0 ? "" : i == 1 ? " { " : GAP, line->cells[i]);
    if (line->cell_count > 1)
        fputs(" }", out);
    fclose(out);
    return text;
}

/* Lines without an empty one between them have their comments below each other. */
static void print_group(FILE *out, const struct layout *layout, size_t from, size_t to)
{
    unsigned column = 0;

    for (size_t i = from; i < to; i++) {
        char *text = line_text(&layout->lines[i]);

        if (layout->lines[i].comment && width_of(text) > column)
            column = width_of(text);
        free(text);
    }
    for (size_t i = from; i < to; i++) {
        char *text = line_text(&layout->lines[i]);

        fputs(text, out);
        if (layout->lines[i].comment)
            fprintf(out, "%*s%s", (int)(column - width_of(text) + 2), "", layout->lines[i].comment);
        putc('\n', out);
        free(text);
    }
}

static void align(struct layout *layout)
{
    for (size_t from = 0, to; from < layout->count; from = to) {
        for (to = from + 1;
             to < layout->count && !layout->lines[to].blank && layout->lines[to].cell_count > 1 && layout->lines[from].cell_count > 1;)
            to++;
        if (to > from + 1)
            align_blocks(layout, from, to, 0);
    }
}

static void print(FILE *out, struct layout *layout)
{
    align(layout);
    for (size_t from = 0, to; from < layout->count; from = to) {
        if (layout->lines[from].blank)
            putc('\n', out);
        for (to = from + 1; to < layout->count && !layout->lines[to].blank;)
            to++;
        print_group(out, layout, from, to);
    }
}

char *format_text(const struct source *source, const struct vocab *vocab, struct diag *diag)
{
    struct arena *keep = arena_new(), *scratch = arena_new();
    struct parser *parser = arena_alloc(scratch, sizeof *parser);
    struct layout layout = { .arena = scratch };
    char *text = NULL;
    size_t size;
    FILE *out;

    parser_begin(parser, vocab, keep, scratch, diag);
    parser->follow_includes = false;
    layout.tokens = parser_text(parser, source);
    if (diag_errors(diag) == 0 && (out = open_memstream(&text, &size)) != NULL) {
        lay_out(&layout);
        print(out, &layout);
        fclose(out);
    }
    arena_free(scratch);
    arena_free(keep);
    return text;
}
