/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records: made of notices, and written as lines of JSON. By hand, since a busy relay makes hundreds of thousands of them a second.
 */
#include "trace/record.h"

#include <stdio.h>
#include <string.h>

#include "relay/relay.h"

#define STRING_LIMIT 512 /* bytes of one string: even if each is escaped, a record fits into its line */

const struct record_field record_fields[] = {
#define X(member, kind, text) {.name = #member, .type = RECORD_##kind, .offset = offsetof(struct record, member), .help = text},
    RECORD_FIELDS(X)
#undef X
    {.name = NULL},
};

struct record record_of_notice(const struct notice *notice, uint64_t start)
{
    struct record record = {
        .time = notice->at > start ? (notice->at - start) / NS_PER_US : 0,
        .what = notice_rows[notice->kind].name,
        .relay = notice->relay ? notice->relay->spec->name : NULL,
        .link = notice->number,
        .side = notice_rows[notice->kind].has_side ? side_name(notice->side) : NULL,
        .bytes = notice->bytes,
        .error = notice->error ? strerrorname_np(notice->error) : NULL,
        .text = notice->text,
        .firing = notice->firing,
    };
    if (notice->rule) {
        const struct place *place = notice->step ? &notice->step->place : &notice->rule->place;
        record.rule = notice->rule->name;
        record.file = place->file;
        record.line = place->line;
    }
    if (notice->step)
        record.step = notice->step->text;
    return record;
}

static char *put(char *at, const char *text, size_t length)
{
    memcpy(at, text, length);
    return at + length;
}

static char *put_number(char *at, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count)
        *at++ = digits[--count];
    return at;
}

/* How many bytes the UTF-8 sequence at `text` has; 0 if it is none (RFC 3629, section 4). */
static size_t sequence(const unsigned char *text)
{
    size_t length = text[0] < 0x80 ? 1 : text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : text[0] < 0xf5 ? 4 : 0;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    }
    bool overlong = (text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xf0 && text[1] < 0x90);
    bool no_character = (text[0] == 0xed && text[1] > 0x9f) || (text[0] == 0xf4 && text[1] > 0x8f);
    return overlong || no_character ? 0 : length;
}

static char *put_string(char *at, const char *text)
{
    const unsigned char *next = (const unsigned char *)text;
    const unsigned char *limit = next + STRING_LIMIT;
    *at++ = '"';
    while (*next && next < limit) {
        size_t length = sequence(next);
        if (length == 0) {
            at = put(at, "\\ufffd", 6);
            length = 1;
        } else if (*next == '"' || *next == '\\') {
            *at++ = '\\';
            *at++ = (char)*next;
        } else if (*next < 0x20 || *next == 0x7f) {
            at += sprintf(at, "\\u%04x", *next);
        } else {
            at = put(at, (const char *)next, length);
        }
        next += length;
    }
    *at++ = '"';
    return at;
}

size_t record_line(const struct record *record, char line[RECORD_LINE])
{
    char *at = line;
    for (const struct record_field *field = record_fields; field->name; field++) {
        const void *member = (const char *)record + field->offset;
        uint64_t number = 0;
        const char *string = NULL;
        if (field->type == RECORD_NUMBER)
            memcpy(&number, member, sizeof number);
        else
            memcpy(&string, member, sizeof string);
        if (!number && !string && field != record_fields)
            continue;
        *at++ = field == record_fields ? '{' : ',';
        *at++ = '"';
        at = put(at, field->name, strlen(field->name));
        at = put(at, "\":", 2);
        at = string ? put_string(at, string) : put_number(at, number);
    }
    at = put(at, "}\n", 3);
    return (size_t)(at - line) - 1;
}

enum notice_kind record_kind(const struct record *record)
{
    enum notice_kind kind = 0;
    while (kind < NOTICE_KINDS && strcmp(record->what, notice_rows[kind].name) != 0)
        kind++;
    return kind;
}

bool record_is_of(const struct record *record, enum side side)
{
    return record->side && strcmp(record->side, side_name(side)) == 0;
}
