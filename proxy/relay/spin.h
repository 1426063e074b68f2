/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spinning: a process that goes round and round over a socket that is at its end (read() returns 0, poll() returns at once), in the place
 * of closing it. What is known for sure is what /proc tells of the whole process: that it never sleeps, calls the kernel all the time, and
 * moves no byte, or that its reads return nothing, while that socket waits to be closed. A process that computes, or serves others, is none
 * of these. Called by the lookout's thread for sockets in CLOSE_WAIT.
 */
#ifndef HANGUP_RELAY_SPIN_H
#define HANGUP_RELAY_SPIN_H

#include "kernel/process.h"
#include "kernel/processes.h"
#include "kernel/sockets.h"

#define SPIN_TEXT 192

/* One process under suspicion. */
struct spin {
    pid_t pid;
    uint64_t looked_at;   /* ns: when one of its sockets was last seen so */
    struct effort before; /* when a time of observation began; `at` 0: none has */
    uint64_t moved;       /* bytes that its sockets had moved then */
    bool suspected;       /* it was so in the time before, too */
    bool found;           /* it spins: said once */
};

/* Those under suspicion, zeroed at first. Beyond so many processes at a time the one that was looked at longest ago is forgotten. */
#define SPINS_MOST 16
struct spins {
    struct spin list[SPINS_MOST];
};

/* At `at`, that process has a socket that is at its end, all of it read. True, once for each process: it spins, and `text` says how that is
 * known. Best called a few times a second. */
bool spins_look(struct spins *spins, const struct owner *owner, struct sockets *sockets, uint64_t at, char text[SPIN_TEXT]);

#endif
