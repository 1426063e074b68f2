/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lexer. Positions are counted as it goes, so that a rule's place costs nothing later.
 */
#include "rules/lexer.h"

#include <string.h>

struct lexer {
    const struct source *source;
    struct arena *arena;
    struct diag *diag;
    struct tokens *tokens;
    uint32_t at;
    unsigned line;
    uint32_t line_start;    /* where the line begins, in bytes */
    uint32_t continuations; /* bytes of this line so far that begin no character */
    bool fresh;             /* no token or comment yet on this line */
};

static char peek(const struct lexer *lexer)
{
    return lexer->source->text[lexer->at]; /* NUL at the end */
}

static void advance(struct lexer *lexer)
{
    char byte = peek(lexer);

    lexer->at++;
    if (byte == '\n') {
        lexer->line++;
        lexer->line_start = lexer->at;
        lexer->continuations = 0;
        lexer->fresh = true;
    } else if (((unsigned char)byte & 0xc0) == 0x80) {
        lexer->continuations++;
    }
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool ends_word(char byte)
{
    return byte == '\0' || is_space(byte) || strchr("{},\"#", byte) != NULL;
}

static bool at_line_end(const struct lexer *lexer)
{
    return peek(lexer) == '\0' || peek(lexer) == '\n';
}

static void read_comment(struct lexer *lexer)
{
    struct tokens *tokens = lexer->tokens;
    struct comment *comment = ARENA_PUSH(lexer->arena, tokens->comments, tokens->comment_count);
    uint32_t begin = lexer->at, end;

    *comment = (struct comment){ { lexer->source, begin, 0 }, tokens->count, lexer->line, lexer->fresh };
    while (!at_line_end(lexer))
        advance(lexer);
    for (end = lexer->at; is_space(lexer->source->text[end - 1]); end--)
        ;
    comment->span.length = end - begin;
}

/* A string or a pattern up to its delimiter; a backslash takes the next character with it. */
static bool read_quoted(struct lexer *lexer, char delimiter)
{
    advance(lexer);
    while (!at_line_end(lexer) && peek(lexer) != delimiter) {
        if (peek(lexer) == '\\' && lexer->source->text[lexer->at + 1] != '\n' && lexer->source->text[lexer->at + 1] != '\0')
            advance(lexer);
        advance(lexer);
    }
    if (at_line_end(lexer))
        return false;
    advance(lexer);
    return true;
}

static void read_word(struct lexer *lexer)
{
    while (!ends_word(peek(lexer)))
        advance(lexer);
}

static void read_token(struct lexer *lexer)
{
    struct token *token = ARENA_PUSH(lexer->arena, lexer->tokens->list, lexer->tokens->count);
    bool complete = true;

    token->span = (struct span){ lexer->source, lexer->at, 0 };
    token->line = lexer->line;
    token->column = lexer->at - lexer->line_start - lexer->continuations + 1;
    token->first = lexer->fresh;
    lexer->fresh = false;
    switch (peek(lexer)) {
    case '\0': token->kind = TOKEN_END; break;
    case '{': token->kind = TOKEN_OPEN; advance(lexer); break;
    case '}': token->kind = TOKEN_CLOSE; advance(lexer); break;
    case ',': token->kind = TOKEN_COMMA; advance(lexer); break;
    case '"': token->kind = TOKEN_STRING; complete = read_quoted(lexer, '"'); break;
    case '/':
        token->kind = TOKEN_PATTERN;
        complete = read_quoted(lexer, '/');
        read_word(lexer); /* flags */
        break;
    default: token->kind = TOKEN_WORD; read_word(lexer); break;
    }
    token->span.length = lexer->at - token->span.offset;
    if (!complete)
        diag_add(lexer->diag, DIAG_ERROR, token->span, "this %s has no end on its line: a closing %s is missing",
                 token->kind == TOKEN_STRING ? "string" : "pattern", token->kind == TOKEN_STRING ? "\"" : "/");
}

struct tokens *lexer_read(const struct source *source, struct arena *arena, struct diag *diag)
{
    struct tokens *tokens = arena_alloc(arena, sizeof *tokens);
    struct lexer lexer = { .source = source, .arena = arena, .diag = diag, .tokens = tokens, .line = 1, .fresh = true };

    tokens->source = source;
    if (strncmp(source->text, "\xef\xbb\xbf", 3) == 0) /* a byte order mark */
        lexer.at = lexer.line_start = 3;
    do {
        while (is_space(peek(&lexer)))
            advance(&lexer);
        if (peek(&lexer) == '#') {
            read_comment(&lexer);
            lexer.fresh = false;
        } else {
            read_token(&lexer);
        }
    } while (tokens->count == 0 || tokens->list[tokens->count - 1].kind != TOKEN_END);
    return tokens;
}

bool token_is(const struct token *token, const char *word)
{
    return token->kind == TOKEN_WORD && strlen(word) == token->span.length && memcmp(word, token_text(token), token->span.length) == 0;
}

const char *token_text(const struct token *token)
{
    return token->span.source->text + token->span.offset;
}

struct place token_place(const struct token *token)
{
    return (struct place){ token->span.source->name, token->line, token->column };
}

const char *tokens_join(const struct tokens *tokens, size_t from, size_t to, struct arena *arena)
{
    size_t length = 0, used = 0;
    char *text;

    for (size_t i = from; i < to; i++)
        length += 1 + (tokens->list[i].normal ? strlen(tokens->list[i].normal) : tokens->list[i].span.length);
    text = arena_alloc(arena, length + 1);
    for (size_t i = from; i < to; i++) {
        const struct token *token = &tokens->list[i];
        const char *piece = token->normal ? token->normal : token_text(token);
        size_t piece_length = token->normal ? strlen(token->normal) : token->span.length;

        if (token->role == ROLE_JOINED)
            continue;
        if (used > 0 && token->kind != TOKEN_COMMA)
            text[used++] = ' ';
        memcpy(text + used, piece, piece_length);
        used += piece_length;
    }
    return text;
}
