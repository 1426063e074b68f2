/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A roll: sockets of this machine with who has each of them, sorted by process and state; and how it is printed, for people or for
 * programs. Called by states.c.
 */
#ifndef HANGUP_CLI_ROLL_H
#define HANGUP_CLI_ROLL_H

#include <stdbool.h>
#include <stdio.h>

#include "kernel/processes.h"
#include "kernel/sockets.h"

struct roll_entry {
    struct socket_seen seen;
    struct owner owner; /* pid 0: nobody, or nobody whom we may see */
};

struct roll {
    struct roll_entry *list;
    size_t count;
};

/* Which sockets; zeroed: all. */
struct roll_wanted {
    pid_t pid;     /* that this process has open; 0: any */
    uint16_t port; /* at either end; 0: any */
};

/* False and errno: the kernel does not show its sockets, or the process may not be looked into. */
bool roll_call(struct roll *roll, const struct roll_wanted *wanted);
void roll_release(struct roll *roll);

/* By process: a line for each state with how many there are, and the single sockets of the states that should not last; at most `most` of
 * each. */
void roll_print(FILE *out, const struct roll *roll, size_t most);

/* A line for each socket, tabs between its fields: state, pid, process, descriptor, local address, remote address, uid, bytes unread, bytes
 * unacknowledged, for how long it is in CLOSE_WAIT at least and at most, in seconds; `-` for what is not known. */
void roll_print_fields(FILE *out, const struct roll *roll);

#endif
