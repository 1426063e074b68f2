/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP Fast Open (RFC 7413): what is said in the SYN already. The kernel does it, where net.ipv4.tcp_fastopen lets it: a server hands out
 * cookies and takes data from SYNs that bring one (2), a client asks for cookies and uses them (1). Here: asking for it, and finding out
 * whether a client has. Called by relay.c, link.c and dial.c; a SYN that is held says it by itself (packet.h).
 */
#ifndef HANGUP_KERNEL_FAST_OPEN_H
#define HANGUP_KERNEL_FAST_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* A listening socket is to take it, and `remember` of each connection whether it was asked for. False: servers may not, here. */
bool fast_open_listen(int fd, int queue, bool remember);

/* Whether the client of an accepted socket opened fast, or asked for a cookie to do so the next time. Can be asked once. */
bool fast_open_was_asked(int accepted);

/* As connect(), with data in the SYN as far as the server has given a cookie before; else asks for one. Returns how much the SYN took; -1
 * and errno, as connect() has it. */
ssize_t fast_open_connect(int fd, const struct sockaddr *address, socklen_t length, const void *data, size_t size);

#endif
