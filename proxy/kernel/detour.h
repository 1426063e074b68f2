/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A detour: the segments of a connected peer come to us in front of our kernel's TCP, which gets those that we send on, when and in what
 * order we do. A raw socket hears them, while a filter keeps the TCP socket from taking them (LOSS_AFAR, loss.h: its owner sees to that);
 * one that is sent on goes to ourselves with a hop count of 0, which that filter lets pass. What goes to the peer takes no detour: nothing
 * of ours stands in its kernel. Detours of one family and thread share raw sockets, since each that is open costs every segment on this
 * machine something. All of it goes with its sockets, so a process that is killed leaves nothing behind. Needs CAP_NET_RAW, and
 * CAP_NET_ADMIN for the filter. Called by relay/inlet.c.
 */
#ifndef HANGUP_KERNEL_DETOUR_H
#define HANGUP_KERNEL_DETOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/sockets.h"

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

/* Detours of one family that share a raw socket. */
struct detours;

/* One connection's: embedded in its owner, who reads nothing in it. Zeroed before it begins. */
struct detour {
    struct detours *among; /* NULL: it has not begun, or has ended */
    struct detour *next;   /* in its bucket */
    struct detour *next_waiting, *previous_waiting; /* of those that have heard something */
    struct socket_pair pair;
    struct segment *first, *last; /* heard, and not taken yet */
    bool stopped;
};

/* AF_INET or AF_INET6, as a connection's addresses are; NULL and errno. They are closed when none of them has begun or all have ended. */
struct detours *detours_open(int family);
void detours_close(struct detours *detours); /* NULL is fine */
bool detours_are_none(const struct detours *detours);

/* The next one should begin elsewhere: this user's sockets keep too little for more peers at a time (net.core.rmem_max; an administrator's
 * may keep as much as they like). */
bool detours_are_full(const struct detours *detours);

/* Readable when there is something to be listened to. */
int detours_fd(const struct detours *detours);

/* So many segments at most are heard, each by the detour that it is for. False: there is no more for now. */
bool detours_listen(struct detours *detours, size_t most);

/* The one that has waited longest with something that it has heard; NULL: none has. */
struct detour *detours_waiting(const struct detours *detours);

/* Of this connection, as its peer names it; of one that has no detour yet. False and errno. */
bool detour_begin(struct detours *detours, struct detour *detour, const struct socket_pair *pair);
void detour_end(struct detour *detour); /* what it has heard is gone; one that has not begun is fine */

/* The next one, which is the caller's to free(); NULL: it has heard none. */
struct segment *detour_hear(struct detour *detour);
struct segment *segment_copy(const struct segment *segment);

/* It hears nothing new; what it has heard by now is still there, or to be listened to. */
void detour_stop(struct detour *detour);

/* To our own TCP. One that the kernel does not take is lost on its way: the peer's TCP sends it again. */
void detour_send(const struct detour *detour, const struct segment *segment);

#endif
