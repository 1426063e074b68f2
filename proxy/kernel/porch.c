/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw sockets and socket filters.
 */
#include "kernel/porch.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As many SYNs as a burst may bring while we look elsewhere: about a kilobyte each for the kernel. */
#define ROOM (16 * 1024 * 1024)

#define FLAGS_OFFSET 13
#define FLAGS_RST 0x04
#define FLAGS_SYN_OF 0x16 /* SYN alone of SYN, RST and ACK */
#define FLAGS_SYN 0x02

/* Hop counts, from the IP header on. */
#define HOPS_IPV4 8
#define HOPS_IPV6 7

struct porch {
    int family;
    uint16_t port;
    int ear, mouth; /* raw sockets: one hears segments, the other sends packets with their IP header */
};

static int attach(int fd, struct sock_filter *program, size_t length)
{
    struct sock_fprog filter = {.len = (unsigned short)length, .filter = program};

    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* SYNs to the port that came from afar, and RSTs. An IPv4 raw socket sees the IP header, an IPv6 one does not. */
static int listen_for(int fd, int family, uint16_t port)
{
    struct sock_filter ipv4[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, HOPS_IPV4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 8, 0),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 5),
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, FLAGS_OFFSET),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, FLAGS_RST, 2, 0),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, FLAGS_SYN_OF),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FLAGS_SYN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_filter ipv6[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_NET_OFF + HOPS_IPV6),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 7, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 2),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 5),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_OFFSET),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, FLAGS_RST, 2, 0),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, FLAGS_SYN_OF),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FLAGS_SYN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };

    return family == AF_INET ? attach(fd, ipv4, COUNT(ipv4)) : attach(fd, ipv6, COUNT(ipv6));
}

int porch_shut(int listening)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_OFFSET), /* a filter of a TCP socket sees segments */
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, FLAGS_SYN_OF),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FLAGS_SYN, 0, 6),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_NET_OFF),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x60, 2, 0), /* IP version 6 */
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_NET_OFF + HOPS_IPV4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 3),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_NET_OFF + HOPS_IPV6),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };

    return attach(listening, program, COUNT(program));
}

void porch_unshut(int listening)
{
    int unused = 0;

    (void)setsockopt(listening, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused));
}

void porch_let_go(int accepted)
{
    porch_unshut(accepted);
}

struct porch *porch_open(int family, uint16_t port)
{
    struct porch *porch = calloc(1, sizeof(*porch));
    int on = 1, room = ROOM, error;

    if (porch == NULL) {
        abort();
    }
    porch->family = family;
    porch->port = port;
    porch->mouth = -1;
    porch->ear = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (porch->ear < 0 || listen_for(porch->ear, family, port) < 0) {
        goto failed;
    }
    (void)setsockopt(porch->ear, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    if (family == AF_INET6 && setsockopt(porch->ear, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) < 0) {
        goto failed;
    }
    porch->mouth = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
    if (porch->mouth < 0) {
        goto failed;
    }
    return porch;

failed:
    error = errno;
    porch_close(porch);
    errno = error;
    return NULL;
}

void porch_close(struct porch *porch)
{
    if (porch == NULL) {
        return;
    }
    if (porch->ear >= 0) {
        close(porch->ear);
    }
    if (porch->mouth >= 0) {
        close(porch->mouth);
    }
    free(porch);
}

int porch_fd(const struct porch *porch)
{
    return porch->ear;
}

/* ---- hearing ---- */

static void set_port(struct sockaddr_storage *address, const uint8_t *port)
{
    if (address->ss_family == AF_INET) {
        memcpy(&((struct sockaddr_in *)address)->sin_port, port, 2);
    } else {
        memcpy(&((struct sockaddr_in6 *)address)->sin6_port, port, 2);
    }
}

/* Takes the IP header off; false: there is none. */
static bool take_ipv4_header(struct syn *syn)
{
    struct sockaddr_in *client = (struct sockaddr_in *)&syn->client, *local = (struct sockaddr_in *)&syn->local;
    size_t header = (size_t)(syn->tcp[0] & 0xf) * 4;

    if (syn->length < header + 20 || header < 20) {
        return false;
    }
    syn->traffic_class = syn->tcp[1];
    client->sin_family = local->sin_family = AF_INET;
    memcpy(&client->sin_addr, syn->tcp + 12, 4);
    memcpy(&local->sin_addr, syn->tcp + 16, 4);
    syn->length -= header;
    memmove(syn->tcp, syn->tcp + header, syn->length);
    return true;
}

/* IPv6 raw sockets give the segment alone; where it was sent to comes beside it. */
static bool take_ipv6_destination(struct msghdr *message, struct syn *syn)
{
    struct sockaddr_in6 *client = (struct sockaddr_in6 *)&syn->client, *local = (struct sockaddr_in6 *)&syn->local;

    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;

            memcpy(&info, CMSG_DATA(part), sizeof(info));
            local->sin6_family = AF_INET6;
            local->sin6_addr = info.ipi6_addr;
            local->sin6_scope_id = client->sin6_scope_id;
            return syn->length >= 20;
        }
    }
    return false;
}

/* What came before the ear had its filter may be anything. */
static enum porch_heard meaning_of(const struct porch *porch, const struct syn *syn)
{
    uint8_t flags = syn->tcp[FLAGS_OFFSET];

    if ((syn->tcp[2] << 8 | syn->tcp[3]) != porch->port) {
        return PORCH_NOISE;
    }
    if ((flags & FLAGS_RST) != 0) {
        return PORCH_RST;
    }
    return (flags & FLAGS_SYN_OF) == FLAGS_SYN ? PORCH_SYN : PORCH_NOISE;
}

enum porch_heard porch_hear(struct porch *porch, struct syn *syn)
{
    char beside[CMSG_SPACE(sizeof(struct in6_pktinfo))] __attribute__((aligned(8)));
    struct iovec room = {.iov_base = syn->tcp, .iov_len = sizeof(syn->tcp)};
    struct msghdr message = {.msg_name = &syn->client, .msg_namelen = sizeof(syn->client), .msg_iov = &room, .msg_iovlen = 1,
        .msg_control = beside, .msg_controllen = sizeof(beside)};
    ssize_t got = recvmsg(porch->ear, &message, 0);

    if (got < 0) {
        return errno == EINTR || errno == ENOBUFS ? PORCH_NOISE : PORCH_NOTHING;
    }
    syn->length = (size_t)got;
    syn->traffic_class = 0;
    if (!(porch->family == AF_INET ? take_ipv4_header(syn) : take_ipv6_destination(&message, syn))) {
        return PORCH_NOISE;
    }
    set_port(&syn->client, syn->tcp);
    set_port(&syn->local, syn->tcp + 2);
    if ((message.msg_flags & MSG_TRUNC) == 0 && !syn_is_sound(syn)) {
        return PORCH_NOISE;
    }
    return meaning_of(porch, syn);
}

/* ---- speaking ---- */

/* A packet that the kernel does not take is one that was lost on its way: the client asks again. */
static void say(struct porch *porch, const struct sockaddr_storage *to, const uint8_t *packet, size_t length)
{
    struct sockaddr_storage address = *to;
    const uint8_t no_port[2] = {0, 0};

    set_port(&address, no_port); /* a port means a protocol to an IPv6 raw socket */
    (void)sendto(porch->mouth, packet, length, 0, (const struct sockaddr *)&address,
        address.ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
}

void porch_let_in(struct porch *porch, const struct syn *syn)
{
    uint8_t packet[PACKET_MOST];

    say(porch, &syn->local, packet, packet_repeat(syn, packet));
}

/* A socket under repair is bound without being asked for whom else the address is. Afterwards it must not keep the address from others: no
 * accepted one does. */
int porch_bind_beside(int fd, const struct sockaddr *address, socklen_t length)
{
    int repair = TCP_REPAIR_ON, over = TCP_REPAIR_OFF, on = 1;

    if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &repair, sizeof(repair)) < 0 || bind(fd, address, length) < 0) {
        return -1;
    }
    if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &over, sizeof(over)) < 0) {
        return -1;
    }
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

void porch_turn_away(struct porch *porch, const struct syn *syn, int error)
{
    uint8_t packet[PACKET_MOST];

    if (error == ECONNRESET) {
        say(porch, &syn->client, packet, packet_cross(syn, packet));
        say(porch, &syn->client, packet, packet_reset_crossed(syn, packet));
    } else if (packet_can_say(porch->family, error)) {
        say(porch, &syn->client, packet, packet_unreachable(syn, error, packet));
    } else {
        say(porch, &syn->client, packet, packet_refuse(syn, packet));
    }
}
