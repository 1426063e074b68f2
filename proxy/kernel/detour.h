/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A detour: the segments of a connected peer come to us in front of our kernel's TCP, which gets those that we send on, when and in what
 * order we do. A raw socket hears them, while a filter keeps the TCP socket from taking them (LOSS_AFAR, loss.h: its owner sees to that);
 * one that is sent on goes to ourselves with a hop count of 0, which that filter lets pass. What goes to the peer takes no detour: nothing
 * of ours stands in its kernel. All of it goes with its sockets, so a process that is killed leaves nothing behind. Needs CAP_NET_RAW, and
 * CAP_NET_ADMIN for the filter. Called by relay/inlet.c.
 */
#ifndef HANGUP_KERNEL_DETOUR_H
#define HANGUP_KERNEL_DETOUR_H

#include <stddef.h>
#include <stdint.h>

struct detour;

/* One that was heard. Linux may join what the peer sent as several (GRO), or never cut it at all (loopback): it is one then. */
struct segment {
    struct segment *next; /* its holder's */
    uint64_t due;         /* its holder's: ns */
    uint32_t sequence, acknowledged; /* absolute (RFC 9293, section 3.1) */
    uint8_t flags, traffic_class;
    size_t bytes;  /* that it carries */
    size_t length; /* of all that follows */
    uint8_t tcp[]; /* from the TCP header on */
};

/* Of this connected TCP socket. NULL and errno. */
struct detour *detour_open(int connected);
void detour_close(struct detour *detour); /* NULL is fine */

int detour_fd(const struct detour *detour); /* readable when there is one to be heard */

/* The next one, which is the caller's to free(); NULL: there is none for now. */
struct segment *detour_hear(struct detour *detour);
struct segment *segment_copy(const struct segment *segment);

/* It hears nothing new; what it has heard by now is still there. */
void detour_stop(const struct detour *detour);

/* To our own TCP. One that the kernel does not take is lost on its way: the peer's TCP sends it again. */
void detour_send(const struct detour *detour, const struct segment *segment);

#endif
