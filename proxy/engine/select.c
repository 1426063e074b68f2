/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which links a rule chooses; the counts by client address are a hash table, that only a rule with `of each client` has.
 */
#include "engine/select.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "engine/draw.h"
#include "relay/address.h"
#include "relay/relay.h"

/* The words of `( connections | clients )`. */
#define OF_CLIENTS 1

/* One client at one relay: its address in 16 bytes, zeros behind shorter ones. */
struct client_count {
    uint8_t host[16];
    size_t length;
    const struct relay *relay;
    uint64_t count; /* 0: the place is free */
};

/* Open addressing, at most half full, a power of two. */
struct select_counts {
    struct client_count *places;
    size_t capacity, used;
};

static bool counts_by_client(const struct selector *selector)
{
    const struct phrase *phrase = &selector->phrase;

    return (phrase->row->id == SELECT_CONNECTIONS || phrase->row->id == SELECT_EVERY) && phrase->values[1].present;
}

struct select_counts *select_counts_new(const struct rule *rule)
{
    struct select_counts *counts;
    bool needed = false;

    for (size_t i = 0; i < rule->selector_count; i++) {
        needed = needed || counts_by_client(&rule->selectors[i]);
    }
    if (!needed) {
        return NULL;
    }
    counts = calloc(1, sizeof(*counts));
    if (counts == NULL) {
        abort();
    }
    return counts;
}

void select_counts_free(struct select_counts *counts)
{
    if (counts != NULL) {
        free(counts->places);
        free(counts);
    }
}

static struct client_count *find_place(const struct select_counts *counts, const struct client_count *client)
{
    uint64_t key = draw_key_number(draw_key_bytes(0, client->host, client->length), (uintptr_t)client->relay);
    size_t at = (size_t)key & (counts->capacity - 1);

    while (counts->places[at].count > 0
           && (counts->places[at].relay != client->relay || counts->places[at].length != client->length
               || memcmp(counts->places[at].host, client->host, sizeof(client->host)) != 0)) {
        at = (at + 1) & (counts->capacity - 1);
    }
    return &counts->places[at];
}

static void counts_grow(struct select_counts *counts)
{
    struct select_counts larger = {.used = counts->used, .capacity = counts->capacity == 0 ? 64 : counts->capacity * 2};

    larger.places = calloc(larger.capacity, sizeof(*larger.places));
    if (larger.places == NULL) {
        abort();
    }
    for (size_t i = 0; i < counts->capacity; i++) {
        if (counts->places[i].count > 0) {
            *find_place(&larger, &counts->places[i]) = counts->places[i];
        }
    }
    free(counts->places);
    *counts = larger;
}

uint64_t select_count_client(struct select_counts *counts, const struct link *link)
{
    struct client_count client = {.relay = link->relay}, *place;
    const uint8_t *host;

    client.length = address_host(&link->client, &host);
    if (client.length > 0) {
        memcpy(client.host, host, client.length);
    }
    if (counts->used * 2 >= counts->capacity) {
        counts_grow(counts);
    }
    place = find_place(counts, &client);
    if (place->count == 0) {
        *place = client;
        counts->used++;
    }
    return ++place->count;
}

static bool is_listed(const struct value *ordinals, uint64_t number)
{
    for (size_t i = 0; i < ordinals->ordinals.count; i++) {
        const struct range *range = &ordinals->ordinals.list[i];

        if (number >= range->low && number <= range->high) {
            return true;
        }
    }
    return false;
}

static bool prefix_holds(const struct prefix *prefix, const struct sockaddr_storage *address)
{
    const uint8_t *host;
    size_t length = address_host(address, &host), whole = prefix->bits / 8;
    unsigned rest = prefix->bits % 8;

    if (length != (prefix->family == AF_INET ? 4u : 16u) || memcmp(host, prefix->address, whole) != 0) {
        return false;
    }
    return rest == 0 || (host[whole] ^ prefix->address[whole]) >> (8 - rest) == 0;
}

static bool share_holds(const char *lot, const struct phrase *phrase, const struct link *link, uint64_t seed)
{
    uint64_t key = draw_key_text(draw_key_text(draw_key(seed), link->relay->spec->name), lot);
    const uint8_t *host;

    if (phrase->values[1].word == OF_CLIENTS) {
        size_t length = address_host(&link->client, &host);

        key = draw_key_bytes(key, host, length);
    } else {
        key = draw_key_number(key, link->number);
    }
    return draw_unit(draw_key_text(key, "share"), 0) < phrase->values[0].share;
}

static bool selector_holds(
    const struct selector *selector, const char *lot, const struct link *link, uint64_t seed, const struct select_numbers *numbers)
{
    const struct phrase *phrase = &selector->phrase;
    const struct value *first = &phrase->values[0];
    uint64_t number = counts_by_client(selector) ? numbers->of_client : numbers->of_relay;

    switch ((enum selector_id)phrase->row->id) {
    case SELECT_CONNECTIONS:
        return is_listed(first, number);
    case SELECT_OVER_AT_ONCE:
        return link->relay->open_count > first->range.low;
    case SELECT_EVERY:
        return number > 0 && number % first->nth == 0;
    case SELECT_SHARE:
        return share_holds(lot, phrase, link, seed);
    case SELECT_CLIENT:
        return prefix_holds(&first->prefix, &link->client);
    case SELECT_RELAY:
        return strcmp(link->relay->spec->name, first->name) == 0;
    case SELECT_TLS_NAME:
    case SELECT_TLS_PROTOCOL:
        return !selector->negated; /* asked when the hello has come: look_hello_holds() */
    }
    return false;
}

bool select_holds(
    const struct rule *rule, const char *lot, const struct link *link, uint64_t seed, const struct select_numbers *numbers)
{
    for (size_t i = 0; i < rule->selector_count; i++) {
        const struct selector *selector = &rule->selectors[i];

        if (selector_holds(selector, lot != NULL ? lot : rule->name, link, seed, numbers) == selector->negated) {
            return false;
        }
    }
    return true;
}
