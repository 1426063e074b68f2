/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The door: where HTTP requests come in. It listens, lets in so many visitors at a time, sends away who may not come in (guard.h), hands
 * calls to their routes, and puts out who takes too long over a request or an answer. libevent's evhttp speaks the protocol.
 */
#ifndef HANGUP_CONTROL_DOOR_H
#define HANGUP_CONTROL_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct control;
struct event;
struct evhttp_request;

/* One connection of a client of ours. */
struct visitor {
    struct visitor *next;
    struct door *door;
    struct bufferevent *stream; /* held: freed when evhttp has let go of it */
    uint64_t since;             /* ns: when it came, or was last answered */
    bool put_out;               /* its connection is closing */
    struct call *call;          /* that it waits for; NULL: it is to ask */
    struct event *leaves;       /* hears that it closes, while somebody cares */
};

struct door *door_open(struct control *control, const char *address, char *error, size_t size);
const char *door_address(const struct door *door);
bool door_is_private(const struct door *door); /* a loopback address, or a Unix socket */
size_t door_descriptors(const struct door *door);
bool door_start(struct door *door); /* on the control thread: from now on it is opened */
void door_close(struct door *door); /* NULL is fine */

/* For calls: tells call->gone as soon as its visitor closes its connection. */
void door_watch(struct visitor *visitor);
void door_answered(struct visitor *visitor); /* the answer is complete: it may ask again */

uint64_t door_requests(const struct door *door);
size_t door_visitors(const struct door *door);

#endif
