/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading and writing through TLS, and what its endings mean for the flow. OpenSSL works on memory: this file moves the bytes between it,
 * the hooks of the wire side and the socket. Endings enter the flow while it is being read, behind the bytes in front of them.
 */
#include "tls/stage.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "relay/link.h"
#include "rules/memory.h"
#include "tls/alert.h"
#include "tls/handshake.h"
#include "tls/side.h"

#define WIRE_READ ((size_t)16 * 1024 + 512) /* about a record */
#define WIRE_FAIR 16                        /* reads of the wire within one read of the flow */
#define WIRE_HIGH ((size_t)64 * 1024)       /* bytes that wait for a handshake: no more of them are read */

static struct tls_stage *of_layer(struct layer *layer)
{
    return (struct tls_stage *)(void *)layer;
}

static struct tls_stage *of_stream(const struct stream *stream)
{
    const struct end *end = (const struct end *)(const void *)((const char *)stream - offsetof(struct end, stream));

    return of_layer(end->layer);
}

struct tls_stage *tls_stage_of(const struct end *end)
{
    return end->layer != NULL ? of_layer(end->layer) : NULL;
}

struct tls_stage *tls_stage_of_ssl(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}

struct tls_stage *tls_stage_other(const struct tls_stage *stage)
{
    const struct end *end = stage->layer.end;

    return end->link->no_server ? NULL : tls_stage_of(&end->link->ends[side_other(end->side)]);
}

static struct flow *stage_flow(const struct tls_stage *stage)
{
    return &stage->layer.end->link->flows[stage->layer.end->side];
}

static void stage_tell(const struct tls_stage *stage, enum notice_kind kind, const char *text)
{
    const struct end *end = stage->layer.end;

    link_tell(end->link, (struct notice){.kind = kind, .side = end->side, .text = text});
}

/* Nothing of what the application says is TLS that is listened to any more. */
static bool is_over(const struct tls_stage *stage)
{
    return stage->broken || stage->notify_received;
}

/* ---- out: to the socket ---- */

static void send_pending(struct tls_stage *stage)
{
    struct stream *stream = &stage->layer.end->stream;
    struct piece front;

    while (queue_front(&stage->pending, SIZE_MAX, &front)) {
        ssize_t put = stage->below->write(stream, front.bytes, front.length, front.flags);

        if (put < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS && stage->layer.end->error == 0) {
                stage->layer.end->error = errno; /* its own flow finds it when it has read what is left */
                link_again(stage->layer.end->link);
            }
            return;
        }
        queue_consume(&stage->pending, (size_t)put);
    }
    if (stage->fin_waits) {
        stage->fin_waits = false;
        stage->fin_sent = true;
        stage->below->send_fin(stream);
    }
}

/* Records of one call stay together in one write, as an application's would. */
static void out_data(struct wire *wire, const uint8_t *bytes, size_t length)
{
    struct tls_stage *stage = (struct tls_stage *)((char *)(wire - WIRE_OUT) - offsetof(struct tls_stage, wires));
    struct piece piece = {.bytes = (uint8_t *)(uintptr_t)bytes, .length = length};

    if (stage->fin_sent) {
        return;
    }
    queue_append(&stage->pending, &piece);
    if (!stage->busy) {
        link_again(stage->layer.end->link); /* a hook had kept it */
    }
}

static void out_fin(struct wire *wire)
{
    struct tls_stage *stage = (struct tls_stage *)((char *)(wire - WIRE_OUT) - offsetof(struct tls_stage, wires));

    stage->fin_waits = true;
    send_pending(stage);
}

/* What OpenSSL has made goes to the wire. */
static void flush(struct tls_stage *stage)
{
    uint8_t bytes[WIRE_READ];
    int length;

    stage->busy = true;
    while ((length = BIO_read(SSL_get_wbio(stage->ssl), bytes, (int)sizeof(bytes))) > 0) {
        wire_enter(&stage->wires[WIRE_OUT], bytes, (size_t)length);
    }
    stage->busy = false;
    if (stage->layer.end->state == END_OPEN) {
        send_pending(stage);
    }
}

/* ---- in: from the socket ---- */

static void in_data(struct wire *wire, const uint8_t *bytes, size_t length)
{
    struct tls_stage *stage = (struct tls_stage *)((char *)(wire - WIRE_IN) - offsetof(struct tls_stage, wires));

    if (!is_over(stage) && BIO_write(SSL_get_rbio(stage->ssl), bytes, (int)length) != (int)length) {
        abort();
    }
    if (!stage->busy) {
        link_wake(stage->layer.end->link, stage->layer.end->side); /* a hook had kept it */
    }
}

static void in_fin(struct wire *wire)
{
    struct tls_stage *stage = (struct tls_stage *)((char *)(wire - WIRE_IN) - offsetof(struct tls_stage, wires));

    stage->wire_over = true;
    if (!stage->busy) {
        link_wake(stage->layer.end->link, stage->layer.end->side);
    }
}

/* It is the application that ends it, unless we have begun with that. */
static void tell_abort(struct tls_stage *stage, const char *how)
{
    const struct end *end = stage->layer.end;

    if (!stage->done && !stage->abort_told && !stage->broken && !end->fin_sent && !end->alert_due && !end->closed_on) {
        stage->abort_told = true;
        stage_tell(stage, NOTICE_HANDSHAKE_ABORTED, how);
    }
}

/* The first of them is how it ended its TLS. */
static void tell_end(struct tls_stage *stage, const char *how, unsigned alert)
{
    struct end *end = stage->layer.end;

    if (stage->done && !stage->broken && !stage->end_told) {
        stage->end_told = true;
        link_tell(end->link, (struct notice){.kind = NOTICE_TLS_ENDED, .side = end->side, .text = how, .bytes = alert});
    }
}

/* One read of the wire. As recv(2) says; what came is behind the hooks. */
static ssize_t pull(struct tls_stage *stage)
{
    uint8_t bytes[WIRE_READ];
    bool urgent;
    ssize_t got = stage->below->read(&stage->layer.end->stream, bytes, sizeof(bytes), &urgent);
    int error = errno;

    stage->busy = true;
    if (got > 0) {
        wire_enter(&stage->wires[WIRE_IN], bytes, (size_t)got);
    } else if (got == 0 && stage->layer.end->error == 0) {
        tell_abort(stage, "FIN");
        tell_end(stage, "bare FIN", 0);
        wire_enter_fin(&stage->wires[WIRE_IN]);
    } else if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
        tell_abort(stage, "RST");
        tell_end(stage, "RST", 0);
        errno = error;
    }
    stage->busy = false;
    return got;
}

/* ---- endings and failures ---- */

/* An alert has come: it goes on to the other side as it is. */
static void alert_came(struct tls_stage *stage)
{
    struct flow *flow = stage_flow(stage);
    unsigned alert = stage->read_alert - 1;
    char text[ALERT_TEXT];

    alert_text(alert, text);
    stage_tell(stage, NOTICE_ALERT_RECEIVED, text);
    tell_abort(stage, text);
    tell_end(stage, text, alert);
    stage->broken = true;
    flow->alert = alert;
    flow_enter_ending(flow, ENDING_ALERT);
}

/*
 * Our own verdict: its certificate, its protocol, its bytes. OpenSSL has told this side by an alert, and here we end. In a handshake the
 * other side gets the same alert, as from an application that failed; later its speaker has failed in the middle of what it said.
 */
static void we_failed(struct tls_stage *stage, const char *reason)
{
    struct end *end = stage->layer.end;
    struct flow *flow = stage_flow(stage);
    bool in_handshake = !stage->done;
    char text[ALERT_TEXT];

    stage_tell(stage, NOTICE_TLS_FAILED, reason);
    if (stage->written_alert > 0) {
        alert_text(stage->written_alert - 1, text);
        stage_tell(stage, NOTICE_ALERT_SENT, text);
    }
    stage->broken = true;
    if (end->state != END_OPEN) {
        return;
    }
    end_put_ending(end, ENDING_FIN);
    end->link->unspoken = true; /* no deed of that side */
    if (in_handshake) {
        flow->alert = stage->written_alert > 0 ? stage->written_alert - 1 : SSL_AD_INTERNAL_ERROR;
        flow_enter_ending(flow, ENDING_ALERT);
    }
    flow_enter_ending(flow, ENDING_FIN);
    end->link->unspoken = false;
}

static void failed(struct tls_stage *stage, const char *reason)
{
    flush(stage);
    if (stage->read_alert > 0) {
        alert_came(stage);
    } else {
        we_failed(stage, reason);
    }
}

static void notify_came(struct tls_stage *stage)
{
    stage->notify_received = true;
    end_check_fin(stage->layer.end); /* whether it has our FIN when it says that */
    if (stage->layer.end->state != END_OPEN) {
        return;
    }
    stage_tell(stage, NOTICE_NOTIFY_RECEIVED, NULL);
    tell_end(stage, "close_notify", SSL_AD_CLOSE_NOTIFY);
    flow_enter_ending(stage_flow(stage), ENDING_CLOSE_NOTIFY);
}

/* ---- the handshake ---- */

static void handshake_over(struct tls_stage *stage)
{
    struct link *link = stage->layer.end->link;
    char text[128];

    stage->done = true;
    handshake_describe(stage, text, (int)sizeof(text));
    stage_tell(stage, NOTICE_HANDSHAKE_DONE, text);
    link_wake(link, side_other(stage->layer.end->side)); /* it may have waited for this */
}

/* In front of what we answer: what rules do about it is in force before that leaves. False: there was nothing to tell. */
static bool tell_heard(struct tls_stage *stage)
{
    bool any = stage->heard_count > 0;

    for (size_t i = 0; i < stage->heard_count; i++) {
        const char *name = tls_message_name(stage->heard[i]), *asked = stage->wish.name;
        char text[WISH_NAME_MOST + 32];

        snprintf(text, sizeof(text), "%s%s%s", name, stage->heard[i] == TLS_CLIENT_HELLO && asked[0] ? " for " : "",
            stage->heard[i] == TLS_CLIENT_HELLO ? asked : "");
        stage_tell(stage, NOTICE_TLS_MESSAGE, text);
    }
    stage->heard_count = 0;
    return any;
}

static bool shake(struct tls_stage *stage)
{
    enum handshake_state state;

    if (stage->done) {
        return true;
    }
    do { /* it may have waited to be told of */
        state = handshake_go(stage);
    } while (tell_heard(stage) && state == HANDSHAKE_WAITS);
    flush(stage);
    switch (state) {
    case HANDSHAKE_DONE: handshake_over(stage); break;
    case HANDSHAKE_WAITS: break;
    case HANDSHAKE_FAILED: failed(stage, handshake_reason(stage)); break;
    }
    return stage->done;
}

/* ---- as a stream ---- */

/* What TLS has for the flow now: > 0 bytes, or 0. Endings it enters by itself. */
static size_t take(struct tls_stage *stage, void *bytes, size_t size)
{
    int got;

    if (is_over(stage) || !shake(stage) || stage->layer.end->state != END_OPEN) {
        return 0;
    }
    ERR_clear_error();
    got = SSL_read(stage->ssl, bytes, size > INT32_MAX ? INT32_MAX : (int)size);
    flush(stage);
    if (got > 0) {
        return (size_t)got;
    }
    switch (SSL_get_error(stage->ssl, got)) {
    case SSL_ERROR_ZERO_RETURN: notify_came(stage); break;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: break;
    default: failed(stage, handshake_reason(stage)); /* not an enum: numbers of OpenSSL's */
    }
    return 0;
}

static ssize_t not_now(void)
{
    errno = EAGAIN;
    return -1;
}

/* In memory: no readiness of the socket tells of it. */
static bool has_more(const struct tls_stage *stage)
{
    return BIO_ctrl_pending(SSL_get_rbio(stage->ssl)) > 0 || SSL_has_pending(stage->ssl) != 0;
}

static ssize_t stage_read(struct stream *stream, void *bytes, size_t size, bool *urgent)
{
    struct tls_stage *stage = of_stream(stream);

    *urgent = false;
    stream->drained = false;
    for (int reads = 0; stage->layer.end->state == END_OPEN; reads++) {
        size_t taken = take(stage, bytes, size);
        ssize_t got;

        if (taken > 0) {
            stream->drained = stream->drained && !has_more(stage);
            return (ssize_t)taken;
        }
        if (stage->layer.end->state != END_OPEN || stream->drained
            || (!is_over(stage) && BIO_ctrl_pending(SSL_get_rbio(stage->ssl)) > WIRE_HIGH)) {
            break;
        }
        if (stage->wire_over) {
            return 0;
        }
        if (reads == WIRE_FAIR) {
            link_wake(stage->layer.end->link, stage->layer.end->side);
            break;
        }
        got = pull(stage);
        if (got < 0 || (got == 0 && !stage->wire_over)) {
            return got < 0 || stage->layer.end->error != 0 ? got : not_now(); /* a hook holds the FIN */
        }
    }
    return not_now();
}

/* Outside of any record. Hooks may change what they get, so it is a copy. */
static void write_raw(struct tls_stage *stage, const void *bytes, size_t size)
{
    uint8_t *copy = xmalloc(size);

    memcpy(copy, bytes, size);
    stage->busy = true;
    wire_enter(&stage->wires[WIRE_OUT], copy, size);
    stage->busy = false;
    send_pending(stage);
    free(copy);
}

/* Where no more is said in TLS, what is left for this side goes nowhere. */
static ssize_t stage_write(struct stream *stream, const void *bytes, size_t size, unsigned flags)
{
    struct tls_stage *stage = of_stream(stream);
    int put;

    if ((flags & PIECE_RAW) != 0) {
        write_raw(stage, bytes, size);
        return (ssize_t)size;
    }
    if (stage->broken) { /* each write is a record, or several, of its own; TLS has no urgent data */
        return (ssize_t)size;
    }
    send_pending(stage);
    if (!stage->done || stage->pending.bytes > 0) {
        return not_now();
    }
    ERR_clear_error();
    put = SSL_write(stage->ssl, bytes, size > INT32_MAX ? INT32_MAX : (int)size);
    flush(stage);
    if (put <= 0) {
        failed(stage, handshake_reason(stage));
        return (ssize_t)size;
    }
    return put;
}

static void stage_send_fin(struct stream *stream)
{
    wire_enter_fin(&of_stream(stream)->wires[WIRE_OUT]);
}

static int stage_take_error(struct stream *stream)
{
    return of_stream(stream)->below->take_error(stream);
}

static bool stage_hung_up(struct stream *stream)
{
    return of_stream(stream)->below->hung_up(stream);
}

static enum tcp_state stage_state(struct stream *stream)
{
    return of_stream(stream)->below->state(stream);
}

static size_t stage_unsent(struct stream *stream)
{
    return of_stream(stream)->pending.bytes + of_stream(stream)->below->unsent(stream);
}

static size_t stage_unacked(struct stream *stream)
{
    return of_stream(stream)->pending.bytes + of_stream(stream)->below->unacked(stream);
}

static uint64_t stage_round_trip(struct stream *stream)
{
    return of_stream(stream)->below->round_trip(stream);
}

static int stage_lose(struct stream *stream, const struct loss *losses)
{
    return of_stream(stream)->below->lose(stream, losses);
}

static bool stage_segments(struct stream *stream, struct segments *segments)
{
    return of_stream(stream)->below->segments(stream, segments);
}

static int stage_sequence(struct stream *stream, struct sequence *sequence)
{
    return of_stream(stream)->below->sequence(stream, sequence);
}

static int stage_forge(struct stream *stream, int error)
{
    return of_stream(stream)->below->forge(stream, error);
}

static int stage_forget(struct stream *stream)
{
    return of_stream(stream)->below->forget(stream);
}

static void stage_close(struct stream *stream, bool reset)
{
    struct end *end = of_stream(stream)->layer.end;

    of_stream(stream)->below->close(stream, reset);
    link_wake(end->link, side_other(end->side)); /* a handshake there waits for this one no longer */
}

static const struct stream_ops stream_ops = {
    .read = stage_read,
    .write = stage_write,
    .send_fin = stage_send_fin,
    .take_error = stage_take_error,
    .hung_up = stage_hung_up,
    .state = stage_state,
    .unsent = stage_unsent,
    .unacked = stage_unacked,
    .round_trip = stage_round_trip,
    .lose = stage_lose,
    .segments = stage_segments,
    .sequence = stage_sequence,
    .forget = stage_forget,
    .forge = stage_forge,
    .close = stage_close,
};

/* ---- as a stage ---- */

static void stage_start(struct layer *base)
{
    struct tls_stage *stage = of_layer(base);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

    if (in == NULL || out == NULL) {
        abort();
    }
    BIO_set_mem_eof_return(in, -1); /* empty is not the end: that is told apart here */
    handshake_prepare(stage);
    SSL_set_bio(stage->ssl, in, out);
    stage->below = base->end->stream.ops;
    base->end->stream.ops = &stream_ops;
}

static void stage_advance(struct layer *base)
{
    struct tls_stage *stage = of_layer(base);

    if (stage->below != NULL && base->end->state == END_OPEN) {
        send_pending(stage);
        if (stage->config->side == SIDE_SERVER && !stage->greeted && !stage->broken) {
            (void)shake(stage); /* also where the server has sent its FIN, and is not read any more */
        }
    }
}

static bool stage_is_behind(const struct layer *base)
{
    const struct tls_stage *stage = (const struct tls_stage *)(const void *)base, *other = tls_stage_other(stage);

    return other != NULL && other->done && !other->broken && !stage->done && !stage->broken;
}

static bool stage_send_close_notify(struct layer *base)
{
    struct tls_stage *stage = of_layer(base);

    if (stage->broken) {
        return true; /* it would be noise */
    }
    if (!stage->done) {
        return false;
    }
    ERR_clear_error();
    (void)SSL_shutdown(stage->ssl);
    SSL_set_shutdown(stage->ssl, SSL_get_shutdown(stage->ssl) & SSL_RECEIVED_SHUTDOWN); /* rules may have more said behind it */
    flush(stage);
    stage_tell(stage, NOTICE_NOTIFY_SENT, NULL);
    return true;
}

static void stage_send_alert(struct layer *base, unsigned alert)
{
    struct tls_stage *stage = of_layer(base);
    uint8_t record[SEAL_RECORD_MOST];
    char text[ALERT_TEXT];
    bool spoken = stage->config->side == SIDE_CLIENT || stage->greeted; /* else the first it hears would be that */
    size_t length = stage->broken || !spoken ? 0 : seal_alert(&stage->seal, stage->ssl, alert, record);

    if (length > 0) {
        wire_enter(&stage->wires[WIRE_OUT], record, length);
        send_pending(stage);
        alert_text(alert, text);
        stage_tell(stage, NOTICE_ALERT_SENT, text);
    }
    stage->broken = true;
}

static void stage_free(struct layer *base)
{
    struct tls_stage *stage = of_layer(base);

    wire_release(&stage->wires[WIRE_IN]);
    wire_release(&stage->wires[WIRE_OUT]);
    queue_clear(&stage->pending);
    if (stage->ssl != NULL && !stage->broken) {
        SSL_set_shutdown(stage->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); /* else OpenSSL forgets the session */
    }
    SSL_free(stage->ssl);
    OPENSSL_cleanse(&stage->seal, sizeof(stage->seal));
    free(stage);
}

static const struct layer_ops stage_ops = {
    .start = stage_start,
    .advance = stage_advance,
    .send_close_notify = stage_send_close_notify,
    .send_alert = stage_send_alert,
    .is_behind = stage_is_behind,
    .free = stage_free,
};

struct layer *tls_stage_new(const struct tls_side *config, struct end *end)
{
    struct tls_stage *stage = calloc(1, sizeof(*stage));

    if (stage == NULL) {
        abort();
    }
    stage->layer = (struct layer){.ops = &stage_ops, .end = end};
    stage->config = config;
    stage->wires[WIRE_IN] = (struct wire){.data = in_data, .fin = in_fin};
    stage->wires[WIRE_OUT] = (struct wire){.data = out_data, .fin = out_fin};
    return &stage->layer;
}

bool wire_attach(struct end *end, enum wire_way way, struct wire_hook *hook)
{
    struct wire_hook **place;

    if (end->layer == NULL) {
        return false;
    }
    for (place = &of_layer(end->layer)->wires[way].first; *place != NULL; place = &(*place)->next) {
    }
    *place = hook;
    hook->next = NULL;
    hook->wire = &of_layer(end->layer)->wires[way];
    return true;
}
