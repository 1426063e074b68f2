/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which process a socket belongs to: its number, name and descriptor, from /proc. Only processes that the user may look into are found:
 * his own, or with root's rights all. What was found is remembered, since going through all of /proc takes milliseconds; so nobody who
 * must not wait asks here. Called by the lookout's thread and by commands.
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

/* Who has the socket with this inode open now. What it remembers is looked at again before it is said; all of /proc is gone through when
 * that does not help, but not so often that it would cost more than a twentieth of a processor. False: nobody whom we may see, or not
 * yet. */
bool processes_owner(struct processes *processes, uint64_t inode, struct owner *owner);

struct process_socket {
    uint64_t inode;
    int fd;
};

/* All sockets of one process. Yields how many, and a list of them that the caller frees; -1 and errno: it is not there (ENOENT), or may
 * not be looked into (EACCES). */
ssize_t process_sockets(pid_t pid, struct process_socket **list);

/* Its name, as above. False: there is no such process. */
bool process_name(pid_t pid, char name[PROCESS_NAME]);

/* The processor time that it has used so far, all its threads together, ns. False: there is no such process. */
bool process_time(pid_t pid, uint64_t *used);

#endif
