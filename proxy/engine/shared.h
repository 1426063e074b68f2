/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that the faults of one action have in common, for one relay and one speaker's flow (`throttle … shared`). Asked for through
 * fault_shared(); lives as long as the engine.
 */
#ifndef HANGUP_ENGINE_SHARED_H
#define HANGUP_ENGINE_SHARED_H

#include <stddef.h>

struct engine;
struct fault;

/* Zeroed when first asked for. The size must always be the same for the same action. */
void *shared_get(struct engine *engine, const struct fault *fault, size_t size);
void shared_free_all(struct engine *engine);

#endif
