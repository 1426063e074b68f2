/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parser's outer half: files, includes, seeds and relay blocks; what stands in a rule is sentence.c's. Recursive descent; above
 * each function stands what it reads. After an error it goes on where something begins again, so that one run shows several.
 */
#include "rules/parser.h"

#include "rules/address.h"
#include "rules/option.h"
#include "rules/row.h"
#include "rules/sentence.h"
#include "rules/slot.h"
#include "rules/source.h"

#include <string.h>
#include <sys/stat.h>

#define INCLUDE_DEPTH 64

struct opened_file {
    struct opened_file *next; /* the one read before */
    dev_t device;
    ino_t inode;
    bool open; /* still being read: an include of it is a circle */
};

void parser_begin(struct parser *parser, const struct vocab *vocab, struct arena *keep, struct arena *scratch, struct diag *diag)
{
    *parser = (struct parser){ .follow_includes = true };
    parser->reader.vocab = vocab;
    parser->reader.keep = keep;
    parser->reader.scratch = scratch;
    parser->reader.diag = diag;
}

/* Where something begins again outside of blocks. */
static bool at_item(const struct reader *reader)
{
    const struct token *token = reader_token(reader);

    if (sentence_at_block(reader))
        return true;
    return token->first && (token_is(token, "include") || token_is(token, "seed") || token_is(token, "expect"));
}

static void skip_to_item(struct reader *reader)
{
    unsigned depth = 0;

    while (reader_token(reader)->kind != TOKEN_END && (depth > 0 || !at_item(reader))) {
        enum token_kind kind = reader_take(reader)->kind;

        if (kind == TOKEN_OPEN)
            depth++;
        else if (kind == TOKEN_CLOSE && (depth == 0 || --depth == 0))
            return;
    }
}

/* The path as the including file means it. */
static const char *beside(struct arena *arena, const char *including, const char *path)
{
    const char *slash = strrchr(including, '/');

    if (path[0] == '/' || !slash)
        return path;
    return arena_printf(arena, "%.*s%s", (int)(slash + 1 - including), including, path);
}

static struct opened_file *find_file(struct parser *parser, const char *path, struct stat *status)
{
    if (stat(path, status) != 0)
        return NULL;
    for (struct opened_file *file = parser->files; file; file = file->next) {
        if (file->device == status->st_dev && file->inode == status->st_ino)
            return file;
    }
    return NULL;
}

static void read_file(struct parser *parser, const char *path, struct span from)
{
    struct reader outer = parser->reader;
    struct stat status = { .st_dev = 0 };
    struct opened_file *file = find_file(parser, path, &status);
    struct source *source;
    unsigned depth = 0;

    if (file && file->open)
        diag_add(outer.diag, DIAG_ERROR, from, "this file is being read already: it would include itself");
    if (file)
        return;
    for (file = parser->files; file; file = file->next)
        depth += file->open;
    if (depth > INCLUDE_DEPTH) {
        diag_add(outer.diag, DIAG_ERROR, from, "includes are nested too deep");
        return;
    }
    source = source_read(path, from, outer.diag);
    if (!source) {
        parser->draft.incomplete = true;
        return;
    }
    file = arena_alloc(outer.scratch, sizeof *file);
    *file = (struct opened_file){ parser->files, status.st_dev, status.st_ino, true };
    parser->files = file;
    parser_text(parser, source);
    file->open = false;
    parser->reader = outer;
}

/* "include" STRING */
static bool parse_include(struct parser *parser)
{
    struct reader *reader = &parser->reader;
    struct span span = reader_token(reader)->span;
    struct value path;

    if (slot_read(reader, SLOT_STRING, 0, "include", &path) != SLOT_FOUND)
        return false;
    if (strlen(path.string.bytes) != path.string.length || path.string.length == 0)
        diag_add(reader->diag, DIAG_ERROR, span, "no such file name can be");
    else if (parser->sealed)
        diag_add(reader->diag, DIAG_ERROR, span, "a text that comes by the control side cannot include files");
    else if (parser->follow_includes)
        read_file(parser, beside(reader->scratch, span.source->name, path.string.bytes), span);
    return true;
}

/* "seed" NUMBER */
static bool parse_seed(struct parser *parser)
{
    struct reader *reader = &parser->reader;
    struct span span = reader_token(reader)->span;
    struct draft *draft = &parser->draft;
    struct value number;

    if (slot_read(reader, SLOT_NUMBER, 0, "seed", &number) != SLOT_FOUND)
        return false;
    if (draft->has_seed && draft->seed != number.range.low) {
        diag_add(reader->diag, DIAG_ERROR, span, "there is another seed already");
        diag_add(reader->diag, DIAG_NOTE, draft->seed_span, "here");
    }
    draft->has_seed = true;
    draft->seed = number.range.low;
    draft->seed_span = span;
    return true;
}

/* ADDRESS */
static bool parse_address(struct reader *reader, struct address *address, struct span *span)
{
    const struct token *token = reader_token(reader);
    const char *problem;

    if (token->kind != TOKEN_WORD) {
        reader_want_form(reader, "an address (`127.0.0.1:80`, `[::1]:80`, `name:80`, `unix:/path`)");
        return false;
    }
    *span = token->span;
    problem = address_read(token_text(token), token->span.length, address, reader->keep);
    if (problem) {
        reader_wrong(reader, token->span, "%s", problem);
        return false;
    }
    reader_take(reader);
    return true;
}

/* "listen" ADDRESS "server" ADDRESS { option } */
static bool parse_relay_body(struct reader *reader, struct draft_relay *relay)
{
    reader_token(reader)->role = ROLE_CLAUSE;
    if (!reader_word(reader, "listen") || !parse_address(reader, &relay->spec.listen, &relay->listen_span))
        return false;
    reader_token(reader)->role = ROLE_CLAUSE;
    if (!reader_word(reader, "server") || !parse_address(reader, &relay->spec.server, &relay->server_span))
        return false;
    while (reader_token(reader)->kind != TOKEN_CLOSE && reader_token(reader)->kind != TOKEN_END && !sentence_at_block(reader)) {
        if (!option_parse(reader, relay))
            return false;
    }
    return true;
}

/* "relay" NAME "{" … "}" */
static bool parse_relay(struct parser *parser)
{
    struct reader *reader = &parser->reader;
    struct token *name = reader_token(reader), *open;
    struct draft_relay relay = { .name_span = name->span };
    struct value value;
    size_t from;
    bool well;

    if (slot_read(reader, SLOT_NAME, 0, "relay", &value) != SLOT_FOUND || !reader_mark(reader, TOKEN_OPEN))
        return false;
    open = reader_token(reader) - 1;
    relay.spec.name = value.name;
    relay.spec.place = token_place(name);
    from = reader->at;
    well = parse_relay_body(reader, &relay);
    relay.spec.text = tokens_join(reader->tokens, from, reader->at, reader->keep);
    if (well)
        *ARENA_PUSH(reader->scratch, parser->draft.relays, parser->draft.relay_count) = relay;
    else
        reader_report(reader);
    parser->draft.incomplete |= !well;
    sentence_close_block(reader, open, well);
    return true;
}

/* "rule" NAME "{" sentence "}" */
static bool parse_rule(struct parser *parser)
{
    struct reader *reader = &parser->reader;
    struct token *name = reader_token(reader), *open;
    struct draft_rule *rule;
    struct value value;

    if (slot_read(reader, SLOT_NAME, 0, "rule", &value) != SLOT_FOUND || !reader_mark(reader, TOKEN_OPEN))
        return false;
    open = reader_token(reader) - 1;
    rule = ARENA_PUSH(reader->scratch, parser->draft.rules, parser->draft.rule_count);
    rule->name = value.name;
    rule->name_span = name->span;
    rule->place = token_place(name);
    rule->broken = !sentence_parse(reader, rule);
    sentence_close_block(reader, open, !rule->broken);
    return true;
}

/* "expect" standing */
static bool parse_standing(struct parser *parser)
{
    struct reader *reader = &parser->reader;
    struct draft_standing *standing;
    size_t from = reader->at - 1;
    struct parsed *phrase = row_match(reader, ROW_STANDING, "a standing expectation");

    if (!phrase)
        return false;
    standing = ARENA_PUSH(reader->scratch, parser->draft.standings, parser->draft.standing_count);
    standing->phrase = phrase;
    standing->text = tokens_join(reader->tokens, from, reader->at, reader->keep);
    standing->place = token_place(&reader->tokens->list[from]);
    return true;
}

/* file = { "include" STRING | "seed" NUMBER | relay | rule | "expect" standing } */
static bool parse_item(struct parser *parser)
{
    struct reader *reader = &parser->reader;

    reader_token(reader)->role = ROLE_ITEM;
    if (reader_word(reader, "rule"))
        return parse_rule(parser);
    if (reader_word(reader, "relay"))
        return parse_relay(parser);
    if (reader_word(reader, "expect"))
        return parse_standing(parser);
    if (reader_word(reader, "include"))
        return parse_include(parser);
    if (reader_word(reader, "seed"))
        return parse_seed(parser);
    return false;
}

struct tokens *parser_text(struct parser *parser, const struct source *source)
{
    struct reader *reader = &parser->reader;
    size_t errors = diag_errors(reader->diag);
    struct tokens *tokens = lexer_read(source, reader->scratch, reader->diag);
    bool readable = diag_errors(reader->diag) == errors; /* else what is behind a missing quote would only confuse */

    parser->draft.incomplete |= !readable;
    reader_begin(reader, tokens);
    while (readable && reader_token(reader)->kind != TOKEN_END) {
        size_t before = reader->at;

        if (parse_item(parser))
            continue;
        reader_report(reader);
        if (reader->at == before)
            reader_take(reader);
        skip_to_item(reader);
    }
    return tokens;
}

void parser_file(struct parser *parser, const char *path)
{
    read_file(parser, path, (struct span){ .source = NULL });
}

bool parser_options(struct parser *parser, const struct source *source, struct draft_relay *relay)
{
    struct reader *reader = &parser->reader;
    size_t errors = diag_errors(reader->diag);

    reader_begin(reader, lexer_read(source, reader->scratch, reader->diag));
    while (diag_errors(reader->diag) == errors && reader_token(reader)->kind != TOKEN_END) {
        if (!option_parse(reader, relay))
            reader_report(reader);
    }
    return diag_errors(reader->diag) == errors;
}

void parser_sentence(struct parser *parser, const struct source *source, const char *name)
{
    struct reader *reader = &parser->reader;
    struct draft_rule *rule = ARENA_PUSH(reader->scratch, parser->draft.rules, parser->draft.rule_count);
    size_t errors = diag_errors(reader->diag);

    reader_begin(reader, lexer_read(source, reader->scratch, reader->diag));
    rule->name = arena_copy(reader->keep, name, strlen(name));
    rule->name_span = source_start(source);
    rule->place = token_place(reader_token(reader));
    if (sentence_at_block(reader)) {
        diag_add(reader->diag, DIAG_ERROR, reader_token(reader)->span, "%s takes a sentence, without `rule NAME { }` around it",
                 source->name);
        rule->broken = true;
        return;
    }
    rule->broken = diag_errors(reader->diag) > errors || !sentence_parse(reader, rule);
    if (!rule->broken && reader_token(reader)->kind != TOKEN_END)
        reader_report(reader);
}
