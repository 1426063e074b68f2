/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that the faults of one action have in common, for one relay and one speaker's flow (`throttle … shared`). Asked for through
 * fault_shared(); lives as long as the rule.
 */
#ifndef HANGUP_ENGINE_SHARED_H
#define HANGUP_ENGINE_SHARED_H

#include <stddef.h>

struct fault;
struct rule_state;

/* Zeroed when first asked for. The size must always be the same for the same action. */
void *shared_get(struct rule_state *state, const struct fault *fault, size_t size);
void shared_free_all(struct rule_state *state);

#endif
