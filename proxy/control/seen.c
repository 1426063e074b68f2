/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sightings by link, in a hash table.
 */
#include "control/seen.h"

#include <stdlib.h>

#include "rules/memory.h"

static struct seen_link **bucket(const struct seen_links *seen, const struct link *link)
{
    return &seen->buckets[((uintptr_t)link >> 6) % seen->bucket_count];
}

static struct seen_link *find(const struct seen_links *seen, const struct link *link)
{
    struct seen_link *found = seen->count > 0 ? *bucket(seen, link) : NULL;

    while (found != NULL && found->link != link) {
        found = found->next;
    }
    return found;
}

static void put(struct seen_links *seen, struct seen_link *one)
{
    struct seen_link **place = bucket(seen, one->link);

    one->next = *place;
    *place = one;
}

static void grow(struct seen_links *seen)
{
    struct seen_links grown = {.bucket_count = 2 * seen->bucket_count + 64, .count = seen->count};

    grown.buckets = calloc(grown.bucket_count, sizeof(struct seen_link *));
    if (grown.buckets == NULL) {
        abort();
    }
    for (size_t i = 0; i < seen->bucket_count; i++) {
        for (struct seen_link *one = seen->buckets[i], *next; one != NULL; one = next) {
            next = one->next;
            put(&grown, one);
        }
    }
    free(seen->buckets);
    *seen = grown;
}

void seen_note(struct seen_links *seen, const struct link *link, enum side side, const struct sighting *sighting)
{
    struct seen_link *one = find(seen, link);

    if (one == NULL) {
        if (seen->count >= seen->bucket_count) {
            grow(seen);
        }
        one = xmalloc(sizeof(*one));
        *one = (struct seen_link){.link = link};
        put(seen, one);
        seen->count++;
    }
    one->sides[side] = *sighting;
}

void seen_forget(struct seen_links *seen, const struct link *link)
{
    struct seen_link *one = find(seen, link);

    if (one != NULL) {
        struct seen_link **place = bucket(seen, link);

        while (*place != one) {
            place = &(*place)->next;
        }
        *place = one->next;
        seen->count--;
        free(one);
    }
}

const struct sighting *seen_find(const struct seen_links *seen, const struct link *link, enum side side)
{
    const struct seen_link *one = find(seen, link);

    return one != NULL && one->sides[side].state != 0 ? &one->sides[side] : NULL;
}

void seen_release(struct seen_links *seen)
{
    for (size_t i = 0; i < seen->bucket_count; i++) {
        while (seen->buckets[i] != NULL) {
            struct seen_link *one = seen->buckets[i];

            seen->buckets[i] = one->next;
            free(one);
        }
    }
    free(seen->buckets);
    *seen = (struct seen_links){.buckets = NULL};
}
