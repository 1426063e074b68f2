/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The links of a trace, found by relay and number through a hash table.
 */
#include "trace/links.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"
#include "trace/draw.h"

static size_t hash(const char *relay, uint64_t number)
{
    uint64_t value = number * UINT64_C(0x9e3779b97f4a7c15);
    for (; *relay; relay++)
        value = (value ^ (unsigned char)*relay) * UINT64_C(0x100000001b3);
    return (size_t)(value ^ value >> 32);
}

/* Where that link is, or would be. There is always a free place. */
static size_t *slot_of(struct traced_links *links, const char *relay, uint64_t number)
{
    size_t at = hash(relay, number) % links->place_count;
    while (links->places[at]) {
        const struct traced_link *link = &links->links[links->places[at] - 1];
        if (link->number == number && strcmp(link->relay, relay) == 0)
            break;
        at = (at + 1) % links->place_count;
    }
    return &links->places[at];
}

static void grow(struct traced_links *links)
{
    links->capacity = links->capacity ? 2 * links->capacity : 64;
    links->links = xrealloc(links->links, links->capacity * sizeof *links->links);
    free(links->places);
    links->place_count = 2 * links->capacity;
    links->places = xmalloc(links->place_count * sizeof *links->places);
    memset(links->places, 0, links->place_count * sizeof *links->places);
    for (size_t i = 0; i < links->count; i++)
        *slot_of(links, links->links[i].relay, links->links[i].number) = i + 1;
}

static struct traced_link *find(struct traced_links *links, const struct record *record)
{
    if (links->count == links->capacity)
        grow(links);
    size_t *slot = slot_of(links, record->relay, record->link);
    if (*slot == 0) {
        links->links[links->count++] = (struct traced_link){.relay = xstrdup(record->relay), .number = record->link};
        *slot = links->count;
    }
    return &links->links[*slot - 1];
}

/* The strings of the copy are its own. */
static struct record copy(const struct record *record)
{
    struct record own = *record;
    for (const struct record_field *field = record_fields; field->name; field++) {
        char *string;
        if (field->type != RECORD_STRING)
            continue;
        memcpy(&string, (char *)&own + field->offset, sizeof string);
        string = string ? xstrdup(string) : NULL;
        memcpy((char *)&own + field->offset, &string, sizeof string);
    }
    return own;
}

static void release(const struct record *record)
{
    for (const struct record_field *field = record_fields; field->name; field++) {
        char *string;
        if (field->type != RECORD_STRING)
            continue;
        memcpy(&string, (const char *)record + field->offset, sizeof string);
        free(string);
    }
}

void traced_links_add(struct traced_links *links, const struct record *record)
{
    if (!record->relay || !record->link)
        return;
    struct traced_link *link = find(links, record);
    if (link->count == link->capacity) {
        link->capacity = link->capacity ? 2 * link->capacity : 16;
        link->records = xrealloc(link->records, link->capacity * sizeof *link->records);
    }
    link->records[link->count++] = copy(record);
}

void traced_links_release(struct traced_links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        for (size_t j = 0; j < links->links[i].count; j++)
            release(&links->links[i].records[j]);
        free(links->links[i].records);
        free(links->links[i].relay);
    }
    free(links->links);
    free(links->places);
    *links = (struct traced_links){.links = NULL};
}

static uint64_t bytes_from(const struct traced_link *link, enum side side)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < link->count; i++) {
        if (record_kind(&link->records[i]) == NOTICE_RECEIVED && record_is_of(&link->records[i], side))
            bytes += link->records[i].bytes;
    }
    return bytes;
}

static const struct record *last_of(const struct traced_link *link, enum notice_kind kind)
{
    for (size_t i = link->count; i > 0; i--) {
        if (record_kind(&link->records[i - 1]) == kind)
            return &link->records[i - 1];
    }
    return NULL;
}

void traced_link_summary(FILE *out, const struct traced_link *link)
{
    const struct record *opened = last_of(link, NOTICE_OPENED), *closed = last_of(link, NOTICE_CLOSED);
    const struct record *first = &link->records[0], *last = closed ? closed : &link->records[link->count - 1];
    char client[DRAW_BYTES], server[DRAW_BYTES];
    draw_text(out, link->relay);
    fprintf(out, " #%" PRIu64, link->number);
    if (opened && opened->text) {
        fputs("  ", out);
        draw_text(out, opened->text);
    }
    fprintf(out, "  %.3f to %.3f s", (double)first->time / 1e6, (double)last->time / 1e6);
    fprintf(out, "  client said %s, server %s", draw_bytes(client, bytes_from(link, SIDE_CLIENT)),
            draw_bytes(server, bytes_from(link, SIDE_SERVER)));
    fputs(closed ? "  over" : "  still open", out);
    if (closed && closed->text) {
        fputs(": ", out);
        draw_text(out, closed->text);
    }
    fputc('\n', out);
    for (size_t i = 0; i < link->count; i++) {
        enum notice_kind kind = record_kind(&link->records[i]);
        if (kind == NOTICE_RULE_FIRED || kind == NOTICE_FINDING) {
            fputs("    ", out);
            draw_event(out, &link->records[i]);
        }
    }
}
