/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sorted array of keys: hashes of what a link has to be for a rule to choose it. Hashes may meet by accident, which costs a question.
 */
#include "engine/sieve.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "engine/draw.h"
#include "engine/rule_state.h"
#include "relay/address.h"
#include "relay/relay.h"
#include "rules/memory.h"

/* More numbers than that, and the rule is asked every time. */
#define ORDINALS_MOST 8

/* The key of those that are asked every time. */
#define ALWAYS 0

struct entry {
    uint64_t key;
    struct rule_state *state;
};

/* A length of prefix that some rule has. */
struct measure {
    size_t length; /* of the address, bytes */
    unsigned bits;
};

struct sieve {
    struct entry *entries; /* by key, then in the order of the rules */
    size_t count, capacity;
    struct measure *measures;
    size_t measure_count;
    struct rule_state **found;
};

/* ---- keys ---- */

static uint64_t key_of_prefix(const uint8_t *host, const struct measure *measure)
{
    uint8_t masked[16] = {0};
    size_t whole = measure->bits / 8;
    unsigned rest = measure->bits % 8;

    memcpy(masked, host, whole);
    if (rest > 0) {
        masked[whole] = (uint8_t)(host[whole] & (0xff00u >> rest));
    }
    return draw_key_number(draw_key_bytes(SELECT_CLIENT + 1, masked, measure->length), measure->bits);
}

static uint64_t key_of_number(uint64_t number)
{
    return draw_key_number(SELECT_CONNECTIONS + 1, number);
}

static uint64_t key_of_relay(const char *name)
{
    return draw_key_text(SELECT_RELAY + 1, name);
}

/* ---- making it ---- */

static void add(struct sieve *sieve, uint64_t key, struct rule_state *state)
{
    if (sieve->count == sieve->capacity) {
        sieve->capacity = sieve->capacity == 0 ? 64 : sieve->capacity * 2;
        sieve->entries = xrealloc(sieve->entries, sieve->capacity * sizeof(*sieve->entries));
    }
    sieve->entries[sieve->count++] = (struct entry){.key = key, .state = state};
}

static void add_prefix(struct sieve *sieve, const struct prefix *prefix, struct rule_state *state)
{
    struct measure measure = {.length = prefix->family == AF_INET ? 4 : 16, .bits = prefix->bits};
    bool known = false;

    for (size_t i = 0; i < sieve->measure_count; i++) {
        known = known || (sieve->measures[i].length == measure.length && sieve->measures[i].bits == measure.bits);
    }
    if (!known) {
        sieve->measures = xrealloc(sieve->measures, (sieve->measure_count + 1) * sizeof(measure));
        sieve->measures[sieve->measure_count++] = measure;
    }
    add(sieve, key_of_prefix(prefix->address, &measure), state);
}

static bool add_numbers(struct sieve *sieve, const struct value *ordinals, struct rule_state *state)
{
    uint64_t numbers = 0;

    for (size_t i = 0; i < ordinals->ordinals.count; i++) {
        const struct range *range = &ordinals->ordinals.list[i];

        if (range->high - range->low >= ORDINALS_MOST) {
            return false;
        }
        numbers += range->high - range->low + 1;
    }
    if (numbers > ORDINALS_MOST) {
        return false;
    }
    for (size_t i = 0; i < ordinals->ordinals.count; i++) {
        const struct range *range = &ordinals->ordinals.list[i];

        for (uint64_t n = 0; n <= range->high - range->low; n++) {
            add(sieve, key_of_number(range->low + n), state);
        }
    }
    return true;
}

/* By one of its selectors, if that is one to be found by. */
static bool add_by(struct sieve *sieve, const struct selector *selector, struct rule_state *state)
{
    const struct phrase *phrase = &selector->phrase;

    if (selector->negated) {
        return false;
    }
    switch ((enum selector_id)phrase->row->id) {
    case SELECT_CLIENT:
        add_prefix(sieve, &phrase->values[0].prefix, state);
        return true;
    case SELECT_CONNECTIONS: /* which count from when the rule came */
        return state->base_count == 0 && add_numbers(sieve, &phrase->values[0], state);
    case SELECT_RELAY:
        add(sieve, key_of_relay(phrase->values[0].name), state);
        return true;
    case SELECT_OVER_AT_ONCE:
    case SELECT_EVERY:
    case SELECT_SHARE:
    case SELECT_TLS_NAME:
    case SELECT_TLS_PROTOCOL:
        break;
    }
    return false;
}

static void add_state(struct sieve *sieve, struct rule_state *state)
{
    bool found = false;

    for (size_t i = 0; state->counts == NULL && !found && i < state->rule->selector_count; i++) {
        found = add_by(sieve, &state->rule->selectors[i], state);
    }
    if (!found) { /* one that counts by client has to see them all, too */
        add(sieve, ALWAYS, state);
    }
}

static int compare_places(const struct rule_state *a, const struct rule_state *b)
{
    return (a->place > b->place) - (a->place < b->place);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    return x->key != y->key ? (x->key > y->key) - (x->key < y->key) : compare_places(x->state, y->state);
}

struct sieve *sieve_new(struct rule_state *const *states, size_t count)
{
    struct sieve *sieve = xmalloc(sizeof(*sieve));

    *sieve = (struct sieve){0};
    for (size_t i = 0; i < count; i++) {
        add_state(sieve, states[i]);
    }
    if (sieve->count > 0) {
        qsort(sieve->entries, sieve->count, sizeof(*sieve->entries), compare_entries);
    }
    sieve->found = xmalloc((sieve->count + 1) * sizeof(struct rule_state *));
    return sieve;
}

void sieve_free(struct sieve *sieve)
{
    if (sieve != NULL) {
        free(sieve->entries);
        free(sieve->measures);
        free(sieve->found);
        free(sieve);
    }
}

/* ---- asking it ---- */

/* Appends those of a key; returns how many there are now. */
static size_t find_key(struct sieve *sieve, uint64_t key, size_t count)
{
    size_t low = 0, high = sieve->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (sieve->entries[middle].key < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < sieve->count && sieve->entries[low].key == key; low++) {
        sieve->found[count++] = sieve->entries[low].state;
    }
    return count;
}

static int compare_found(const void *a, const void *b)
{
    return compare_places(*(struct rule_state *const *)a, *(struct rule_state *const *)b);
}

/* A number may have been written twice. */
static size_t drop_doubles(struct rule_state **states, size_t count)
{
    size_t kept = 1;

    for (size_t i = 1; i < count; i++) {
        if (states[i] != states[kept - 1]) {
            states[kept++] = states[i];
        }
    }
    return kept;
}

struct rule_state **sieve_find(struct sieve *sieve, const struct link *link, size_t *count)
{
    const uint8_t *host;
    size_t length = address_host(&link->client, &host), always = find_key(sieve, ALWAYS, 0);

    *count = always;
    for (size_t i = 0; i < sieve->measure_count; i++) {
        if (sieve->measures[i].length == length) {
            *count = find_key(sieve, key_of_prefix(host, &sieve->measures[i]), *count);
        }
    }
    if (always < sieve->count) {
        *count = find_key(sieve, key_of_number(link->number), *count);
        *count = find_key(sieve, key_of_relay(link->relay->spec->name), *count);
    }
    if (*count > always) {
        qsort(sieve->found, *count, sizeof(*sieve->found), compare_found);
        *count = drop_doubles(sieve->found, *count);
    }
    return sieve->found;
}
