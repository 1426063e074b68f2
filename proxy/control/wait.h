/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting: calls that are answered when a condition holds (so many links were seen, a rule has fired, a finding is there, a link is idle),
 * when it no longer can, or when their time is up. A condition is asked of the workers at first, and again whenever something happened
 * that may have made it true, or what is in force has changed.
 */
#ifndef HANGUP_CONTROL_WAIT_H
#define HANGUP_CONTROL_WAIT_H

#include <stdint.h>

struct call;
struct control;
struct waits;

struct waits *waits_new(struct control *control);
void waits_end(struct waits *waits);  /* when no errand is under way; who waits is not answered */
void waits_free(struct waits *waits); /* ended. NULL is fine */

void waits_handler(struct call *call); /* GET /v1/wait */

/* The kinds of notices that may make a condition true, a bit each; and: one of them came, or relays and rules have changed. */
uint64_t waits_want(const struct waits *waits);
void waits_look(struct waits *waits);

#endif
