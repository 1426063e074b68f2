/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strings and patterns. A pattern is compiled twice: once to be known at the first byte where a match can end (`ends`), and once to
 * take all it can (`greedy`); see struct text. What pcre2_dfa_match() cannot do is refused here, so that it never fails on a running
 * link.
 */
#include "rules/text.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#define PATTERN_MAX 4096u

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* One escape, behind its backslash. Returns how many characters it takes, 0 if it is none. */
static size_t read_escape(const char *at, size_t left, char *byte)
{
    static const char letters[] = "rnt\\\"", bytes[] = "\r\n\t\\\"";
    const char *letter = left > 0 ? memchr(letters, at[0], sizeof letters - 1) : NULL;

    if (letter) {
        *byte = bytes[letter - letters];
        return 1;
    }
    if (left >= 3 && at[0] == 'x' && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0) {
        *byte = (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
        return 3;
    }
    return 0;
}

const char *text_unescape(const char *token, size_t token_length, size_t *length, struct arena *arena, struct text_fault *fault)
{
    char *bytes = arena_alloc(arena, token_length + 1);
    size_t end = token_length > 1 && token[token_length - 1] == '"' ? token_length - 1 : token_length;

    *length = 0;
    for (size_t at = 1; at < end;) {
        size_t taken;

        if (token[at] != '\\') {
            bytes[(*length)++] = token[at++];
            continue;
        }
        taken = read_escape(token + at + 1, end - at - 1, &bytes[*length]);
        if (taken == 0) {
            *fault = (struct text_fault){ "no such escape; there are \\r \\n \\t \\\\ \\\" and \\x00 to \\xff", at, end - at < 2 ? 1 : 2 };
            return NULL;
        }
        ++*length;
        at += 1 + taken;
    }
    return bytes;
}

static void release_code(void *code)
{
    pcre2_code_free(code);
}

static const pcre2_code *compile(const struct text *text, uint32_t options, struct arena *arena, struct text_fault *fault)
{
    PCRE2_UCHAR message[256];
    PCRE2_SIZE offset;
    pcre2_code *code;
    int error;

    code = pcre2_compile((PCRE2_SPTR)text->bytes, text->length, options | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF, &error, &offset, NULL);
    if (!code) {
        pcre2_get_error_message(error, message, sizeof message);
        *fault = (struct text_fault){ arena_printf(arena, "not a pattern of PCRE2: %s", (char *)message), 1 + offset, 1 };
        return NULL;
    }
    arena_defer(arena, release_code, code);
    return code;
}

/* What pcre2_dfa_match() refuses; see pcre2matching(3). Escaped characters are passed over. */
static bool can_be_matched(const struct text *text, struct text_fault *fault)
{
    for (size_t at = 0; at < text->length; at++) {
        const char *what = NULL;

        if (text->bytes[at] == '\\' && at + 1 < text->length && text->bytes[at + 1] == 'K')
            what = "\\K cannot be used here: the whole of a match counts";
        else if (text->bytes[at] == '(' && at + 1 < text->length && text->bytes[at + 1] == '*')
            what = "verbs, (*...), cannot be used here";
        else if (text->bytes[at] == '(' && at + 2 < text->length && text->bytes[at + 1] == '?' && strchr("(C", text->bytes[at + 2]))
            what = "conditions and callouts cannot be used here";
        if (what) {
            *fault = (struct text_fault){ what, 1 + at, 2 };
            return false;
        }
        if (text->bytes[at] == '\\')
            at++;
    }
    return true;
}

static bool read_flags(const char *flags, size_t count, size_t offset, uint32_t *options, struct text_fault *fault)
{
    for (size_t i = 0; i < count; i++) {
        switch (flags[i]) {
        case 'i': *options |= PCRE2_CASELESS; break;
        case 's': *options |= PCRE2_DOTALL; break;
        case 'm': *options |= PCRE2_MULTILINE; break;
        default:
            *fault = (struct text_fault){
                "no such flag behind a pattern; there are i (case aside), s (. is any byte) and m (^ and $ at each line)", offset + i, 1
            };
            return false;
        }
    }
    return true;
}

static size_t closing_slash(const char *token, size_t length)
{
    size_t at = 1;

    while (at < length && token[at] != '/')
        at += token[at] == '\\' ? 2 : 1;
    return at < length ? at : length;
}

bool text_compile(const char *token, size_t token_length, struct text *text, struct arena *arena, struct text_fault *fault)
{
    size_t end = closing_slash(token, token_length);
    uint32_t options = 0, empty = 0, references = 0;

    *text = (struct text){ .bytes = arena_copy(arena, token + 1, end - 1), .length = end - 1, .pattern = true };
    if (end - 1 > PATTERN_MAX) {
        *fault = (struct text_fault){ "this pattern is longer than 4096 bytes", 0, token_length };
        return false;
    }
    if (end + 1 < token_length && !read_flags(token + end + 1, token_length - end - 1, end + 1, &options, fault))
        return false;
    if (!can_be_matched(text, fault))
        return false;
    text->ends = compile(text, options | PCRE2_NO_AUTO_POSSESS, arena, fault);
    text->greedy = text->ends ? compile(text, options, arena, fault) : NULL;
    if (!text->greedy)
        return false;
    pcre2_pattern_info(text->ends, PCRE2_INFO_MATCHEMPTY, &empty);
    pcre2_pattern_info(text->ends, PCRE2_INFO_BACKREFMAX, &references);
    if (references > 0)
        *fault = (struct text_fault){ "references back to a group cannot be used here", 0, token_length };
    else if (empty)
        *fault = (struct text_fault){ "this pattern matches where there is nothing, so it would match everywhere", 0, token_length };
    return references == 0 && !empty;
}
