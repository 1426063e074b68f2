/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Callers: who on this machine is in connect() and not answered yet. A thread of its own asks the kernel for them (sock_diag, all sockets
 * in SYN_SENT), because that takes some milliseconds, in which a worker would move no byte; what it finds goes to the worker as a message,
 * and to the bells (bell.h) of its relays. Not for what is asked of one socket, which is fast (kernel/sockets.h), nor for links
 * (lookout.h). Set up by cli/session.c; asked by bell.c.
 */
#ifndef HANGUP_RELAY_CALLERS_H
#define HANGUP_RELAY_CALLERS_H

#include <stdbool.h>

struct callers;
struct worker;

/* Whether this kernel shows its sockets, and counts what they drop. */
bool callers_can_be_seen(void);

/* For the relays of this worker, from the next that it opens on. NULL and errno: the kernel does not show its sockets, or there is no
 * thread to be had. */
struct callers *callers_start(struct worker *worker);

/* On the worker's thread: each bell is answered, with what is true after this call. Nothing happens once it is stopped. */
void callers_ask(struct callers *callers);

/* Ends the thread; an answer that is still in the worker's inbox is heard by nobody. NULL is fine, here and below. */
void callers_stop(struct callers *callers);

/* Stopped, and the worker's inbox is empty, and its relays gone. */
void callers_free(struct callers *callers);

#endif
