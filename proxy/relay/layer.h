/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A layer: what stands between an end's socket and its flow, and turns what the wire says into what the application means. TLS is the one
 * there is (tls/); the relay knows no more of it than this. A relay has a kit for layers or none; each new link asks it for both of its
 * ends, so that rules can reach a layer before its socket is open.
 */
#ifndef HANGUP_RELAY_LAYER_H
#define HANGUP_RELAY_LAYER_H

#include <stdbool.h>

struct end;
struct layer;

struct layer_ops {
    /* The end's socket is open: from here on its stream goes through the layer, which replaces `end->stream.ops`. */
    void (*start)(struct layer *layer);
    /* Goes on with what it has to do by itself: a handshake, bytes for the wire that the socket did not take. */
    void (*advance)(struct layer *layer);
    /* TLS's goodbye, behind all that was written. False: it cannot be sent yet, since the handshake is not over. */
    bool (*send_close_notify)(struct layer *layer);
    /* An alert (RFC 8446, 6), behind all that was written; nothing else of ours can follow it but the end of the connection. */
    void (*send_alert)(struct layer *layer, unsigned alert);
    /* Whether the other application has seen a handshake through that this one is still in: how that one ends comes behind it. */
    bool (*is_behind)(const struct layer *layer);
    void (*free)(struct layer *layer); /* with the link, at the end of a turn */
};

struct layer {
    const struct layer_ops *ops;
    struct end *end;
};

/* What the layers of one relay's links are made of: read and made before the relay listens, not changed afterwards, used by all workers. */
struct layer_kit {
    /* The layer that this end of a new link is to have, or NULL for none. */
    struct layer *(*make)(const struct layer_kit *kit, struct end *end);
    void (*free)(struct layer_kit *kit); /* its layers are gone. From any thread */
};

#endif
