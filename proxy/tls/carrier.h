/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The carrier of a stage: it carries records between OpenSSL's memory, the hooks of the wire side (wire.h) and the socket. What is in them,
 * and what an ending of the wire means, is not its business. Used by the stage alone.
 *
 *     socket -> carrier_pull() -> hooks -> OpenSSL        OpenSSL -> carrier_flush() -> hooks -> carrier_push() -> socket
 */
#ifndef HANGUP_TLS_CARRIER_H
#define HANGUP_TLS_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "relay/queue.h"
#include "tls/record.h"
#include "tls/wire.h"

struct tls_stage;

struct carrier {
    struct wire wires[2];     /* by enum wire_way */
    struct queue pending;     /* records that the socket did not take */
    struct queue unheard;     /* what came from the wire and OpenSSL has not been given */
    struct tls_records given; /* where in the records of the wire stands what it has been given */
    bool fin_waits, fin_sent; /* our FIN goes behind `pending`; has gone, and nothing can follow it */
    bool busy;                /* moving bytes itself: what comes of it needs no other turn */
    bool over;                /* the wire's FIN has come through its hooks */
};

void carrier_init(struct carrier *carrier);
void carrier_release(struct carrier *carrier);

/* One read of the wire. As recv(2) says; what came is behind the hooks. That it was the FIN, and no error, the caller finds out, and enters
 * it. */
ssize_t carrier_pull(struct tls_stage *stage);
void carrier_enter_fin(struct tls_stage *stage);

/* Gives OpenSSL what came, up to the end of a record. False: there was nothing. */
bool carrier_give(struct tls_stage *stage);

/* What came and has not been read by OpenSSL, in bytes. */
size_t carrier_waits(const struct tls_stage *stage);

/* What OpenSSL has made goes to the wire; a record of our own does, or bytes outside of any. */
void carrier_flush(struct tls_stage *stage);
void carrier_put(struct tls_stage *stage, const void *bytes, size_t length);

void carrier_say_fin(struct tls_stage *stage); /* ours, behind it */

/* As much of what is pending as the socket takes. */
void carrier_push(struct tls_stage *stage);

#endif
