/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PROXY protocol's header (haproxy's proxy-protocol.txt, versions 1 and 2), by which the server learns the client's address. Written
 * by link.c in front of what the client says.
 */
#ifndef HANGUP_RELAY_PROXY_HEADER_H
#define HANGUP_RELAY_PROXY_HEADER_H

#include <sys/socket.h>

#include "rules/ruleset.h"

#define PROXY_HEADER_MOST 128

/* Writes at most PROXY_HEADER_MOST bytes; returns how many, 0 for PROXY_NONE. `own` is our address that
 * the client connected to. */
size_t proxy_header_write(
    enum proxy_protocol version, const struct sockaddr_storage *own, const struct sockaddr_storage *client, uint8_t *out);

#endif
