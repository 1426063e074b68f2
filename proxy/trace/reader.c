/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of a trace. Nothing in the file is trusted: a line has a longest length, each field its type, and the first line says the
 * version.
 */
#include "trace/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"

struct trace_reader {
    FILE *file;
    char *path;
    uint64_t number; /* of the line, from 1 */
    json_t *object;  /* holds the strings of the last record */
    char line[RECORD_LINE];
    char error[512];
};

struct trace_reader *trace_reader_open(const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    struct trace_reader *reader = xmalloc(sizeof *reader);
    memset(reader, 0, sizeof *reader);
    reader->file = file;
    reader->path = xstrdup(path);
    return reader;
}

void trace_reader_close(struct trace_reader *reader)
{
    if (!reader)
        return;
    json_decref(reader->object);
    fclose(reader->file);
    free(reader->path);
    free(reader);
}

const char *trace_reader_error(const struct trace_reader *reader)
{
    return reader->error;
}

/* What is quoted from the file may be anything: a terminal shall not obey it. */
static void make_printable(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
    }
}

__attribute__((format(printf, 2, 3))) static int fail(struct trace_reader *reader, const char *format, ...)
{
    va_list arguments;
    int length = snprintf(reader->error, sizeof reader->error, "%s:%" PRIu64 ": ", reader->path, reader->number);
    if (length < 0 || (size_t)length >= sizeof reader->error)
        return -1;
    va_start(arguments, format);
    vsnprintf(reader->error + length, sizeof reader->error - (size_t)length, format, arguments);
    va_end(arguments);
    make_printable(reader->error);
    return -1;
}

/* Reads a line without its end. 1, 0 at the end of the file, -1. */
static int read_line(struct trace_reader *reader, size_t *length)
{
    int c;
    *length = 0;
    reader->number++;
    while ((c = getc_unlocked(reader->file)) != EOF && c != '\n') {
        if (*length == sizeof reader->line)
            return fail(reader, "this line is longer than any line of a trace");
        reader->line[(*length)++] = (char)c;
    }
    if (ferror(reader->file))
        return fail(reader, "%s", strerror(errno));
    if (c == EOF && *length > 0)
        return fail(reader, "the trace is cut off within this line: hangup was killed, or the disk was full");
    return c == EOF ? 0 : 1;
}

static int read_field(struct trace_reader *reader, const struct record_field *field, struct record *record)
{
    const json_t *value = json_object_get(reader->object, field->name);
    void *member = (char *)record + field->offset;
    if (!value)
        return 0;
    if (field->type == RECORD_STRING) {
        const char *string = json_string_value(value);
        if (!string)
            return fail(reader, "\"%s\" must be a string", field->name);
        memcpy(member, &string, sizeof string);
    } else {
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return fail(reader, "\"%s\" must be a number, 0 or more", field->name);
        uint64_t number = (uint64_t)json_integer_value(value);
        memcpy(member, &number, sizeof number);
    }
    return 0;
}

static int check_version(struct trace_reader *reader, const struct record *record)
{
    if (record->version == 0)
        return fail(reader, "this is not a trace: its first line does not say `trace started`");
    if (record->version != RECORD_VERSION)
        return fail(
            reader, "this trace has version %" PRIu64 " of the format; this hangup reads version %d", record->version, RECORD_VERSION);
    return 1;
}

int trace_reader_next(struct trace_reader *reader, struct record *record)
{
    size_t length;
    int result = read_line(reader, &length);
    if (result == 0 && reader->number == 1)
        return fail(reader, "this is not a trace: it is empty");
    if (result != 1)
        return result;

    json_error_t error;
    json_decref(reader->object);
    reader->object = json_loadb(reader->line, length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(reader->object))
        return fail(reader, "%s%s", reader->number == 1 ? "this is not a trace: " : "",
                    reader->object ? "a line must be a JSON object" : error.text);
    *record = (struct record){0};
    for (const struct record_field *field = record_fields; field->name; field++) {
        if (read_field(reader, field, record) != 0)
            return -1;
    }
    if (!record->what)
        return fail(reader, "\"what\" is missing");
    return reader->number == 1 ? check_version(reader, record) : 1;
}
