/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients, in a hash table by address and relay.
 */
#include "judge/clients.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "engine/draw.h"
#include "rules/memory.h"

struct client client_of(const struct sockaddr_storage *address)
{
    struct client client = {.family = address->ss_family};
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        memcpy(client.address, &in->sin_addr, sizeof in->sin_addr);
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
        memcpy(client.address, &in6->sin6_addr, sizeof in6->sin6_addr);
    }
    return client;
}

uint64_t clients_relay(const char *name)
{
    return draw_key_text(0, name);
}

static size_t hash(const struct client *client, uint64_t relay)
{
    uint64_t value = client->family + UINT64_C(31) * relay;
    for (size_t i = 0; i < sizeof client->address; i++)
        value = (value ^ client->address[i]) * UINT64_C(0x100000001b3);
    return (size_t)(value ^ value >> 29);
}

static struct return_place *find(const struct clients *clients, const struct client *client, uint64_t relay)
{
    if (clients->bucket_count == 0)
        return NULL;
    struct return_place *place = clients->buckets[hash(client, relay) % clients->bucket_count];
    while (place && (place->relay != relay || place->client.family != client->family ||
                     memcmp(place->client.address, client->address, sizeof client->address) != 0))
        place = place->next;
    return place;
}

static void grow(struct clients *clients)
{
    struct clients grown = {.bucket_count = clients->bucket_count ? 2 * clients->bucket_count : 64, .count = clients->count};
    grown.buckets = xmalloc(grown.bucket_count * sizeof *grown.buckets);
    memset(grown.buckets, 0, grown.bucket_count * sizeof *grown.buckets);
    for (size_t i = 0; i < clients->bucket_count; i++) {
        for (struct return_place *place = clients->buckets[i], *next; place; place = next) {
            struct return_place **bucket = &grown.buckets[hash(&place->client, place->relay) % grown.bucket_count];
            next = place->next;
            place->next = *bucket;
            *bucket = place;
        }
    }
    free(clients->buckets);
    *clients = grown;
}

void clients_wait(struct clients *clients, struct waiting *waiting, const struct client *client, uint64_t relay)
{
    struct return_place *place = find(clients, client, relay);
    if (!place) {
        if (clients->count >= clients->bucket_count)
            grow(clients);
        struct return_place **bucket = &clients->buckets[hash(client, relay) % clients->bucket_count];
        place = xmalloc(sizeof *place);
        *place = (struct return_place){.next = *bucket, .client = *client, .relay = relay};
        *bucket = place;
        clients->count++;
    }
    *waiting = (struct waiting){.next = place->first, .place = place};
    if (place->first)
        place->first->previous = waiting;
    place->first = waiting;
}

static void remove_place(struct clients *clients, struct return_place *place)
{
    struct return_place **at = &clients->buckets[hash(&place->client, place->relay) % clients->bucket_count];
    while (*at != place)
        at = &(*at)->next;
    *at = place->next;
    free(place);
    clients->count--;
}

void clients_forget(struct clients *clients, struct waiting *waiting)
{
    struct return_place *place = waiting->place;
    if (!place)
        return;
    if (waiting->next)
        waiting->next->previous = waiting->previous;
    if (waiting->previous)
        waiting->previous->next = waiting->next;
    else
        place->first = waiting->next;
    *waiting = (struct waiting){.place = NULL};
    if (!place->first)
        remove_place(clients, place);
}

struct waiting *clients_waiting(const struct clients *clients, const struct client *client, uint64_t relay)
{
    const struct return_place *place = find(clients, client, relay);
    return place ? place->first : NULL;
}

void clients_release(struct clients *clients)
{
    free(clients->buckets);
    *clients = (struct clients){.buckets = NULL};
}
