/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shelf: the toxics that clients have made, by the name of their proxy. A proxy itself is a relay of ours and stands on the desk; this
 * is the rest of what Toxiproxy's clients are told of it. Called by the api_ files here.
 */
#ifndef HANGUP_CONTROL_TOXIPROXY_SHELF_H
#define HANGUP_CONTROL_TOXIPROXY_SHELF_H

#include "control/toxiproxy/toxic.h"

/* Of one proxy. */
struct shelf {
    struct shelf *next;
    char *proxy;
    struct toxic *toxics; /* in the order in which they were made, both directions; owned */
};

/* Of all. Zeroed before the first. */
struct shelves {
    struct shelf *first;
};

void shelves_release(struct shelves *shelves);

struct toxic *shelves_find(const struct shelves *shelves, const char *proxy, const char *name); /* or NULL */
struct toxic *shelves_first(const struct shelves *shelves, const char *proxy);                  /* or NULL; the others behind it */
void shelves_add(struct shelves *shelves, const char *proxy, struct toxic *toxic);              /* takes it */
void shelves_remove(struct shelves *shelves, const char *proxy, const char *name);              /* frees it; fine if there is none */
void shelves_clear(struct shelves *shelves, const char *proxy);                                 /* the proxy is gone */

/* As clients are told: upstream's first, then downstream's. A new reference. */
json_t *shelves_json(const struct shelves *shelves, const char *proxy);

#endif
