/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Losing the peer's segments before our kernel's TCP sees them: it neither acknowledges nor knows them, so the peer sends them again. All
 * segments: any user can, by asking for a hop count that none of them has (IP_MINTTL, IPV6_MINHOPCOUNT). Some of them: by a classic BPF
 * program on the socket, which sees each segment from its TCP header on (RFC 9293, section 3.1). A program remembers nothing, so what is
 * lost by lot is drawn from the segment's place in the stream: the same places each time. Called by relay/socket.c.
 */
#ifndef HANGUP_KERNEL_LOSS_H
#define HANGUP_KERNEL_LOSS_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum loss_what {
    LOSS_SEGMENTS, /* whatever comes */
    LOSS_DATA,     /* that carries bytes */
    LOSS_FIN,      /* with the FIN flag, and the bytes in front of it if they are in the same segment */
    LOSS_ACKS,     /* without bytes, SYN, FIN or RST */
};

enum loss_which {
    LOSS_ALL,   /* each of them */
    LOSS_LOT,   /* those whose place in the stream is drawn, but for the one at `place` */
    LOSS_PLACE, /* the one at `place` alone */
    LOSS_NONE,  /* none at the moment */
};

/* What is lost on one socket: a list of these. */
struct loss {
    struct loss *next;
    enum loss_what what;
    enum loss_which which;
    uint32_t over;  /* only segments with more bytes than this; 0: all */
    uint32_t share; /* LOSS_LOT: of 2^32 */
    uint32_t key;   /* LOSS_LOT: what is drawn depends on it */
    uint32_t first; /* LOSS_LOT: the sequence number that places count from, or for LOSS_ACKS the number acknowledged */
    uint32_t place; /* LOSS_LOT, LOSS_PLACE: how far behind `first` the segment begins */
};

/* The program that loses all that the list says, in the caller's room; returns its length, 0 if it would be longer than `room`. */
size_t loss_program(const struct loss *losses, struct sock_filter *program, size_t room);

/* Does the lot lose a segment at this place of the stream? What the program computes. */
bool loss_draws(const struct loss *loss, uint32_t place);

/* From now on the socket loses what the list says, and nothing else; NULL: nothing. -1 and errno: as before. */
int loss_apply(int fd, bool ipv6, const struct loss *losses);

#endif
