/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IP, TCP and ICMP headers with their checksums.
 */
#include "kernel/packet.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define TCP_HEADER 20
#define ICMP_HEADER 8
#define HOPS 64

/* Where things are in a TCP header. */
#define TCP_SEQUENCE 4
#define TCP_ACKNOWLEDGED 8
#define TCP_OFFSET 12
#define TCP_FLAGS 13
#define TCP_CHECKSUM 16
#define TCP_RST 0x04
#define TCP_SYN 0x02
#define TCP_ACK 0x10

/* Options of a TCP header. */
#define OPTION_END 0
#define OPTION_NOTHING 1
#define OPTION_FAST_OPEN 34

/* Any number does: the connection never comes to be. */
#define OUR_SEQUENCE 0x48414e47u

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* An address and its port, whatever the family. */
struct place {
    const uint8_t *host;
    size_t length;
    uint8_t port[2];
};

static struct place place_of(const struct sockaddr_storage *address)
{
    struct place place = {0};

    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;

        place.host = (const uint8_t *)&in->sin_addr;
        place.length = sizeof(in->sin_addr);
        memcpy(place.port, &in->sin_port, 2);
    } else {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

        place.host = (const uint8_t *)&in6->sin6_addr;
        place.length = sizeof(in6->sin6_addr);
        memcpy(place.port, &in6->sin6_port, 2);
    }
    return place;
}

uint32_t syn_sequence(const struct syn *syn)
{
    return get32(syn->tcp + TCP_SEQUENCE);
}

/* How much of it is header; what is torn is all header. */
static size_t header_of(const uint8_t *tcp, size_t length)
{
    size_t header = length < TCP_HEADER ? length : (size_t)(tcp[TCP_OFFSET] >> 4) * 4;

    return header < length ? header : length;
}

static bool has_option(const uint8_t *tcp, size_t end, uint8_t kind)
{
    size_t at = TCP_HEADER;

    while (at < end && tcp[at] != OPTION_END && tcp[at] != kind) {
        bool alone = tcp[at] == OPTION_NOTHING;

        if (!alone && (at + 1 >= end || tcp[at + 1] < 2)) {
            return false;
        }
        at += alone ? 1 : tcp[at + 1];
    }
    return at < end && tcp[at] == kind;
}

bool segment_opens_fast(const uint8_t *tcp, size_t length)
{
    size_t header = header_of(tcp, length);

    return length > header || has_option(tcp, header, OPTION_FAST_OPEN);
}

bool syn_opens_fast(const struct syn *syn)
{
    return segment_opens_fast(syn->tcp, syn->length);
}

size_t syn_data(const struct syn *syn, const uint8_t **data)
{
    size_t header = header_of(syn->tcp, syn->length);

    *data = syn->tcp + header;
    return syn->length - header;
}

/* ---- checksums (RFC 1071) ---- */

static uint32_t sum_of(uint32_t sum, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2) {
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    }
    if (length % 2 == 1) {
        sum += (uint32_t)bytes[length - 1] << 8;
    }
    return sum;
}

static unsigned fold(uint32_t sum)
{
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

/* The same in both families: what differs in form adds up alike. */
static uint32_t pseudo_header(const struct place *from, const struct place *to, unsigned protocol, size_t length)
{
    return sum_of(sum_of(protocol + (uint32_t)length, from->host, from->length), to->host, to->length);
}

bool segment_is_sound(const struct tcp_segment *segment)
{
    struct place from = place_of(segment->from), to = place_of(segment->to);
    uint32_t pseudo = pseudo_header(&from, &to, IPPROTO_TCP, segment->length);
    unsigned written = (unsigned)segment->tcp[TCP_CHECKSUM] << 8 | segment->tcp[TCP_CHECKSUM + 1];

    return written == fold(pseudo) || fold(sum_of(pseudo, segment->tcp, segment->length)) == 0xffff;
}

static struct tcp_segment segment_of(const struct syn *syn)
{
    return (struct tcp_segment){
        .from = &syn->client, .to = &syn->local, .traffic_class = syn->traffic_class, .length = syn->length, .tcp = syn->tcp};
}

bool syn_is_sound(const struct syn *syn)
{
    struct tcp_segment segment = segment_of(syn);

    return segment_is_sound(&segment);
}

/* ---- headers ---- */

static size_t write_ip(const struct place *from, const struct place *to, unsigned protocol, unsigned hops, unsigned traffic_class,
    size_t length, uint8_t *out)
{
    if (from->length == 4) {
        memset(out, 0, IPV4_HEADER);
        out[0] = 0x45;
        out[1] = (uint8_t)traffic_class;
        put16(out + 2, (unsigned)(IPV4_HEADER + length));
        put16(out + 6, 0x4000); /* do not fragment */
        out[8] = (uint8_t)hops;
        out[9] = (uint8_t)protocol;
        memcpy(out + 12, from->host, 4);
        memcpy(out + 16, to->host, 4);
        put16(out + 10, ~fold(sum_of(0, out, IPV4_HEADER)) & 0xffff);
        return IPV4_HEADER;
    }
    put32(out, 0x60000000u | traffic_class << 20);
    put16(out + 4, (unsigned)length);
    out[6] = (uint8_t)protocol;
    out[7] = (uint8_t)hops;
    memcpy(out + 8, from->host, 16);
    memcpy(out + 24, to->host, 16);
    return IPV6_HEADER;
}

/* The peer's own segment again, behind an IP header. */
static size_t write_again(const struct tcp_segment *segment, unsigned hops, uint8_t *out)
{
    struct place from = place_of(segment->from), to = place_of(segment->to);
    size_t length = segment->length, header = write_ip(&from, &to, IPPROTO_TCP, hops, segment->traffic_class, length, out);
    uint8_t *tcp = out + header;

    memcpy(tcp, segment->tcp, length);
    put16(tcp + TCP_CHECKSUM, 0);
    put16(tcp + TCP_CHECKSUM, ~fold(sum_of(pseudo_header(&from, &to, IPPROTO_TCP, length), tcp, length)) & 0xffff);
    return header + length;
}

size_t packet_forward(const struct tcp_segment *segment, uint8_t *out)
{
    return write_again(segment, 0, out);
}

size_t packet_repeat(const struct syn *syn, uint8_t *out)
{
    struct tcp_segment segment = segment_of(syn);

    return packet_forward(&segment, out);
}

/* A segment of ours to the client: a bare header. */
static size_t write_segment(const struct syn *syn, unsigned flags, uint32_t sequence, uint32_t acknowledged, uint8_t *out)
{
    struct place from = place_of(&syn->local), to = place_of(&syn->client);
    size_t header = write_ip(&from, &to, IPPROTO_TCP, HOPS, 0, TCP_HEADER, out);
    uint8_t *tcp = out + header;

    memset(tcp, 0, TCP_HEADER);
    memcpy(tcp, from.port, 2);
    memcpy(tcp + 2, to.port, 2);
    put32(tcp + TCP_SEQUENCE, sequence);
    put32(tcp + TCP_ACKNOWLEDGED, acknowledged);
    tcp[TCP_OFFSET] = TCP_HEADER / 4 << 4;
    tcp[TCP_FLAGS] = (uint8_t)flags;
    if ((flags & TCP_SYN) != 0) {
        put16(tcp + 14, 0xffff);
    }
    put16(tcp + TCP_CHECKSUM, ~fold(sum_of(pseudo_header(&from, &to, IPPROTO_TCP, TCP_HEADER), tcp, TCP_HEADER)) & 0xffff);
    return header + TCP_HEADER;
}

size_t packet_refuse(const struct syn *syn, uint8_t *out)
{
    const uint8_t *data;

    return write_segment(syn, TCP_RST | TCP_ACK, 0, syn_sequence(syn) + 1 + (uint32_t)syn_data(syn, &data), out);
}

size_t packet_cross(const struct syn *syn, uint8_t *out)
{
    return write_segment(syn, TCP_SYN, OUR_SEQUENCE, 0, out);
}

size_t packet_reset_crossed(const struct syn *syn, uint8_t *out)
{
    return write_segment(syn, TCP_RST, OUR_SEQUENCE + 1, 0, out);
}

size_t packet_reset(const struct syn *syn, uint32_t sequence, uint8_t *out)
{
    return write_segment(syn, TCP_RST, sequence, 0, out);
}

/* ---- ICMP ---- */

/* What Linux makes of an error that answers a SYN. */
struct icmp_error {
    int error;
    uint8_t type, code;
};

static const struct icmp_error icmp_errors[] = {
    {ENETUNREACH, 3, 0}, {EHOSTUNREACH, 3, 1}, {ENOPROTOOPT, 3, 2}, {EOPNOTSUPP, 3, 5}, {EHOSTDOWN, 3, 7}, {ENONET, 3, 8}, {EPROTO, 12, 0},
};
static const struct icmp_error icmpv6_errors[] = {{ENETUNREACH, 1, 0}, {EACCES, 1, 1}, {EHOSTUNREACH, 1, 3}, {EPROTO, 4, 0}};

static const struct icmp_error *find_error(int family, int error)
{
    const struct icmp_error *list = family == AF_INET ? icmp_errors : icmpv6_errors;
    size_t count = family == AF_INET ? sizeof(icmp_errors) / sizeof(*list) : sizeof(icmpv6_errors) / sizeof(*list);

    for (size_t i = 0; i < count; i++) {
        if (list[i].error == error) {
            return &list[i];
        }
    }
    return NULL;
}

bool packet_can_say(int family, int error)
{
    return find_error(family, error) != NULL;
}

size_t packet_unreachable(const struct syn *syn, int error, uint8_t *out)
{
    const struct icmp_error *found = find_error(syn->client.ss_family, error);
    struct place from = place_of(&syn->local), to = place_of(&syn->client);
    unsigned protocol = from.length == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    size_t header = from.length == 4 ? IPV4_HEADER : IPV6_HEADER, body;
    struct tcp_segment about = segment_of(syn);
    uint8_t *icmp = out + header;

    about.length = TCP_HEADER; /* enough to find the socket */
    if (found == NULL) {
        return 0;
    }
    memset(icmp, 0, ICMP_HEADER);
    icmp[0] = found->type;
    icmp[1] = found->code;
    body = ICMP_HEADER + write_again(&about, HOPS, icmp + ICMP_HEADER);
    put16(icmp + 2, ~fold(sum_of(from.length == 4 ? 0 : pseudo_header(&from, &to, protocol, body), icmp, body)) & 0xffff);
    return write_ip(&from, &to, protocol, HOPS, 0, body, out) + body;
}
