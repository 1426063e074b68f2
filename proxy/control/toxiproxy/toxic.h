/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A toxic: what Toxiproxy calls a fault of one direction of a proxy, as a client made it: a name, a type with its attributes, a stream, a
 * share of the connections. Here it is a value with JSON on one side and rules of ours on the other (effect.h); it runs nothing. The
 * types and their attributes are one table, which the manual is made from too. Called by the api_ files here.
 */
#ifndef HANGUP_CONTROL_TOXIPROXY_TOXIC_H
#define HANGUP_CONTROL_TOXIPROXY_TOXIC_H

#include "control/toxiproxy/body.h"

enum toxic_type { TOXIC_LATENCY, TOXIC_BANDWIDTH, TOXIC_SLOW_CLOSE, TOXIC_TIMEOUT, TOXIC_RESET_PEER, TOXIC_SLICER, TOXIC_LIMIT_DATA,
    TOXIC_PACKET_LOSS, TOXIC_NOOP, TOXIC_TYPES };

#define TOXIC_ATTRIBUTES 3

struct toxic_attribute {
    const char *name;  /* NULL: no more of them */
    const char *help;  /* with its unit */
    bool share;        /* a number from 0 to 1 that may have a fraction; else a whole number */
    json_int_t least, most;
};

struct toxic_kind {
    const char *name;
    const char *help; /* what the applications feel, in our own rules' words; and where that differs from Toxiproxy */
    struct toxic_attribute attributes[TOXIC_ATTRIBUTES];
};

extern const struct toxic_kind toxic_kinds[TOXIC_TYPES];

struct toxic {
    struct toxic *next;   /* of its proxy: in the order in which they were made */
    enum toxic_type type;
    char *name;
    char *stream;         /* as the client spelled it */
    bool upstream;        /* what it spells: true for what the client says */
    double toxicity;      /* 0 to 1: the share of the connections */
    json_int_t whole[TOXIC_ATTRIBUTES];
    double share[TOXIC_ATTRIBUTES]; /* of those attributes that are one */
};

/* Name, stream and type, or their defaults; toxic_take() takes the rest. NULL and a problem. */
struct toxic *toxic_new(const json_t *body, struct problem *problem);
void toxic_free(struct toxic *toxic);
struct toxic *toxic_copy(const struct toxic *toxic);
void toxic_copy_values(struct toxic *toxic, const struct toxic *from); /* toxicity and attributes, of one of its type */

/* The toxicity and the attributes that the body has, all or none of them. */
bool toxic_take(struct toxic *toxic, const json_t *body, struct problem *problem);

/* As clients are told of it; a new reference. */
json_t *toxic_json(const struct toxic *toxic);

#endif
