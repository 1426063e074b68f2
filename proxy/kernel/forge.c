/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds out addresses and numbers, has packet.c write the packet, and sends it.
 */
#include "kernel/forge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/packet.h"
#include "kernel/segments.h"

#define TCP_HEADER 20

/* An IPv4 address that an IPv6 socket talks to. */
static void unmap(struct sockaddr_storage *address)
{
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = in6->sin6_port};

    if (address->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
        memcpy(&in.sin_addr, (const uint8_t *)&in6->sin6_addr + 12, sizeof(in.sin_addr));
        memset(address, 0, sizeof(*address));
        memcpy(address, &in, sizeof(in));
    }
}

static in_port_t port_of(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET ? ((const struct sockaddr_in *)address)->sin_port
                                         : ((const struct sockaddr_in6 *)address)->sin6_port;
}

/* The next segment that the peer would send: what the packets are about. */
static int next_segment(int fd, struct syn *segment, struct sequence *sequence)
{
    socklen_t client = sizeof(segment->client), local = sizeof(segment->local);
    uint32_t number;
    in_port_t ports[2];

    memset(segment, 0, sizeof(*segment));
    if (getpeername(fd, (struct sockaddr *)&segment->client, &client) < 0
        || getsockname(fd, (struct sockaddr *)&segment->local, &local) < 0 || sequence_read(fd, sequence) < 0) {
        return -1;
    }
    unmap(&segment->client);
    unmap(&segment->local);
    ports[0] = port_of(&segment->client);
    ports[1] = port_of(&segment->local);
    number = htonl(sequence->receive);
    memcpy(segment->tcp, ports, sizeof(ports));
    memcpy(segment->tcp + 4, &number, sizeof(number));
    segment->tcp[12] = TCP_HEADER / 4 << 4;
    segment->length = TCP_HEADER;
    return 0;
}

/* To the peer; a raw socket's address has no port. */
static int send_packet(const struct syn *segment, const uint8_t *packet, size_t length)
{
    struct sockaddr_storage to = segment->client;
    int fd = socket(to.ss_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    ssize_t sent;

    if (fd < 0) {
        return -1;
    }
    if (to.ss_family == AF_INET) {
        ((struct sockaddr_in *)&to)->sin_port = 0;
    } else {
        ((struct sockaddr_in6 *)&to)->sin6_port = 0;
    }
    sent = sendto(fd, packet, length, 0, (const struct sockaddr *)&to,
        to.ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
    close(fd);
    return sent == (ssize_t)length ? 0 : -1;
}

int forge_rst(int fd)
{
    struct syn segment;
    struct sequence sequence;
    uint8_t packet[PACKET_MOST];

    if (next_segment(fd, &segment, &sequence) < 0) {
        return -1;
    }
    return send_packet(&segment, packet, packet_reset(&segment, sequence.send, packet));
}

int forge_unreachable(int fd, int error)
{
    struct syn segment;
    struct sequence sequence;
    uint8_t packet[PACKET_MOST];

    if (next_segment(fd, &segment, &sequence) < 0) {
        return -1;
    }
    if (!packet_can_say(segment.client.ss_family, error)) {
        error = EHOSTUNREACH;
    }
    return send_packet(&segment, packet, packet_unreachable(&segment, error, packet));
}
