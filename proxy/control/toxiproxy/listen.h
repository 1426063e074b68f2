/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a client wants of a proxy, and addresses as Go writes them: without a host it is all of them. Called by the api_ files here.
 */
#ifndef HANGUP_CONTROL_TOXIPROXY_LISTEN_H
#define HANGUP_CONTROL_TOXIPROXY_LISTEN_H

#include "control/part.h"
#include "control/toxiproxy/body.h"

/* Borrowed from its JSON. */
struct wanted {
    const char *name, *listen, *upstream;
    bool enabled;
};

/* Takes an object apart. `number`: which of a list, from 1, for messages; 0: of none. */
bool wanted_read(struct wanted *wanted, const json_t *object, size_t number, struct problem *problem);

/* As hangup writes it: `:80` and nothing at all are `[::]:80` and `[::]:0`. */
struct listen_text {
    char text[300];
};

struct listen_text listen_address(const char *listen);

/* Whether there is a port at all; `front` stands in front of what is said in Toxiproxy's words. */
bool listen_check(const char *listen, const char *front, struct problem *problem);

/* Whether a relay listens there already. One that asks for any port never does. */
bool listen_is_same(const char *listen, const struct part_relay *relay);

#endif
