/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One raw socket a connection: bound and connected to its two addresses, with a filter for its ports; it writes packets from their IP
 * header on.
 */
#include "kernel/detour.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/packet.h"
#include "kernel/sockets.h"
#include "rules/memory.h"

/* As much as a peer may send while we look elsewhere. */
#define ROOM (16 * 1024 * 1024)
#define SEGMENT_MOST 65536
#define TCP_HEADER 20

/* Where things stand in a TCP header. */
#define SEQUENCE 4
#define ACKNOWLEDGED 8
#define DATA_OFFSET 12
#define FLAGS 13
#define FLAGS_OF_THE_LAST 0x09 /* FIN, PSH */

/* Hop counts, from the IP header on. */
#define HOPS_IPV4 8
#define HOPS_IPV6 7

struct detour {
    int fd;
    struct sockaddr_storage peer, local; /* with ports */
};

/* From afar, between these ports. An IPv4 raw socket sees the IP header, an IPv6 one does not. */
static int listen_for(int fd, const struct detour *detour)
{
    bool ipv4 = detour->peer.ss_family == AF_INET;
    uint32_t ports = (uint32_t)socket_port(&detour->peer) << 16 | socket_port(&detour->local);
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ipv4 ? HOPS_IPV4 : (uint32_t)SKF_NET_OFF + HOPS_IPV6),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 0),
        ipv4 ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0) : (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ports, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog filter = {.len = sizeof(program) / sizeof(program[0]), .filter = program};

    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

/* A raw socket's address has no port. */
static socklen_t without_port(const struct sockaddr_storage *address, struct sockaddr_storage *bare)
{
    *bare = *address;
    if (bare->ss_family == AF_INET) {
        ((struct sockaddr_in *)bare)->sin_port = 0;
        return sizeof(struct sockaddr_in);
    }
    ((struct sockaddr_in6 *)bare)->sin6_port = 0;
    return sizeof(struct sockaddr_in6);
}

static int settle(const struct detour *detour)
{
    bool ipv4 = detour->peer.ss_family == AF_INET;
    struct sockaddr_storage address;
    int on = 1, room = ROOM;
    socklen_t length;

    if (listen_for(detour->fd, detour) < 0) {
        return -1;
    }
    (void)setsockopt(detour->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    if (ipv4 ? setsockopt(detour->fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof(on)) < 0
             : setsockopt(detour->fd, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof(on)) < 0
                   || setsockopt(detour->fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof(on)) < 0) {
        return -1;
    }
    length = without_port(&detour->local, &address);
    if (bind(detour->fd, (struct sockaddr *)&address, length) < 0) {
        return -1;
    }
    length = without_port(&detour->peer, &address);
    if (connect(detour->fd, (struct sockaddr *)&address, length) < 0) {
        return -1;
    }
    /* What came before it had its filter may be anything. */
    while (recv(detour->fd, &on, sizeof(on), 0) >= 0 || errno == EINTR) {
    }
    return 0;
}

struct detour *detour_open(int connected)
{
    struct socket_pair pair;
    struct detour *detour;
    int error;

    errno = EOPNOTSUPP;
    if (!socket_pair_facing(connected, &pair)) {
        return NULL;
    }
    detour = xmalloc(sizeof(*detour));
    *detour = (struct detour){.peer = pair.local, .local = pair.remote}; /* the pair is as the peer sees it */
    detour->fd = socket(detour->peer.ss_family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (detour->fd >= 0 && settle(detour) == 0) {
        return detour;
    }
    error = errno;
    detour_close(detour);
    errno = error;
    return NULL;
}

void detour_close(struct detour *detour)
{
    if (detour != NULL && detour->fd >= 0) {
        close(detour->fd);
    }
    free(detour);
}

int detour_fd(const struct detour *detour)
{
    return detour->fd;
}

void detour_stop(const struct detour *detour)
{
    struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog filter = {.len = 1, .filter = &nothing};

    (void)setsockopt(detour->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

/* ---- hearing ---- */

static uint32_t get32(const uint8_t *at)
{
    uint32_t number;

    memcpy(&number, at, sizeof(number));
    return ntohl(number);
}

static struct tcp_segment described(const struct detour *detour, const struct segment *segment)
{
    return (struct tcp_segment){.from = &detour->peer, .to = &detour->local, .traffic_class = segment->traffic_class,
        .length = segment->length, .tcp = segment->tcp};
}

/* NULL: it was damaged on its way. */
static struct segment *segment_new(const struct detour *detour, const uint8_t *tcp, size_t length, uint8_t traffic_class)
{
    size_t header = length >= TCP_HEADER ? (size_t)(tcp[DATA_OFFSET] >> 4) * 4 : 0;
    struct segment *segment;
    struct tcp_segment whole;

    if (header < TCP_HEADER || header > length) {
        return NULL;
    }
    segment = xmalloc(sizeof(*segment) + length);
    *segment = (struct segment){.sequence = get32(tcp + SEQUENCE), .acknowledged = get32(tcp + ACKNOWLEDGED), .flags = tcp[FLAGS],
        .traffic_class = traffic_class, .bytes = length - header, .length = length};
    memcpy(segment->tcp, tcp, length);
    whole = described(detour, segment);
    if (!segment_is_sound(&whole)) {
        free(segment);
        return NULL;
    }
    return segment;
}

struct segment *segment_copy(const struct segment *segment)
{
    struct segment *copy = xmalloc(sizeof(*copy) + segment->length);

    memcpy(copy, segment, sizeof(*copy) + segment->length);
    return copy;
}

static uint8_t traffic_class_of(struct msghdr *message)
{
    int traffic_class = 0;

    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_TCLASS) {
            memcpy(&traffic_class, CMSG_DATA(part), sizeof(traffic_class));
        }
    }
    return (uint8_t)traffic_class;
}

static struct segment *take_apart(const struct detour *detour, const uint8_t *packet, size_t length, struct msghdr *message)
{
    size_t header;

    if ((message->msg_flags & MSG_TRUNC) != 0 || length == 0) {
        return NULL;
    }
    if (detour->peer.ss_family == AF_INET6) {
        return segment_new(detour, packet, length, traffic_class_of(message));
    }
    header = (size_t)(packet[0] & 0xf) * 4;
    return header >= 20 && header <= length ? segment_new(detour, packet + header, length - header, packet[1]) : NULL;
}

struct segment *detour_hear(struct detour *detour)
{
    uint8_t packet[SEGMENT_MOST];
    char beside[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
    struct segment *segment = NULL;
    ssize_t got = 0;

    while (segment == NULL) {
        struct iovec room = {.iov_base = packet, .iov_len = sizeof(packet)};
        struct msghdr message = {.msg_iov = &room, .msg_iovlen = 1, .msg_control = beside, .msg_controllen = sizeof(beside)};

        got = recvmsg(detour->fd, &message, 0);
        if (got < 0 && errno != EINTR && errno != ENOBUFS) {
            return NULL;
        }
        segment = got < 0 ? NULL : take_apart(detour, packet, (size_t)got, &message);
    }
    return segment;
}

/* ---- sending on ---- */

static int send_packet(const struct detour *detour, const struct segment *segment)
{
    uint8_t packet[SEGMENT_MOST + PACKET_HEADER];
    struct tcp_segment whole = described(detour, segment);
    struct sockaddr_storage here;
    socklen_t length = without_port(&detour->local, &here);

    return sendto(detour->fd, packet, packet_forward(&whole, packet), 0, (struct sockaddr *)&here, length) < 0 ? -1 : 0;
}

/* So many of its bytes, from there on, as a segment of their own. */
static struct segment *part_of(const struct segment *segment, size_t from, size_t bytes)
{
    struct segment *part = segment_copy(segment);
    size_t header = segment->length - segment->bytes;
    uint32_t sequence = htonl(segment->sequence + (uint32_t)from);

    part->sequence += (uint32_t)from;
    part->bytes = bytes;
    part->length = header + bytes;
    memcpy(part->tcp + SEQUENCE, &sequence, sizeof(sequence));
    memmove(part->tcp + header, segment->tcp + header + from, bytes);
    if (from + bytes < segment->bytes) {
        part->flags &= (uint8_t)~FLAGS_OF_THE_LAST;
        part->tcp[FLAGS] = part->flags;
    }
    return part;
}

/* What came in one may be more than the way to ourselves takes in one. */
void detour_send(const struct detour *detour, const struct segment *segment)
{
    size_t half = segment->bytes / 2;

    if (send_packet(detour, segment) < 0 && errno == EMSGSIZE && half > 0) {
        struct segment *front = part_of(segment, 0, half), *back = part_of(segment, half, segment->bytes - half);

        detour_send(detour, front);
        detour_send(detour, back);
        free(front);
        free(back);
    }
}
