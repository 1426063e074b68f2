/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which process a socket belongs to: its number, name and descriptor, from /proc. Only processes that the user may look into are found:
 * his own, or with root's rights all. What was found is remembered, since going through all of /proc takes milliseconds: that is done in
 * rounds of several slices, and only so often that it costs a twentieth of a processor at most. Processes with many hundred descriptors
 * have rounds of their own, so that the others need not wait for them. Called by the lookout's thread and by commands.
 */
#ifndef HANGUP_KERNEL_PROCESSES_H
#define HANGUP_KERNEL_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/process.h"

/* A process that has a socket open. pid 0: none that we may see. */
struct owner {
    pid_t pid;
    int fd;                  /* the lowest of its descriptors for that socket */
    char name[PROCESS_NAME]; /* as in /proc/PID/comm; control characters and what is no ASCII become `?` */
    unsigned others;         /* so many other processes have it open as well: inherited, or passed on */
};

struct processes;

struct processes *processes_new(void);
void processes_free(struct processes *processes); /* NULL is fine */

/* Who has the socket with this inode open now, by the last rounds; that is looked at again before it is said. 1: *owner says who; 0: nobody
 * whom we may see, in rounds that began after `asked_at` (ns); -1: not known yet, a walk may find it. */
int processes_owner(const struct processes *processes, uint64_t inode, uint64_t asked_at, struct owner *owner);

/* Walks on, or begins a round, for about `slice` ns of processor time. True: that was the end of a round, more may be known now. */
bool processes_walk(struct processes *processes, uint64_t slice);

/* Goes through all of it at once: for commands, which have the time. */
void processes_walk_all(struct processes *processes);

/* ns: when the next slice is due. Nothing keeps from walking sooner, but that it would cost more than it should. */
uint64_t processes_next_slice(const struct processes *processes);

#endif
