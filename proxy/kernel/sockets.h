/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The TCP sockets of this machine, as its kernel shows them to anybody (sock_diag, by netlink): of one connection or of many, with state,
 * owner and queues. It sees the network namespace in which it was opened and no other. For what process a socket belongs to see
 * processes.h; for what a socket of our own says, relay/stream.h. Called by whoever has to know what an application's socket is doing.
 */
#ifndef HANGUP_KERNEL_SOCKETS_H
#define HANGUP_KERNEL_SOCKETS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/vocab.h"

/* A connection, as one of its two sockets names it. IPv4 and IPv6; an IPv4 address that is mapped into IPv6 means the IPv4 one. */
struct socket_pair {
    struct sockaddr_storage local, remote;
};

/* One socket. */
struct socket_seen {
    struct socket_pair pair; /* mapped addresses are IPv4 ones here; of a listening socket the remote address is zero */
    enum tcp_state state;    /* never CLOSE: the kernel does not list those */
    uint64_t inode;          /* of its descriptor; 0: no process has it open (TIME_WAIT, SYN_RECV, closed and still saying goodbye) */
    uint32_t uid;            /* of who made it */
    uint32_t unread;         /* bytes in its receive queue, its peer's FIN as one; LISTEN: connections that wait for accept() */
    uint32_t unacked;        /* bytes in its send queue, its own FIN as one; LISTEN: how many may wait */
    bool detailed;           /* what follows was asked for, and the kernel said it (not of TIME_WAIT and SYN_RECV) */
    uint64_t heard_ago;      /* ns since data came last; a FIN without data does not count */
    uint64_t acked_ago;      /* ns since a segment came last that acknowledged something or could have */
    uint64_t sent_ago;       /* ns since data was sent last */
    uint64_t received;       /* bytes that came, its peer's FIN as one */
    uint64_t sent;           /* bytes that were sent, repeated ones too */
};

/* Which sockets. Zeroed: all. */
struct sockets_wanted {
    int family;           /* AF_INET, AF_INET6, or 0: both. A socket made as IPv6 is one even if its connection is IPv4 */
    uint32_t states;      /* SOCKET_STATE() bits; 0: all */
    uint16_t local_port;  /* 0: any */
    uint16_t remote_port; /* 0: any. All that try to connect to a port: this, and SOCKET_STATE(STATE_SYN_SENT) */
    bool detailed;
};

#define SOCKET_STATE(state) (UINT32_C(1) << (state))

/* What a dump found; its memory is used again by the next one. Zeroed before the first. */
struct socket_list {
    struct socket_seen *list;
    size_t count, capacity;
};

/* A way to ask. Of one thread at a time; asking takes some microseconds, a dump a millisecond for each few thousand sockets. */
struct sockets;

struct sockets *sockets_open(void); /* NULL and errno */
void sockets_close(struct sockets *sockets); /* NULL is fine */

/* 1: there is that very socket, and *seen says what it is like; 0: there is none, or it is CLOSE; -1 and errno: the kernel does not say. */
int sockets_find(struct sockets *sockets, const struct socket_pair *pair, bool detailed, struct socket_seen *seen);

/* Ends that very socket, whoever it belongs to: its calls fail with ECONNABORTED, its peer gets RST. It must have been found just before:
 * where there is no such connection the kernel would take who listens at its address. -1 and errno: not allowed (CAP_NET_ADMIN). */
int sockets_destroy(struct sockets *sockets, const struct socket_pair *pair);

/* All sockets that are wanted, in no order. -1 and errno: the kernel does not say, or was interrupted too often. */
int sockets_dump(struct sockets *sockets, const struct sockets_wanted *wanted, struct socket_list *found);
void socket_list_release(struct socket_list *found);

/* The addresses of a socket of our own, seen from the other side: those of the application's socket. False: it is no TCP socket, or has
 * no peer any more and did not remember one. */
bool socket_pair_facing(int fd, struct socket_pair *pair);

uint16_t socket_port(const struct sockaddr_storage *address); /* host byte order */
bool socket_pair_equal(const struct socket_pair *one, const struct socket_pair *other);
uint64_t socket_pair_hash(const struct socket_pair *pair);

#endif
