/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One process, as /proc shows it: its name, its sockets, what it has done so far. Whom a socket belongs to says kernel/processes.h. Called
 * by that, by the lookout's thread, and by commands.
 */
#ifndef HANGUP_KERNEL_PROCESS_H
#define HANGUP_KERNEL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_NAME 16 /* with its NUL; longer ones are cut by the kernel */

struct process_socket {
    uint64_t inode;
    int fd;
};

/* The sockets of a process, among the first `most` of its descriptors (SIZE_MAX: all). Yields how many, and a list of them that the caller
 * frees; *looked_at (NULL is fine) becomes the number of those descriptors. -1 and errno: it is not there (ENOENT), or may not be looked
 * into (EACCES). */
ssize_t process_sockets(pid_t pid, size_t most, struct process_socket **list, size_t *looked_at);

/* Whether its descriptor `fd` is the socket with that inode, now. */
bool process_has_socket(pid_t pid, int fd, uint64_t inode);

/* Its name, as in /proc/PID/comm; control characters and what is no ASCII become `?`. False: there is no such process. */
bool process_name(pid_t pid, char name[PROCESS_NAME]);

/* What a process has done since it began, all its threads together (of at most 256 of them, where the kernel tells it of each). */
struct effort {
    uint64_t at;            /* ns, monotonic: when this was looked at */
    uint64_t user, kernel;  /* ns of processor time, in hundredths of a second */
    uint64_t awake;         /* ns running, or waiting for a processor; exact */
    uint64_t sleeps;        /* how often it gave up the processor to wait for something */
    uint64_t faults;        /* pages that it had to be given */
    uint64_t reads;         /* read() and its like; recv() does not count */
    uint64_t read, written; /* bytes by read(), write() and their like */
};

/* False: there is no such process, or it may not be looked into. */
bool process_effort(pid_t pid, struct effort *effort);

#endif
