/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A filter: one member of the chain that a flow's bytes and its ending pass through, from the source end to the sink end. What comes in
 * may be passed on, changed, kept for later, or thrown away; endings travel behind data. The relay itself has no filter: a flow without
 * rules has an empty chain. engine/ (gates, faults) implements them. Declared here because the flow calls them.
 */
#ifndef HANGUP_RELAY_FILTER_H
#define HANGUP_RELAY_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flow;

/*
 * How a flow stops, in the order in which one may come behind another. (Silence is one more way: nothing passes.) The first two are TLS's:
 * its goodbye, and an alert, whose number is the flow's `alert`.
 */
enum ending { ENDING_CLOSE_NOTIFY, ENDING_ALERT, ENDING_FIN, ENDING_RST };

enum piece_flags {
    PIECE_URGENT = 1u << 0,    /* its last byte is TCP urgent data; it is sent with MSG_OOB */
    PIECE_OWN_WRITE = 1u << 1, /* is written by a call of its own and not joined with its neighbours (MSG_EOR) */
    PIECE_RAW = 1u << 2,       /* goes under a layer, as it is */
    PIECE_KEYS = 1u << 3,      /* for a layer of TLS: no data, each byte is the body of a KeyUpdate that it sends (RFC 8446, 4.6.3) */
};

/* A run of bytes on its way. The memory is the caller's and valid during the call only; filters may change bytes in place. */
struct piece {
    uint8_t *bytes;
    size_t length;
    uint64_t stamp; /* ns: when it was read from its socket */
    unsigned flags; /* enum piece_flags */
};

struct filter;

struct filter_ops {
    void (*data)(struct filter *filter, const struct piece *piece);
    void (*ending)(struct filter *filter, enum ending ending);
};

struct filter {
    const struct filter_ops *ops;
    struct flow *flow; /* NULL: not in a chain */
    struct filter *next, *previous;
    size_t kept; /* bytes it holds; set by filter_keep() only */
};

/* Puts a filter into a flow's chain behind another, at the front for NULL. What has passed that place already is not seen. */
void filter_insert(struct filter *filter, struct flow *flow, struct filter *behind);

/* Takes it out. It has passed on, or means to lose, what it kept: its count is given back here. */
void filter_remove(struct filter *filter);

/* Hand on to the next filter, or to the sink. */
void filter_pass(struct filter *filter, const struct piece *piece);
void filter_pass_ending(struct filter *filter, enum ending ending);

/* Says that it now keeps so many bytes. A flow whose filters and sink keep as much as its limit is not read from: the speaker's window
 * closes. */
void filter_keep(struct filter *filter, size_t bytes);

#endif
