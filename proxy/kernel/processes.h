/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which process a socket belongs to: its number, name and descriptor, from /proc. Only processes that the user may look into are found:
 * his own, or with root's rights all. What was found is remembered in a table, since going through all of /proc takes milliseconds: such a
 * walk is done in slices, and only so often that it costs a twentieth of a processor. Called by the lookout's thread and by commands.
 */
#ifndef HANGUP_KERNEL_PROCESSES_H
#define HANGUP_KERNEL_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_NAME 16 /* with its NUL; longer ones are cut by the kernel */

/* A process that has a socket open. pid 0: none that we may see. */
struct owner {
    pid_t pid;
    int fd;                  /* the lowest of its descriptors for that socket */
    char name[PROCESS_NAME]; /* as in /proc/PID/comm; control characters and what is no UTF-8 become `?` */
    unsigned others;         /* so many other processes have it open as well: inherited, or passed on */
};

struct processes;

struct processes *processes_new(void);
void processes_free(struct processes *processes); /* NULL is fine */

/* Who has the socket with this inode open now, by the table of the last walk; that is looked at again before it is said. 1: *owner says
 * who; 0: nobody whom we may see, in a walk that began after `asked_at` (ns); -1: not known yet, a walk may find it. */
int processes_owner(const struct processes *processes, uint64_t inode, uint64_t asked_at, struct owner *owner);

/* Walks on, or begins a walk, for about `slice` ns of processor time. True: that was the end of it, and the table is new. */
bool processes_walk(struct processes *processes, uint64_t slice);

/* ns: when the next slice is due. Nothing keeps from walking sooner, but that it would cost more than it should. */
uint64_t processes_next_slice(const struct processes *processes);

struct process_socket {
    uint64_t inode;
    int fd;
};

/* All sockets of one process. Yields how many, and a list of them that the caller frees; -1 and errno: it is not there (ENOENT), or may
 * not be looked into (EACCES). */
ssize_t process_sockets(pid_t pid, struct process_socket **list);

/* Its name, as above. False: there is no such process. */
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
