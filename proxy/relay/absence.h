/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that is absent: it has refused, and until it is back the relay refuses as well, so that its clients' own connect fails as on a
 * direct connection. For relays that hold no SYNs, and, but for those that ignore them (bell.h), only while there is no rule that wants to
 * hear of attempts. It is tried again and again meanwhile; the connection by which it is found to be back is kept for the next client, so
 * that the server sees no more connections than clients. Called by relay.c, link.c and dial.c, on the relay's own worker.
 */
#ifndef HANGUP_RELAY_ABSENCE_H
#define HANGUP_RELAY_ABSENCE_H

struct absence;
struct relay;

/* Its server has refused a link with this errno. */
void absence_begin(struct relay *relay, int error);

/* The connection to the server that is left from looking for it, or -1. It is the caller's. */
int absence_take(struct relay *relay);

/* The relay listens no more: nobody is looked for. */
void absence_end(struct relay *relay);

#endif
