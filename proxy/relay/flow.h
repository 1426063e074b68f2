/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A flow: what one application says to the other, bytes and then an ending, on its way from the source end through the chain of filters
 * to the sink end. It reads as long as there is room, and stops reading when there is none. An empty chain writes straight on. Not for
 * sockets (end.c), nor for what endings do to the link (link.c).
 */
#ifndef HANGUP_RELAY_FLOW_H
#define HANGUP_RELAY_FLOW_H

#include "relay/filter.h"
#include "rules/vocab.h"

struct link;
struct end;

/* A sink's queue of this size stops the reading, whatever the limit says: beyond it more bytes would only wait longer. */
#define FLOW_SINK_HIGH ((size_t)64 * 1024)

/* So many more full reads than small ones, and a flow that no rule looks into goes through a pipe; more than the most do not count. */
#define FLOW_SPLICED 3
#define FLOW_BULK_MOST 5

struct flow {
    struct link *link;
    enum side speaker;
    struct filter *first, *last; /* the chain */
    size_t kept;                 /* bytes that its filters keep */
    size_t early;                /* bytes that were heard in its speaker's SYN: they come again, before all others */
    bool drained;                /* nothing is there before the socket is ready again */
    bool starved;                /* it stopped reading for want of room: no readiness of a socket brings it back */
    bool full_told;              /* that the buffer filled was told */
    unsigned char bulk;          /* how much what came last looked like bulk data: from FLOW_SPLICED on it is spliced */
    bool reading;                /* inside flow_read(): not entered again */
    unsigned alert;              /* the number of the ENDING_ALERT that passes, or passed last (RFC 8446, 6) */
    bool answered;               /* an RST for what was said to the speaker's dead end was passed once */
    uint64_t bytes;              /* read so far */
    uint64_t heard_at;           /* ns: when the last of them came; at first, when the link was opened */
};

struct end *flow_source(const struct flow *flow);
struct end *flow_sink(const struct flow *flow);

/* Reads what the source has, as far as there is room and a fair share of the turn allows, and passes it on; endings too. */
void flow_read(struct flow *flow);

/* What the source says before it has a socket, in its SYN. */
void flow_hear_early(struct flow *flow, const uint8_t *bytes, size_t length);

/* Puts a piece or an ending into the front of the chain. */
void flow_enter(struct flow *flow, const struct piece *piece);
void flow_enter_ending(struct flow *flow, enum ending ending);

bool flow_has_room(const struct flow *flow);

/* Something that was kept has left: a flow that stopped for want of room goes on. */
void flow_room_made(struct flow *flow);

#endif
