/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Socket addresses: from the rule file's to the kernel's, and as text for people. Resolving a server's name is dial.c's; only a host to
 * listen on is looked up here, once, at the start.
 */
#ifndef HANGUP_RELAY_ADDRESS_H
#define HANGUP_RELAY_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "rules/ruleset.h"

/* 127.0.0.1:80, [::1]:80, unix:/path (unnamed ones: unix). */
void address_text(const struct sockaddr *address, socklen_t length, char *text, size_t size);

/* An ADDRESS_IP or ADDRESS_UNIX, without asking anybody. False: the path is too long for the kernel. */
bool address_resolve(const struct address *address, struct sockaddr_storage *out, socklen_t *length);

/* The same, and names too, waiting for the answer. Returns NULL, or what went wrong (static). */
const char *address_resolve_now(const struct address *address, struct sockaddr_storage *out, socklen_t *length);

/* The same of names that this machine itself knows (localhost, those of /etc/hosts), for whoever must not wait. */
const char *address_resolve_here(const struct address *address, struct sockaddr_storage *out, socklen_t *length);

/* Whether two clients' addresses, ports aside, are the same. */
bool address_same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b);

/* Whether one who listens at `own` is meant by `host`: the same, or it listens at all of this machine's. */
bool address_covers_host(const struct sockaddr_storage *own, const struct sockaddr_storage *host);

/* Whether only this machine can come there: 127.0.0.0/8, ::1. */
bool address_is_loopback(const struct sockaddr_storage *address);

/* As a socket of that family names it: an IPv6 socket calls IPv4 addresses by mapped ones. Returns its length. */
socklen_t address_for_family(int family, const struct sockaddr_storage *address, struct sockaddr_storage *out);

/* The bytes of its host, for prefixes and hashes: 4, 16 (an IPv4 address mapped into IPv6 counts as IPv4), or 0 for Unix sockets. */
size_t address_host(const struct sockaddr_storage *address, const uint8_t **bytes);

#endif
