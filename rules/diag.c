/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list of messages about rule texts, and how they look: as gcc's do, so that editors jump to them. Control characters of a text are
 * never passed on to the terminal.
 */
#include "rules/diag.h"

#include "rules/memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ERRORS_KEPT 20
#define QUOTE_MAX 200u /* bytes of a line that are quoted */

struct message {
    enum diag_kind kind;
    struct span span;
    struct span lead; /* of the message that a note belongs to; else its own */
    size_t order;     /* in which they came */
    char *text;
};

struct diag {
    struct message *messages;
    size_t count, errors, warnings;
    bool last_kept; /* a note goes the way of what it belongs to */
    struct source *sources;
};

struct diag *diag_new(void)
{
    struct diag *diag = xmalloc(sizeof *diag);

    *diag = (struct diag){ .messages = NULL };
    return diag;
}

void diag_free(struct diag *diag)
{
    if (!diag)
        return;
    for (size_t i = 0; i < diag->count; i++)
        free(diag->messages[i].text);
    free(diag->messages);
    for (struct source *source = diag->sources, *next; source; source = next) {
        next = source->next;
        free(source->name);
        free(source->text);
        free(source);
    }
    free(diag);
}

void diag_adopt(struct diag *diag, struct source *source)
{
    source->number = diag->sources ? diag->sources->number + 1 : 0;
    source->next = diag->sources;
    diag->sources = source;
}

/* Counts, and says whether the message is kept. */
static bool count(struct diag *diag, enum diag_kind kind)
{
    switch (kind) {
    case DIAG_ERROR:
        return diag->last_kept = ++diag->errors <= ERRORS_KEPT;
    case DIAG_WARNING:
        return diag->last_kept = ++diag->warnings <= ERRORS_KEPT;
    case DIAG_NOTE:
        break;
    }
    return diag->last_kept;
}

void diag_add(struct diag *diag, enum diag_kind kind, struct span span, const char *format, ...)
{
    struct message *message;
    va_list arguments;

    if (!count(diag, kind))
        return;
    diag->messages = xrealloc(diag->messages, (diag->count + 1) * sizeof *diag->messages);
    message = &diag->messages[diag->count];
    message->kind = kind;
    message->span = span;
    message->lead = kind == DIAG_NOTE && diag->count > 0 ? message[-1].lead : span;
    message->order = diag->count++;
    va_start(arguments, format);
    if (vasprintf(&message->text, format, arguments) < 0)
        abort();
    va_end(arguments);
}

size_t diag_errors(const struct diag *diag)
{
    return diag->errors;
}

size_t diag_warnings(const struct diag *diag)
{
    return diag->warnings;
}

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

struct place place_of(struct span span)
{
    struct place place = { span.source->name, 1, 1 };

    for (uint32_t i = 0; i < span.offset; i++) {
        char byte = span.source->text[i];

        if (byte == '\n') {
            place.line++;
            place.column = 1;
        } else if (begins_character(byte)) {
            place.column++;
        }
    }
    return place;
}

/* The part of the span's line that is quoted: all of it, or of a long line what is around the span. */
static struct span quoted_line(struct span span)
{
    const char *text = span.source->text;
    uint32_t begin = span.offset, end = span.offset;

    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    while (end < span.source->length && text[end] != '\n' && text[end] != '\r')
        end++;
    if (end - begin > QUOTE_MAX) {
        if (span.offset - begin > QUOTE_MAX / 2)
            begin = span.offset - QUOTE_MAX / 2;
        while (!begins_character(text[begin]))
            begin++;
        if (end - begin > QUOTE_MAX)
            end = begin + QUOTE_MAX;
        while (end < span.source->length && !begins_character(text[end]))
            end++;
    }
    return (struct span){ span.source, begin, end - begin };
}

static char printable(char byte)
{
    return ((unsigned char)byte < ' ' && byte != '\t') || byte == 127 ? '?' : byte;
}

static void print_quote(FILE *out, struct span span, unsigned line_number, const char *bold, const char *plain)
{
    const char *text = span.source->text;
    struct span line = quoted_line(span);
    uint32_t end = span.offset + (span.length ? span.length : 1);

    if (span.source->length == 0)
        return;
    fprintf(out, "%5u | ", line_number);
    for (uint32_t i = line.offset; i < line.offset + line.length; i++)
        putc(printable(text[i]), out);
    fputs("\n      | ", out);
    for (uint32_t i = line.offset; i < span.offset; i++) {
        if (begins_character(text[i]))
            putc(text[i] == '\t' ? '\t' : ' ', out);
    }
    fprintf(out, "%s^", bold);
    for (uint32_t i = span.offset + 1; i < end && i < line.offset + line.length; i++) {
        if (begins_character(text[i]))
            putc('~', out);
    }
    fprintf(out, "%s\n", plain);
}

const char *diag_kind_name(enum diag_kind kind)
{
    static const char *const names[] = { "error", "warning", "note" };

    return names[kind];
}

static void print_message(FILE *out, const struct message *message, bool colour)
{
    static const char *const colours[] = { "\033[1;31m", "\033[1;35m", "\033[1;36m" };
    const char *bold = colour ? colours[message->kind] : "", *plain = colour ? "\033[0m" : "";
    struct place place = place_of(message->span);

    if (message->span.source->length == 0)
        fprintf(out, "%s: ", place.file);
    else
        fprintf(out, "%s:%u:%u: ", place.file, place.line, place.column);
    fprintf(out, "%s%s:%s %s\n", bold, diag_kind_name(message->kind), plain, message->text);
    print_quote(out, message->span, place.line, bold, plain);
}

static int compare_places(const void *left, const void *right)
{
    const struct message *a = left, *b = right;

    if (a->lead.source != b->lead.source)
        return a->lead.source->number < b->lead.source->number ? -1 : 1;
    if (a->lead.offset != b->lead.offset)
        return a->lead.offset < b->lead.offset ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static struct message *sort(const struct diag *diag)
{
    struct message *sorted = xmalloc(diag->count * sizeof *sorted);

    if (diag->count > 0) {
        memcpy(sorted, diag->messages, diag->count * sizeof *sorted);
        qsort(sorted, diag->count, sizeof *sorted, compare_places);
    }
    return sorted;
}

struct diag_message *diag_list(const struct diag *diag, size_t *count)
{
    struct message *sorted = sort(diag);
    struct diag_message *list = xmalloc((diag->count + 1) * sizeof *list);

    for (size_t i = 0; i < diag->count; i++) {
        list[i] = (struct diag_message){ sorted[i].kind, place_of(sorted[i].span), sorted[i].text };
        if (sorted[i].span.source->length == 0)
            list[i].place.line = list[i].place.column = 0;
    }
    free(sorted);
    *count = diag->count;
    return list;
}

void diag_print(const struct diag *diag, FILE *out, bool colour)
{
    struct message *sorted = sort(diag);

    for (size_t i = 0; i < diag->count; i++)
        print_message(out, &sorted[i], colour);
    free(sorted);
    if (diag->errors > ERRORS_KEPT)
        fprintf(out, "and %zu more error%s\n", diag->errors - ERRORS_KEPT, diag->errors - ERRORS_KEPT == 1 ? "" : "s");
}
