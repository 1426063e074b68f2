/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dialling: from a link's server address to a connected socket, without ever waiting. A name is resolved when a link needs it, its
 * addresses are tried one after the other. Ends in link_connected() or link_refused(), exactly once, unless it is cancelled. Frees
 * itself.
 */
#ifndef HANGUP_RELAY_DIAL_H
#define HANGUP_RELAY_DIAL_H

#include "kernel/sockets.h"

struct dial;
struct link;

void dial_start(struct link *link); /* sets link->dial, unless it failed at once */
void dial_ready(struct dial *dial); /* the socket that is connecting says something */

/* The server's end of the connection that is being tried, as its own socket names it. False: none is, or it is no TCP. */
bool dial_facing(const struct dial *dial, struct socket_pair *pair);

void dial_cancel(struct dial *dial);

#endif
