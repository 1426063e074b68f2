/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A courier: an observer of one worker that takes what is told there to those who live on another worker's thread, the first one's: in
 * order, as copies, all of a turn at once, and without their links. So there is one judge however many workers there are. Bytes are not
 * carried: who counts them is told on each worker's own thread. Made by the session for each worker but the first.
 */
#ifndef HANGUP_RELAY_COURIER_H
#define HANGUP_RELAY_COURIER_H

#include "relay/notice.h"

struct inbox;
struct courier;

/* `home` and `listeners` belong to the thread where the listeners live, and outlive the courier. */
struct courier *courier_new(struct inbox *home, const struct observers *listeners);
void courier_free(struct courier *courier); /* sends off what it has; NULL is fine */

struct observer *courier_observer(struct courier *courier);

/* At the end of the turn of the worker that it observes, on its thread, while what was told is still there. */
void courier_send(struct courier *courier);

#endif
