/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients: who comes again. For each client address and relay the vigils that wait for a later connection from there. A client is its
 * address without the port; all who come by a Unix socket are one. Called by the judge.
 */
#ifndef HANGUP_JUDGE_CLIENTS_H
#define HANGUP_JUDGE_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct client {
    sa_family_t family;
    uint8_t address[16];
};

struct client client_of(const struct sockaddr_storage *address);

/* A relay by its name, as a number: one that was removed and came again is the same. */
uint64_t clients_relay(const char *name);

/* Embedded in what waits for a client. */
struct waiting {
    struct waiting *next, *previous;
    struct return_place *place; /* NULL: it does not wait */
};

/* The waiting ones for one client at one relay. */
struct return_place {
    struct return_place *next; /* in its bucket */
    struct client client;
    uint64_t relay; /* clients_relay() of its name */
    struct waiting *first;
};

struct clients {
    struct return_place **buckets;
    size_t bucket_count, count;
};

/* `clients` zeroed before the first one. */
void clients_wait(struct clients *clients, struct waiting *waiting, const struct client *client, uint64_t relay);
void clients_forget(struct clients *clients, struct waiting *waiting); /* fine if it does not wait */

/* The first who waits for that client at that relay, or NULL. */
struct waiting *clients_waiting(const struct clients *clients, const struct client *client, uint64_t relay);

void clients_release(struct clients *clients); /* when nobody waits any more */

#endif
