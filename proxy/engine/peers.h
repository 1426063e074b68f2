/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Peers: the engines of all workers, and what they tell each other because no worker sees it all: that a client has come again, that a
 * signal was given. It goes by the workers' inboxes. A single engine has no peers. Called by engine.c; made by whoever makes the engines.
 */
#ifndef HANGUP_ENGINE_PEERS_H
#define HANGUP_ENGINE_PEERS_H

#include <stddef.h>

struct engine;
struct link;

struct peers {
    struct engine *const *engines;
    size_t count;
};

/* To all engines but this one. */
void peers_tell_client(const struct engine *engine, const struct link *opened);
void peers_tell_signal(const struct engine *engine, const char *name);

#endif
