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
#include "kernel/sockets.h"

#define TCP_HEADER 20

/* The next segment that the peer would send: what the packets are about. */
static int next_segment(int fd, struct syn *segment, struct sequence *sequence)
{
    struct socket_pair pair;
    uint32_t number;
    uint16_t ports[2];

    errno = EOPNOTSUPP;
    if (!socket_pair_facing(fd, &pair) || sequence_read(fd, sequence) < 0) {
        return -1;
    }
    memset(segment, 0, sizeof(*segment));
    segment->client = pair.local;
    segment->local = pair.remote;
    ports[0] = htons(socket_port(&segment->client));
    ports[1] = htons(socket_port(&segment->local));
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
