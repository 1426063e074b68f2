/* SPDX-License-Identifier: BSD-2-Clause */
/* A script's sockets by name. A name stays known after its socket is closed: what the kernel still has of it may be asked for. */
#ifndef HANGUP_TOOLS_PEER_CONNECTION_H
#define HANGUP_TOOLS_PEER_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/peer/address.h"

struct connection {
    struct connection *next;
    char *name;             /* "" is the one that lines without a name mean */
    int fd;                 /* -1: none, or closed */
    int family;             /* AF_INET …, once there was a socket */
    bool is_listener;
    uint64_t sent;          /* bytes that send() took */
    uint64_t sent_pattern;  /* of these, how many were of the pattern: where it goes on */
    uint64_t heard_pattern; /* likewise of those received */
    struct address local;   /* since connected */
    struct address remote;
};

/* All connections of a script. */
struct connections {
    struct connection *newest;
};

/* The connection of that name; made when there is none yet. */
struct connection *connections_get(struct connections *all, const char *name);

/* The connection that listened last, or NULL. */
struct connection *connections_listener(struct connections *all);

/* Takes note of both addresses of a connected socket. */
void connection_note_addresses(struct connection *connection);

/* Closes the socket, if there is one, and returns what close() did. */
int connection_close(struct connection *connection);

/* Closes no socket: one that the script left open is left to the process's exit, as a leak is. */
void connections_free(struct connections *all);

#endif
