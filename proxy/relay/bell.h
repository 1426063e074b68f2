/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bell of a relay at a loopback address that ignores SYNs until their servers have answered: it rings when the kernel has dropped one,
 * and the callers (callers.h) then say whose it was. Nothing wakes anybody for a SYN that is dropped, so that the bell looks at the
 * kernel's count (kernel/loss.h) again and again: a client waits for some milliseconds by it. For any user. Where SYNs may be held,
 * entrance.h is exact and faster; at an address where clients of other machines come, whom nobody here can ask for, everybody is connected
 * late. Made, hung up and ended by relay.c.
 */
#ifndef HANGUP_RELAY_BELL_H
#define HANGUP_RELAY_BELL_H

#include "kernel/sockets.h"

struct bell;
struct relay;

struct bell *bell_new(struct relay *relay);
void bell_free(struct bell *bell); /* NULL is fine */

/* The relay's listening socket ignores SYNs from now on, those that the bell is for; or it takes all, or a rule loses all. */
void bell_hang(struct bell *bell);
void bell_take_down(struct bell *bell);

/* Who is in connect() on this machine now, whomever he calls; NULL: the kernel did not say. */
void bell_answer(struct bell *bell, const struct socket_list *callers);

#endif
