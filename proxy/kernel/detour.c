/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One raw socket, with a filter for the ports of its detours, and a table that says whose a segment is; it writes packets from their IP
 * header on.
 */
#include "kernel/detour.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/packet.h"
#include "rules/memory.h"

/* As much as all peers may send while we look elsewhere; and how many share what an ordinary user gets of it. */
#define ROOM (64 * 1024 * 1024)
#define FEW 32
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

/* Beyond so many pairs of ports the program lets all of them pass, and the table sorts: the kernel translates the program anew at each
 * change, and its memory for it is limited (net.core.optmem_max, 20,480 bytes before Linux 6.8). */
#define PAIRS_MOST 250
#define PROGRAM_MOST (2 * PAIRS_MOST + 8)

#define BUCKETS 1024

struct detours {
    int family, fd;
    size_t count, most; /* how many there are, and should be */
    struct detour *first_waiting, *last_waiting;
    struct detour *buckets[BUCKETS];
};

/* ---- who hears what ---- */

static struct detour **bucket_of(struct detours *detours, const struct socket_pair *pair)
{
    return &detours->buckets[socket_pair_hash(pair) % BUCKETS];
}

static struct detour *find(struct detours *detours, const struct socket_pair *pair)
{
    struct detour *detour = *bucket_of(detours, pair);

    while (detour != NULL && !socket_pair_equal(&detour->pair, pair)) {
        detour = detour->next;
    }
    return detour;
}

/* Goes on for each pair of ports that is listened for; nothing is put where there are too many. */
static size_t put_pairs(const struct detours *detours, struct sock_filter *program)
{
    size_t length = 0;

    if (detours->count > PAIRS_MOST) {
        return 0;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const struct detour *detour = detours->buckets[i]; detour != NULL; detour = detour->next) {
            uint32_t ports = (uint32_t)socket_port(&detour->pair.local) << 16 | socket_port(&detour->pair.remote);

            if (!detour->stopped) {
                program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ports, 0, 1);
                program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
            }
        }
    }
    return length;
}

/* From afar, between these ports. An IPv4 raw socket sees the IP header, an IPv6 one does not. The new program takes the old one's place at
 * once: who stays misses nothing. */
static int listen_for_all(const struct detours *detours)
{
    bool ipv4 = detours->family == AF_INET, any = detours->count > PAIRS_MOST;
    struct sock_filter program[PROGRAM_MOST] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ipv4 ? HOPS_IPV4 : (uint32_t)SKF_NET_OFF + HOPS_IPV6),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        ipv4 ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0) : (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0),
    };
    size_t length = 5 + put_pairs(detours, program + 5);
    struct sock_fprog filter = {.filter = program};

    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, any ? 0xffffffff : 0);
    filter.len = (unsigned short)length;
    return setsockopt(detours->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

/* ---- the whole ---- */

static int settle(struct detours *detours)
{
    int on = 1, room = ROOM;

    if (listen_for_all(detours) < 0) {
        return -1;
    }
    if (setsockopt(detours->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0) {
        (void)setsockopt(detours->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
        detours->most = FEW;
    }
    if (detours->family == AF_INET) {
        return setsockopt(detours->fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof(on));
    }
    return setsockopt(detours->fd, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof(on)) < 0
                   || setsockopt(detours->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) < 0
               ? -1
               : setsockopt(detours->fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof(on));
}

struct detours *detours_open(int family)
{
    struct detours *detours = xmalloc(sizeof(*detours));
    int error;

    *detours = (struct detours){.family = family, .most = SIZE_MAX};
    detours->fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (detours->fd >= 0 && settle(detours) == 0) {
        (void)detours_listen(detours, SIZE_MAX); /* what came before it had its filter is for nobody */
        return detours;
    }
    error = errno;
    detours_close(detours);
    errno = error;
    return NULL;
}

void detours_close(struct detours *detours)
{
    if (detours != NULL && detours->fd >= 0) {
        close(detours->fd);
    }
    free(detours);
}

bool detours_are_none(const struct detours *detours)
{
    return detours->count == 0;
}

bool detours_are_full(const struct detours *detours)
{
    return detours->count >= detours->most;
}

int detours_fd(const struct detours *detours)
{
    return detours->fd;
}

struct detour *detours_waiting(const struct detours *detours)
{
    return detours->first_waiting;
}

/* ---- one of them ---- */

static void take_out(struct detour *detour)
{
    struct detour **place = bucket_of(detour->among, &detour->pair);

    while (*place != detour) {
        place = &(*place)->next;
    }
    *place = detour->next;
    detour->among->count--;
}

bool detour_begin(struct detours *detours, struct detour *detour, const struct socket_pair *pair)
{
    struct detour **bucket = bucket_of(detours, pair);
    int error;

    *detour = (struct detour){.among = detours, .next = *bucket, .pair = *pair};
    *bucket = detour;
    detours->count++;
    if (listen_for_all(detours) == 0) {
        return true;
    }
    error = errno;
    take_out(detour);
    detour->among = NULL;
    errno = error;
    return false;
}

/* A filter that cannot be changed lets more pass than is listened for: it is for nobody. */
void detour_stop(struct detour *detour)
{
    detour->stopped = true;
    (void)listen_for_all(detour->among);
}

void detour_end(struct detour *detour)
{
    struct segment *segment;

    if (detour->among == NULL) {
        return;
    }
    while ((segment = detour_hear(detour)) != NULL) {
        free(segment);
    }
    take_out(detour);
    if (!detour->stopped) {
        (void)listen_for_all(detour->among);
    }
    detour->among = NULL;
}

/* It has something, or nothing more. */
static void wait(struct detour *detour)
{
    struct detours *detours = detour->among;

    detour->previous_waiting = detours->last_waiting;
    detour->next_waiting = NULL;
    *(detours->last_waiting != NULL ? &detours->last_waiting->next_waiting : &detours->first_waiting) = detour;
    detours->last_waiting = detour;
}

static void wait_no_more(struct detour *detour)
{
    struct detours *detours = detour->among;

    *(detour->previous_waiting != NULL ? &detour->previous_waiting->next_waiting : &detours->first_waiting) = detour->next_waiting;
    *(detour->next_waiting != NULL ? &detour->next_waiting->previous_waiting : &detours->last_waiting) = detour->previous_waiting;
}

static void hears(struct detour *detour, struct segment *segment)
{
    segment->next = NULL;
    if (detour->first == NULL) {
        wait(detour);
        detour->first = segment;
    } else {
        detour->last->next = segment;
    }
    detour->last = segment;
}

struct segment *detour_hear(struct detour *detour)
{
    struct segment *segment = detour->first;

    if (segment != NULL) {
        detour->first = segment->next;
        if (detour->first == NULL) {
            wait_no_more(detour);
        }
        segment->next = NULL;
    }
    return segment;
}

/* ---- hearing ---- */

static uint32_t get32(const uint8_t *at)
{
    uint32_t number;

    memcpy(&number, at, sizeof(number));
    return ntohl(number);
}

static struct tcp_segment described(const struct socket_pair *pair, const struct segment *segment)
{
    return (struct tcp_segment){.from = &pair->local, .to = &pair->remote, .traffic_class = segment->traffic_class,
        .length = segment->length, .tcp = segment->tcp};
}

/* NULL: it was damaged on its way. */
static struct segment *segment_new(const struct socket_pair *pair, const uint8_t *tcp, size_t length, uint8_t traffic_class)
{
    size_t header = (size_t)(tcp[DATA_OFFSET] >> 4) * 4;
    struct segment *segment;
    struct tcp_segment whole;

    if (header < TCP_HEADER || header > length) {
        return NULL;
    }
    segment = xmalloc(sizeof(*segment) + length);
    *segment = (struct segment){.sequence = get32(tcp + SEQUENCE), .acknowledged = get32(tcp + ACKNOWLEDGED), .flags = tcp[FLAGS],
        .traffic_class = traffic_class, .bytes = length - header, .length = length};
    memcpy(segment->tcp, tcp, length);
    whole = described(pair, segment);
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

/* A packet taken apart; the addresses have no ports yet. */
struct packet {
    struct socket_pair pair;
    const uint8_t *tcp;
    size_t length;
    uint8_t traffic_class;
};

static bool take_ipv4(const uint8_t *bytes, size_t length, struct packet *packet)
{
    struct sockaddr_in *peer = (struct sockaddr_in *)&packet->pair.local, *local = (struct sockaddr_in *)&packet->pair.remote;
    size_t header = length > 0 ? (size_t)(bytes[0] & 0xf) * 4 : 0;

    if (header < 20 || header > length) {
        return false;
    }
    peer->sin_family = local->sin_family = AF_INET;
    memcpy(&peer->sin_addr, bytes + 12, 4);
    memcpy(&local->sin_addr, bytes + 16, 4);
    packet->traffic_class = bytes[1];
    packet->tcp = bytes + header;
    packet->length = length - header;
    return true;
}

/* The header's part comes beside the segment. */
static bool take_ipv6(const uint8_t *bytes, size_t length, struct msghdr *message, struct packet *packet)
{
    struct sockaddr_in6 *local = (struct sockaddr_in6 *)&packet->pair.remote;
    struct in6_pktinfo info;
    int traffic_class = 0;

    memcpy(&packet->pair.local, message->msg_name, sizeof(struct sockaddr_in6));
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_TCLASS) {
            memcpy(&traffic_class, CMSG_DATA(part), sizeof(traffic_class));
        } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
            memcpy(&info, CMSG_DATA(part), sizeof(info));
            local->sin6_family = AF_INET6;
            local->sin6_addr = info.ipi6_addr;
        }
    }
    packet->traffic_class = (uint8_t)traffic_class;
    packet->tcp = bytes;
    packet->length = length;
    return local->sin6_family == AF_INET6;
}

/* At the same place in both families. */
static void set_port(struct sockaddr_storage *address, const uint8_t *port)
{
    memcpy(&((struct sockaddr_in *)address)->sin_port, port, 2);
}

static void hand_on(struct detours *detours, struct packet *packet)
{
    struct segment *segment;
    struct detour *detour;

    if (packet->length < TCP_HEADER) {
        return;
    }
    set_port(&packet->pair.local, packet->tcp);
    set_port(&packet->pair.remote, packet->tcp + 2);
    detour = find(detours, &packet->pair);
    segment = detour != NULL ? segment_new(&detour->pair, packet->tcp, packet->length, packet->traffic_class) : NULL;
    if (segment != NULL) {
        hears(detour, segment);
    }
}

/* False: there is none for now. */
static bool listen_to_one(struct detours *detours)
{
    uint8_t bytes[SEGMENT_MOST];
    char beside[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct in6_pktinfo))] __attribute__((aligned(8)));
    struct sockaddr_storage from = {0};
    struct iovec room = {.iov_base = bytes, .iov_len = sizeof(bytes)};
    struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &room, .msg_iovlen = 1, .msg_control = beside,
        .msg_controllen = sizeof(beside)};
    ssize_t got = recvmsg(detours->fd, &message, 0);
    struct packet packet = {.length = 0};

    if (got < 0) {
        return errno == EINTR || errno == ENOBUFS;
    }
    if ((message.msg_flags & MSG_TRUNC) == 0
        && (detours->family == AF_INET ? take_ipv4(bytes, (size_t)got, &packet) : take_ipv6(bytes, (size_t)got, &message, &packet))) {
        hand_on(detours, &packet);
    }
    return true;
}

bool detours_listen(struct detours *detours, size_t most)
{
    for (size_t count = 0; count < most; count++) {
        if (!listen_to_one(detours)) {
            return false;
        }
    }
    return true;
}

/* ---- sending on ---- */

static int send_packet(const struct detour *detour, const struct segment *segment)
{
    uint8_t packet[SEGMENT_MOST + PACKET_HEADER];
    struct tcp_segment whole = described(&detour->pair, segment);
    struct sockaddr_storage here = detour->pair.remote;
    socklen_t length = here.ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    const uint8_t no_port[2] = {0, 0};

    set_port(&here, no_port); /* a port means a protocol to an IPv6 raw socket */
    return sendto(detour->among->fd, packet, packet_forward(&whole, packet), 0, (struct sockaddr *)&here, length) < 0 ? -1 : 0;
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
