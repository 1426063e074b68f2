/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The crowd: rules of all links that wait for a literal text, while there are many and none is at work on a link yet. They are not made
 * into instances, nor asked one by one: one filter at the front of each flow looks for all their texts together. At the first byte that
 * ends one of them, the whole crowd of that link become instances, as if they had been there from the beginning, and it goes to them.
 * For links that other rules choose as well there is no crowd: those may change what comes to the rules behind them.
 */
#ifndef HANGUP_ENGINE_CROWD_H
#define HANGUP_ENGINE_CROWD_H

#include <stdbool.h>
#include <stddef.h>

struct crowd;
struct crowd_link;
struct engine_link;
struct rule_state;

/* Of those that may be in one; NULL: too few. The states must outlive it. */
struct crowd *crowd_new(struct rule_state *const *states, size_t count);
void crowd_free(struct crowd *crowd); /* when no link has it any more; NULL is fine */

bool crowd_has(const struct crowd *crowd, const struct rule_state *state);

/* In their order. */
struct rule_state *const *crowd_states(const struct crowd *crowd, size_t *count);

/* A link on which nothing else is at work gets the crowd, in its beginning. */
void crowd_begin(struct crowd *crowd, struct engine_link *rules);

/* They become instances now. Not while bytes pass. Fine if the link has none. */
void crowd_dissolve(struct engine_link *rules);

/* The link is gone. */
void crowd_link_free(struct crowd_link *crowd);

#endif
