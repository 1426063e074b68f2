/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What our kernel counts of the peer's segments on a TCP socket of ours, and the numbers that it has reached. Called by relay/socket.c.
 */
#ifndef HANGUP_KERNEL_SEGMENTS_H
#define HANGUP_KERNEL_SEGMENTS_H

#include <stdbool.h>
#include <stdint.h>

struct segments {
    uint32_t dropped;      /* that TCP never saw: lost on purpose, or for want of memory */
    uint32_t came;         /* that TCP took */
    uint32_t with_data;    /* of those, the ones with bytes */
    uint64_t received;     /* bytes taken in order, and one for the FIN: how far the peer's stream has come */
    uint64_t acknowledged; /* the same of ours, at the peer */
    uint64_t written;      /* the same of ours, here: as far as it will be acknowledged */
};

bool segments_count(int fd, struct segments *segments);

/* Absolute numbers: the next one to be sent, and the next one that is waited for (RFC 9293: SND.NXT, RCV.NXT). */
struct sequence {
    uint32_t send, receive;
};

/* By TCP_REPAIR; the connection does not notice. -1 and errno: not allowed. */
int sequence_read(int fd, struct sequence *sequence);

/* Of the window that was offered to the peer, no more than so many bytes hold: it hears of that with the next acknowledgement, and what it
 * has sent beyond is thrown away. -1 and errno: not allowed. */
int segments_take_back(int fd, uint32_t bytes);

/* From now on nothing leaves on this socket, not even when it is closed: the peer is forgotten. -1 and errno: not allowed. */
int segments_forget(int fd);

#endif
