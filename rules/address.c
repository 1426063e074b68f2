/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads addresses: 127.0.0.1:0, [::1]:80, name:80, unix:/run/x.sock.
 */
#include "rules/address.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

#define HOST_MAX 253u /* a DNS name: RFC 1035, section 2.3.4 */

static const char *read_unix(const char *path, size_t length, struct address *address, struct arena *arena)
{
    if (length == 0)
        return "the path is missing: `unix:/run/x.sock`";
    if (length >= sizeof ((struct sockaddr_un *)NULL)->sun_path)
        return "this path is too long for a socket: 107 bytes at most";
    address->kind = ADDRESS_UNIX;
    address->host = arena_copy(arena, path, length);
    return NULL;
}

static const char *read_port(const char *digits, size_t length, uint16_t *port)
{
    unsigned value = 0;

    if (length == 0)
        return "the port is missing: `127.0.0.1:80`, `[::1]:80`, `name:80` or `unix:/path`";
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return "the port is no number: `127.0.0.1:80`, `[::1]:80`, `name:80` or `unix:/path`";
        value = value * 10 + (unsigned)(digits[i] - '0');
        if (value > 65535)
            return "no such port: 65535 is the last one";
    }
    *port = (uint16_t)value;
    return NULL;
}

static bool is_host_name(const char *host, size_t length)
{
    if (length > HOST_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (strspn((char[]){ host[i], '\0' }, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == 0)
            return false;
    }
    return true;
}

/* The host of an address: between brackets only IPv6, else IPv4 or a name. */
static const char *read_host(const char *host, size_t length, bool bracketed, struct address *address, struct arena *arena)
{
    struct in6_addr ignored;

    address->host = arena_copy(arena, host, length);
    address->kind = ADDRESS_IP;
    if (bracketed) {
        char *zone = strchr(address->host, '%'); /* fe80::1%eth0 is getaddrinfo()'s affair */
        char *numbers = arena_copy(arena, address->host, zone ? (size_t)(zone - address->host) : length);

        return inet_pton(AF_INET6, numbers, &ignored) == 1 ? NULL : "no IPv6 address between the brackets: `[::1]:80`";
    }
    if (inet_pton(AF_INET, address->host, &ignored) == 1)
        return NULL;
    address->kind = ADDRESS_NAME;
    if (memchr(host, ':', length))
        return "an IPv6 address stands in brackets: `[::1]:80`";
    if (strspn(address->host, "0123456789.") == length)
        return "no IPv4 address: four numbers from 0 to 255";
    return is_host_name(host, length) ? NULL : "no such name can be: letters, digits, `-`, `.` and `_`";
}

const char *address_read(const char *word, size_t length, struct address *address, struct arena *arena)
{
    const char *colon = memrchr(word, ':', length), *problem;
    bool bracketed = length > 0 && word[0] == '[';
    const char *closing = bracketed ? memchr(word, ']', length) : NULL;
    size_t host;

    *address = (struct address){ .text = arena_copy(arena, word, length) };
    if (length >= 5 && memcmp(word, "unix:", 5) == 0)
        return read_unix(word + 5, length - 5, address, arena);
    if (bracketed && !closing)
        return "the closing bracket is missing: `[::1]:80`";
    if (!colon || (closing && colon != closing + 1))
        return read_port("", 0, &address->port);
    host = (size_t)(colon - word);
    if (host == 0)
        return "the host is missing: `127.0.0.1:80` for this machine alone, `0.0.0.0:80` for all";
    problem = read_port(colon + 1, length - host - 1, &address->port);
    if (problem)
        return problem;
    return bracketed ? read_host(word + 1, host - 2, true, address, arena) : read_host(word, host, false, address, arena);
}

bool address_same(const struct address *a, const struct address *b)
{
    return a->kind == b->kind && a->port == b->port && strcmp(a->host, b->host) == 0;
}

/* Clears what is behind the prefix; true if there was something. */
static bool clear_behind(struct prefix *prefix, unsigned bytes)
{
    bool stray = false;

    for (unsigned i = 0; i < bytes; i++) {
        unsigned kept = prefix->bits >= 8 * (i + 1) ? 8 : prefix->bits > 8 * i ? prefix->bits - 8 * i : 0;
        uint8_t mask = (uint8_t)(0xff00u >> kept);

        stray |= (prefix->address[i] & ~mask) != 0;
        prefix->address[i] &= mask;
    }
    return stray;
}

const char *prefix_read(const char *word, size_t length, struct prefix *prefix, bool *stray)
{
    const char *slash = memchr(word, '/', length);
    size_t host = slash ? (size_t)(slash - word) : length;
    char text[INET6_ADDRSTRLEN + 1] = "";
    unsigned most;
    uint16_t bits;

    *prefix = (struct prefix){ .family = memchr(word, ':', host) ? AF_INET6 : AF_INET };
    most = prefix->family == AF_INET ? 32 : 128;
    if (host < sizeof text)
        memcpy(text, word, host);
    if (inet_pton(prefix->family, text, prefix->address) != 1)
        return "no address: `10.0.0.0/8`, `192.0.2.7`, `fd00::/8` or `::1`";
    prefix->bits = most;
    if (slash) {
        if (length - host < 2 || read_port(slash + 1, length - host - 1, &bits) || bits > most)
            return prefix->family == AF_INET ? "behind the slash stands a number from 0 to 32"
                                             : "behind the slash stands a number from 0 to 128";
        prefix->bits = bits;
    }
    *stray = clear_behind(prefix, most / 8);
    return NULL;
}
