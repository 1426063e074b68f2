/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Losing the peer's segments before our kernel's TCP sees them: it neither acknowledges nor knows them, so the peer sends them again. All
 * segments: any user can, by asking for a hop count that none of them has (IP_MINTTL, IPV6_MINHOPCOUNT). All of a kind: by a classic BPF
 * program on the socket, which sees each segment from its TCP header on (RFC 9293, section 3.1). A program remembers nothing: what is to be
 * lost one by one takes a detour (detour.h), for which the program loses all that have not. Called by relay/socket.c and
 * relay/relay.c; what a listening socket has lost is counted by relay/bell.c.
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
    LOSS_AFAR,     /* that does not come to our TCP by a detour */
};

/* What is lost on one socket: a list of these. */
struct loss {
    struct loss *next;
    enum loss_what what;
    uint32_t over;  /* only segments with more bytes than this; 0: all */
};

/* The program that loses all that the list says, in the caller's room; returns its length, 0 if it would be longer than `room`. */
size_t loss_program(const struct loss *losses, struct sock_filter *program, size_t room);

/* Would it lose a segment with these flags and so many bytes, from afar? */
bool loss_means(const struct loss *loss, uint8_t flags, size_t bytes);

/* From now on the socket loses what the list says, and nothing else; NULL: nothing. -1 and errno: as before. */
int loss_apply(int fd, bool ipv6, const struct loss *losses);

/* So many segments has the kernel dropped at this socket, for whatever reason; the number may wrap. 0: it does not say. */
uint32_t loss_count(int fd);
bool loss_is_counted(void); /* whether it does say (SO_MEMINFO, Linux 4.12) */

#endif
