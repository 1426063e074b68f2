/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entrances of a relay that holds SYNs: a porch (kernel/porch.h) for each family that its listening socket hears. Whoever knocks
 * becomes an attempt and its link. Made and ended by relay.c.
 */
#ifndef HANGUP_RELAY_ENTRANCE_H
#define HANGUP_RELAY_ENTRANCE_H

struct entrances;
struct relay;

/* Holds the SYNs that come to the relay's listening socket from now on; its attempts are there already. NULL and errno: not allowed. */
struct entrances *entrances_open(struct relay *relay);
void entrances_close(struct entrances *entrances); /* NULL is fine */

#endif
