/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A porch in front of a listening socket: whoever knocks waits there until he is let in. A filter on the listening socket drops
 * each SYN from afar; a raw socket hears it. To let the client in, the same SYN is sent to ourselves once more with a hop count of 0, which
 * the filter lets pass, so that the kernel accepts it with all its options; to turn him away, we answer in the kernel's place. All of it
 * goes with its sockets: nothing is left behind by a process that is killed. Needs CAP_NET_ADMIN and CAP_NET_RAW (NEED_HELD_SYN).
 */
#ifndef HANGUP_KERNEL_PORCH_H
#define HANGUP_KERNEL_PORCH_H

#include "kernel/packet.h"

struct porch;

enum porch_heard {
    PORCH_NOTHING, /* nobody is there for now */
    PORCH_SYN,     /* a client knocks, or knocks again */
    PORCH_RST,     /* a client that was let in, or one that is connected, says no */
    PORCH_NOISE,   /* something that was damaged on its way, or is not for us: listen again */
};

/* Hears what comes in for this port by IPv4 (AF_INET) or IPv6 (AF_INET6). NULL and errno. */
struct porch *porch_open(int family, uint16_t port);
void porch_close(struct porch *porch); /* NULL is fine */

int porch_fd(const struct porch *porch); /* readable when somebody is there */
enum porch_heard porch_hear(struct porch *porch, struct syn *syn);

/* The listening socket takes SYNs only from porches, or again from all. Those that it accepts must be let go of, each. -1 and errno. */
int porch_shut(int listening);
void porch_unshut(int listening);
void porch_let_go(int accepted);

void porch_let_in(struct porch *porch, const struct syn *syn);

/* Binds a socket to an address at which another one of ours listens. -1 and errno. */
int porch_bind_beside(int fd, const struct sockaddr *address, socklen_t length);

/* The client's connect() fails with this errno; ECONNREFUSED where the family has no way to say it. */
void porch_turn_away(struct porch *porch, const struct syn *syn, int error);

#endif
