/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets that say something about a connection of ours which our own TCP does not say, and does not hear of: by a raw socket, with the
 * numbers that the connection has reached. Called by relay/socket.c.
 */
#ifndef HANGUP_KERNEL_FORGE_H
#define HANGUP_KERNEL_FORGE_H

/* RST to the peer of this connected TCP socket, in the place of the next byte. -1 and errno: it is not allowed. */
int forge_rst(int fd);

/* The ICMP error that becomes this errno, about the segment that is waited for next. In IPv6, which tells fewer errors apart, EHOSTUNREACH
 * in the place of one that it cannot say. */
int forge_unreachable(int fd, int error);

#endif
