/* SPDX-License-Identifier: BSD-2-Clause */
/* Parses one line of a script into words. Knows no command. Called by script.c for each line before anything runs. */
#include "tools/peer/line.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/peer/clock.h"
#include "tools/peer/text.h"

static const char *skip_spaces(const char *at)
{
    while (isspace((unsigned char)*at))
        at++;
    return at;
}

/* A word of the line ends here, and so does what was said. */
static bool at_end(const char *at)
{
    return *at == '\0' || *at == '#' || (at[0] == '=' && at[1] == '>');
}

/* Reads the word at `*at` into `*out`, which it moves on. */
static bool read_word(struct word *word, const char **at, char **out, char *why, size_t size)
{
    word->text = *out;
    word->quoted = **at == '"';
    if (word->quoted) {
        if (!text_unquote(at, *out, &word->length)) {
            snprintf(why, size, "this text does not end, or has an escape other than \\r \\n \\t \\\\ \\\" \\x00");
            return false;
        }
    } else {
        size_t length = strcspn(*at, " \t\r\n\"#");
        memcpy(*out, *at, length);
        word->length = length;
        *at += length;
    }
    (*out)[word->length] = '\0';
    *out += word->length + 1;
    return true;
}

static bool expand(struct word *word, char *why, size_t size)
{
    if (word->quoted || word->text[0] != '$')
        return true;
    const char *value = getenv(word->text + 1);
    if (value == NULL) {
        snprintf(why, size, "the environment has no %s", word->text + 1);
        return false;
    }
    word->text = value;
    word->length = strlen(value);
    return true;
}

/* `c1: send "x"`: the first word, with its colon, is the connection's name. */
static void take_name(struct line *line)
{
    struct word *first = &line->words[0];
    if (line->count == 0 || first->quoted || first->length < 2 || first->text[first->length - 1] != ':')
        return;
    line->storage[first->text - line->storage + (ptrdiff_t)first->length - 1] = '\0';
    line->name = first->text;
    memmove(line->words, line->words + 1, --line->count * sizeof(*line->words));
}

static bool take_within(struct line *line, char *why, size_t size)
{
    if (line->count < 3 || !line_is(line, line->count - 2, "within"))
        return true;
    const char *time = line->words[line->count - 1].text;
    if (!clock_parse(time, &line->within) || line->within == 0) {
        snprintf(why, size, "`%s` is no time: write 500ms, 2s", time);
        return false;
    }
    line->count -= 2;
    return true;
}

/* The text from `from` to `to` without the spaces at its end, written to `*out`, which is moved on. */
static const char *copy_trimmed(const char *from, const char *to, char **out)
{
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    char *copy = memcpy(*out, from, (size_t)(to - from));
    copy[to - from] = '\0';
    *out = copy + (to - from) + 1;
    return copy;
}

static bool read_words(struct line *line, const char **at, char **out, char *why, size_t size)
{
    while (*at = skip_spaces(*at), !at_end(*at)) {
        if (line->count == LINE_WORDS) {
            snprintf(why, size, "a line has at most %d words", LINE_WORDS);
            return false;
        }
        if (!read_word(&line->words[line->count++], at, out, why, size))
            return false;
    }
    return true;
}

bool line_parse(struct line *line, const char *text, unsigned number, char *why, size_t size)
{
    size_t length = strlen(text);
    *line = (struct line){.name = "", .number = number, .storage = malloc(3 * length + 3 + LINE_WORDS)};
    if (line->storage == NULL)
        abort();
    char *out = line->storage;
    const char *start = skip_spaces(text), *at = start;

    bool good = read_words(line, &at, &out, why, size);
    if (good) {
        take_name(line);
        line->said = copy_trimmed(start, at, &out);
        if (*at == '=')
            line->expected = copy_trimmed(skip_spaces(at + 2), text + length, &out);
        good = take_within(line, why, size);
        for (size_t i = 1; good && i < line->count; i++)
            good = expand(&line->words[i], why, size);
    }
    if (good && line->count == 0 && (line->name[0] != '\0' || line->expected != NULL)) {
        snprintf(why, size, "here is no command");
        good = false;
    }
    if (!good)
        line_free(line);
    return good;
}

void line_free(struct line *line)
{
    free(line->storage);
    line->storage = NULL;
}

bool line_is(const struct line *line, size_t at, const char *text)
{
    return at < line->count && !line->words[at].quoted && strcmp(line->words[at].text, text) == 0;
}
