/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PROXY protocol headers, versions 1 and 2.
 */
#include "relay/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "relay/address.h"

static const uint8_t v2_signature[12] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

/* One connection's addresses as both versions want them: same family, hosts without mapping. */
struct route {
    size_t host_length; /* 4, 16, or 0 if it has none (Unix) */
    const uint8_t *from, *to;
    uint16_t from_port, to_port; /* network byte order */
};

static uint16_t port_of(const struct sockaddr_storage *address)
{
    /* sin_port and sin6_port stand at the same place. */
    return ((const struct sockaddr_in *)(const void *)address)->sin_port;
}

static struct route route_of(const struct sockaddr_storage *client, const struct sockaddr_storage *own)
{
    struct route route = {0};
    size_t length = address_host(client, &route.from);

    if (length > 0 && address_host(own, &route.to) == length) {
        route.host_length = length;
        route.from_port = port_of(client);
        route.to_port = port_of(own);
    }
    return route;
}

static size_t write_v1(const struct route *route, uint8_t *out)
{
    char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
    int family = route->host_length == 4 ? AF_INET : AF_INET6;

    if (route->host_length == 0) {
        return (size_t)snprintf((char *)out, PROXY_HEADER_MOST, "PROXY UNKNOWN\r\n");
    }
    inet_ntop(family, route->from, from, sizeof(from));
    inet_ntop(family, route->to, to, sizeof(to));
    return (size_t)snprintf((char *)out, PROXY_HEADER_MOST, "PROXY %s %s %s %u %u\r\n", family == AF_INET ? "TCP4" : "TCP6", from, to,
        (unsigned)ntohs(route->from_port), (unsigned)ntohs(route->to_port));
}

static size_t write_v2(const struct route *route, uint8_t *out)
{
    size_t host = route->host_length, body = host == 0 ? 0 : 2 * host + 4;
    uint8_t *at = out + sizeof(v2_signature);

    memcpy(out, v2_signature, sizeof(v2_signature));
    *at++ = host == 0 ? 0x20 : 0x21;                      /* version 2; LOCAL or PROXY */
    *at++ = host == 0 ? 0x00 : host == 4 ? 0x11 : 0x21;   /* UNSPEC, or TCP over IPv4, IPv6 */
    *at++ = 0;
    *at++ = (uint8_t)body;
    if (host > 0) {
        memcpy(at, route->from, host);
        memcpy(at + host, route->to, host);
        memcpy(at + 2 * host, &route->from_port, 2);
        memcpy(at + 2 * host + 2, &route->to_port, 2);
    }
    return sizeof(v2_signature) + 4 + body;
}

size_t proxy_header_write(
    enum proxy_protocol version, const struct sockaddr_storage *own, const struct sockaddr_storage *client, uint8_t *out)
{
    struct route route;

    if (version == PROXY_NONE) {
        return 0;
    }
    route = route_of(client, own);
    return version == PROXY_V1 ? write_v1(&route, out) : write_v2(&route, out);
}
