/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets that answer a client's SYN in the place of our kernel's TCP, or repeat a segment: bytes in, bytes out, no socket. What sends and
 * hears them is porch.c, detour.c and forge.c. IPv4 and IPv6; RFC 9293 for segments, RFC 792 and RFC 4443 for ICMP errors.
 */
#ifndef HANGUP_KERNEL_PACKET_H
#define HANGUP_KERNEL_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* A TCP header with all its options, and as much fast open data as a segment has on a way within this machine. */
#define SYN_MOST 65535
#define PACKET_MOST (SYN_MOST + 160)

/* A client's SYN as it came. */
struct syn {
    struct sockaddr_storage client, local; /* from where, to where; with ports. Both AF_INET, or both AF_INET6 */
    uint8_t traffic_class;                 /* of its IP header */
    size_t length;                         /* of `tcp`, at least 20 */
    uint8_t tcp[SYN_MOST];                 /* from the TCP header on; a copy need not have room behind `length` */
};

/* Any segment as it came; it points to what is its holder's. */
struct tcp_segment {
    const struct sockaddr_storage *from, *to; /* with ports. Both AF_INET, or both AF_INET6 */
    uint8_t traffic_class;
    size_t length;
    const uint8_t *tcp;
};

uint32_t syn_sequence(const struct syn *syn);
bool syn_opens_fast(const struct syn *syn); /* brings data, or a cookie, or asks for one (RFC 7413) */
bool segment_opens_fast(const uint8_t *tcp, size_t length); /* the same of a SYN's bytes, from the TCP header on */
size_t syn_data(const struct syn *syn, const uint8_t **data);

/* Whether its checksum holds: the whole one, or, as on a way within this machine, the part that a network card would complete. */
bool syn_is_sound(const struct syn *syn);
bool segment_is_sound(const struct tcp_segment *segment);

/* The segment again, with a hop count of 0, which none that comes from afar has; at most PACKET_HEADER bytes longer than it is. */
#define PACKET_HEADER 40
size_t packet_forward(const struct tcp_segment *segment, uint8_t *out);

/* Each writes a packet from its IP header on into `out`, PACKET_MOST bytes of room, and returns its length. */
size_t packet_repeat(const struct syn *syn, uint8_t *out); /* the SYN again, forwarded */
size_t packet_refuse(const struct syn *syn, uint8_t *out); /* RST: nobody listens */

/* Half of a simultaneous open, and then the RST that ends it (RFC 9293, 3.5): to be sent one behind the other. */
size_t packet_cross(const struct syn *syn, uint8_t *out);
size_t packet_reset_crossed(const struct syn *syn, uint8_t *out);

/* RST from a connection that is established, and of whose numbers this is the next. */
size_t packet_reset(const struct syn *syn, uint32_t sequence, uint8_t *out);

/* The ICMP error that becomes this errno at the client; 0: no network says that in this family. */
size_t packet_unreachable(const struct syn *syn, int error, uint8_t *out);
bool packet_can_say(int family, int error);

#endif
