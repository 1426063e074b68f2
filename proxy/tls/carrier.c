/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes of records on their way in and out.
 */
#include "tls/carrier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "relay/link.h"
#include "rules/memory.h"
#include "tls/stage.h"

#define WIRE_READ ((size_t)16 * 1024 + 512) /* about a record */

static struct tls_stage *of_wire(struct wire *wire, enum wire_way way)
{
    return (struct tls_stage *)(void *)((char *)(wire - way) - offsetof(struct tls_stage, carrier.wires));
}

/* ---- out: to the socket ---- */

void carrier_push(struct tls_stage *stage)
{
    struct carrier *carrier = &stage->carrier;
    struct stream *stream = &stage->layer.end->stream;
    struct piece front;

    while (queue_front(&carrier->pending, SIZE_MAX, &front)) {
        ssize_t put = stage->below->write(stream, front.bytes, front.length, front.flags);

        if (put < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS && stage->layer.end->error == 0) {
                stage->layer.end->error = errno; /* its own flow finds it when it has read what is left */
                link_again(stage->layer.end->link);
            }
            return;
        }
        queue_consume(&carrier->pending, (size_t)put);
    }
    if (carrier->fin_waits) {
        carrier->fin_waits = false;
        carrier->fin_sent = true;
        stage->below->send_fin(stream);
    }
}

/* Records of one call stay together in one write, as an application's would. */
static void out_data(struct wire *wire, const uint8_t *bytes, size_t length)
{
    struct tls_stage *stage = of_wire(wire, WIRE_OUT);
    struct piece piece = {.bytes = (uint8_t *)(uintptr_t)bytes, .length = length};

    if (stage->carrier.fin_sent) {
        return;
    }
    queue_append(&stage->carrier.pending, &piece);
    if (!stage->carrier.busy) {
        link_again(stage->layer.end->link); /* a hook had kept it */
    }
}

static void out_fin(struct wire *wire)
{
    struct tls_stage *stage = of_wire(wire, WIRE_OUT);

    stage->carrier.fin_waits = true;
    carrier_push(stage);
}

void carrier_flush(struct tls_stage *stage)
{
    uint8_t bytes[WIRE_READ];
    int length;

    stage->carrier.busy = true;
    while ((length = BIO_read(SSL_get_wbio(stage->ssl), bytes, (int)sizeof(bytes))) > 0) {
        wire_enter(&stage->carrier.wires[WIRE_OUT], bytes, (size_t)length);
    }
    stage->carrier.busy = false;
    if (stage->layer.end->state == END_OPEN) {
        carrier_push(stage);
    }
}

/* Hooks may change what they get, so it is a copy. */
void carrier_put(struct tls_stage *stage, const void *bytes, size_t length)
{
    uint8_t *copy = xmalloc(length);

    memcpy(copy, bytes, length);
    stage->carrier.busy = true;
    wire_enter(&stage->carrier.wires[WIRE_OUT], copy, length);
    stage->carrier.busy = false;
    carrier_push(stage);
    free(copy);
}

void carrier_say_fin(struct tls_stage *stage)
{
    wire_enter_fin(&stage->carrier.wires[WIRE_OUT]);
}

/* ---- in: from the socket ---- */

static void give(struct tls_stage *stage, const uint8_t *bytes, size_t length)
{
    if (BIO_write(SSL_get_rbio(stage->ssl), bytes, (int)length) != (int)length) {
        abort();
    }
}

/* In a handshake what comes waits, so that rules hear of each record before the next. */
static void in_data(struct wire *wire, const uint8_t *bytes, size_t length)
{
    struct tls_stage *stage = of_wire(wire, WIRE_IN);
    struct piece piece = {.bytes = (uint8_t *)(uintptr_t)bytes, .length = length};

    if (stage->done && !tls_stage_is_over(stage) && stage->carrier.unheard.bytes == 0) {
        give(stage, bytes, length);
    } else if (!tls_stage_is_over(stage)) {
        queue_append(&stage->carrier.unheard, &piece);
    }
    if (!stage->carrier.busy) {
        link_wake(stage->layer.end->link, stage->layer.end->side); /* a hook had kept it */
    }
}

static void in_fin(struct wire *wire)
{
    struct tls_stage *stage = of_wire(wire, WIRE_IN);

    stage->carrier.over = true;
    if (!stage->carrier.busy) {
        link_wake(stage->layer.end->link, stage->layer.end->side);
    }
}

bool carrier_give(struct tls_stage *stage)
{
    struct carrier *carrier = &stage->carrier;
    struct piece front;
    bool any = false;

    do {
        if (!queue_front(&carrier->unheard, tls_records_reach(&carrier->given), &front)) {
            break;
        }
        tls_records_take(&carrier->given, front.bytes, front.length);
        give(stage, front.bytes, front.length);
        queue_consume(&carrier->unheard, front.length);
        any = true;
    } while (!carrier->given.ended);
    return any;
}

size_t carrier_waits(const struct tls_stage *stage)
{
    return BIO_ctrl_pending(SSL_get_rbio(stage->ssl)) + stage->carrier.unheard.bytes;
}

ssize_t carrier_pull(struct tls_stage *stage)
{
    uint8_t bytes[WIRE_READ];
    bool urgent;
    ssize_t got = stage->below->read(&stage->layer.end->stream, bytes, sizeof(bytes), &urgent);

    if (got > 0) {
        stage->carrier.busy = true;
        wire_enter(&stage->carrier.wires[WIRE_IN], bytes, (size_t)got);
        stage->carrier.busy = false;
    }
    return got;
}

void carrier_enter_fin(struct tls_stage *stage)
{
    stage->carrier.busy = true;
    wire_enter_fin(&stage->carrier.wires[WIRE_IN]);
    stage->carrier.busy = false;
}

/* ---- its life ---- */

void carrier_init(struct carrier *carrier)
{
    *carrier = (struct carrier){.wires = {[WIRE_IN] = {.data = in_data, .fin = in_fin}, [WIRE_OUT] = {.data = out_data, .fin = out_fin}}};
}

void carrier_release(struct carrier *carrier)
{
    wire_release(&carrier->wires[WIRE_IN]);
    wire_release(&carrier->wires[WIRE_OUT]);
    queue_clear(&carrier->pending);
    queue_clear(&carrier->unheard);
}

bool wire_attach(struct end *end, enum wire_way way, struct wire_hook *hook)
{
    struct tls_stage *stage = tls_stage_of(end);
    struct wire_hook **place;

    if (stage == NULL) {
        return false;
    }
    for (place = &stage->carrier.wires[way].first; *place != NULL; place = &(*place)->next) {
    }
    *place = hook;
    hook->next = NULL;
    hook->wire = &stage->carrier.wires[way];
    return true;
}
