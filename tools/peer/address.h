/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses as hangup writes them: 127.0.0.1:80, [::1]:80, localhost:80, unix:/run/x.sock. */
#ifndef HANGUP_TOOLS_PEER_ADDRESS_H
#define HANGUP_TOOLS_PEER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct address {
    struct sockaddr_storage storage;
    socklen_t length; /* 0: not known */
};

#define ADDRESS_TEXT 128 /* room for any address as text */

/* Resolves `text` into at most `room` addresses. 0: it is no address, or names no host; errno says which: EINVAL, or ENOENT. */
size_t address_resolve(const char *text, struct address *addresses, size_t room);

void address_format(const struct address *address, char *out);

/*
 * The state that the kernel still has a TCP connection in after its socket was closed (/proc/net/tcp, tcp6): "TIME_WAIT", "FIN_WAIT2", …;
 * "CLOSED" when it has none.
 */
const char *address_pair_state(const struct address *local, const struct address *remote);

/* The kernel's number for a TCP state as a word; "?" when it is none. */
const char *address_state_name(unsigned state);

#endif
