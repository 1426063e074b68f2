/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records as lines of text.
 */
#include "trace/draw.h"

#include <inttypes.h>
#include <string.h>

void draw_text(FILE *out, const char *text)
{
    for (const unsigned char *next = (const unsigned char *)text; *next; next++) {
        bool c1 = next[0] == 0xc2 && next[1] >= 0x80 && next[1] < 0xa0;
        if (*next < 0x20 || *next == 0x7f || c1)
            fprintf(out, "\\x%02x", c1 ? *++next : *next);
        else
            fputc(*next, out);
    }
}

void draw_place(FILE *out, const struct record *record)
{
    if (!record->rule || !record->file)
        return;
    fputs(" (", out);
    draw_text(out, record->file);
    fprintf(out, ":%" PRIu64 ")", record->line);
}

const char *draw_bytes(char text[DRAW_BYTES], uint64_t bytes)
{
    snprintf(text, DRAW_BYTES, "%" PRIu64 " byte%s", bytes, bytes == 1 ? "" : "s");
    return text;
}

/* In a column of that width. */
static void draw_column(FILE *out, const char *text, size_t width)
{
    size_t length = strlen(text);
    draw_text(out, text);
    fprintf(out, "%*s", length < width ? (int)(width - length) : 0, "");
}

static void draw_where(FILE *out, const struct record *record)
{
    char where[64] = "";
    if (record->relay && record->link)
        snprintf(where, sizeof where, "%s #%" PRIu64, record->relay, record->link);
    else if (record->relay)
        snprintf(where, sizeof where, "%s", record->relay);
    fprintf(out, "%5" PRIu64 ".%06" PRIu64 "  ", record->time / 1000000, record->time % 1000000);
    draw_column(out, where, 12);
    fputs("  ", out);
    draw_column(out, record->side ? record->side : "", 6);
    fputs("  ", out);
}

static void draw_rule(FILE *out, const struct record *record)
{
    if (!record->rule)
        return;
    fputs(record->step ? "  " : "  rule ", out);
    draw_text(out, record->step ? record->step : record->rule);
    draw_place(out, record);
    if (record->firing > 1)
        fprintf(out, " firing %" PRIu64, record->firing);
}

void draw_event(FILE *out, const struct record *record)
{
    enum notice_kind kind = record_kind(record);
    char bytes[DRAW_BYTES];
    bool more = record->rule || record->bytes || record->error || record->text || record->lost;
    draw_where(out, record);
    draw_column(out, record->what, more ? 16 : 0);
    if (kind != NOTICE_FINDING)
        draw_rule(out, record);
    if (record->bytes && kind != NOTICE_RULE_FIRED)
        fprintf(out, "  %s", draw_bytes(bytes, record->bytes));
    if (record->error) {
        fputs("  ", out);
        draw_text(out, record->error);
    }
    if (record->text) {
        fputs("  ", out);
        draw_text(out, record->text);
    }
    if (record->lost)
        fprintf(out, "  %" PRIu64 " data events are missing here", record->lost);
    fputc('\n', out);
}
