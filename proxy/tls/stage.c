/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading and writing through TLS: the handshake step by step, and then records. Endings enter the flow while it is being read, behind the
 * bytes in front of them (parting.h).
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
#include "tls/parting.h"
#include "tls/side.h"

#define WIRE_FAIR 16                        /* reads of the wire within one read of the flow */
#define UPDATES_MOST ((size_t)256)          /* KeyUpdates in one turn */
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

void tls_stage_tell(const struct tls_stage *stage, enum notice_kind kind, const char *text)
{
    const struct end *end = stage->layer.end;

    link_tell(end->link, (struct notice){.kind = kind, .side = end->side, .text = text});
}

/* Nothing of what the application says is TLS that is listened to any more. */
bool tls_stage_is_over(const struct tls_stage *stage)
{
    return stage->broken || stage->notify_received;
}

/* ---- the handshake ---- */

static void handshake_over(struct tls_stage *stage)
{
    struct link *link = stage->layer.end->link;
    char text[512];

    stage->done = true;
    handshake_describe(stage, text, (int)sizeof(text));
    tls_stage_tell(stage, NOTICE_HANDSHAKE_DONE, text);
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
        tls_stage_tell(stage, NOTICE_TLS_MESSAGE, text);
    }
    stage->heard_count = 0;
    return any;
}

static bool is_behind(const struct tls_stage *stage)
{
    const struct tls_stage *other = tls_stage_other(stage);

    return other != NULL && other->done && !other->broken && !stage->done && !stage->broken;
}

/* An RST or an alert is in line for this side, which may take its time over what is in front of it: the handshake does not go on. A server
 * is greeted all the same, by what its client has said. */
static bool is_cut_off(const struct tls_stage *stage)
{
    const struct end *end = stage->layer.end;
    bool begun = stage->config->side == SIDE_CLIENT || stage->greeted;

    return begun && (end->rst_due || end->alert_due) && (end->by != NULL || !is_behind(stage));
}

static bool shake(struct tls_stage *stage)
{
    enum handshake_state state = HANDSHAKE_WAITS;
    bool told = true; /* what was told of may have waited for that */

    if (stage->done) {
        return true;
    }
    while (state == HANDSHAKE_WAITS && !is_cut_off(stage) && (told || carrier_give(stage))) {
        state = handshake_go(stage);
        told = tell_heard(stage);
        carrier_flush(stage);
    }
    switch (state) {
    case HANDSHAKE_DONE: handshake_over(stage); break;
    case HANDSHAKE_WAITS: break;
    case HANDSHAKE_FAILED: parting_by_failure(stage, handshake_reason(stage)); break;
    }
    return stage->done;
}

/* ---- as a stream ---- */

/* What TLS has for the flow now: > 0 bytes, or 0. Endings it enters by itself. */
static size_t take(struct tls_stage *stage, void *bytes, size_t size)
{
    int got;

    if (tls_stage_is_over(stage) || !shake(stage) || stage->layer.end->state != END_OPEN) {
        return 0;
    }
    while (carrier_give(stage)) { /* behind the handshake */
    }
    ERR_clear_error();
    got = SSL_read(stage->ssl, bytes, size > INT32_MAX ? INT32_MAX : (int)size);
    carrier_flush(stage);
    if (got > 0) {
        return (size_t)got;
    }
    switch (SSL_get_error(stage->ssl, got)) {
    case SSL_ERROR_ZERO_RETURN: parting_by_notify(stage); break;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: break;
    default: parting_by_failure(stage, handshake_reason(stage)); /* not an enum: numbers of OpenSSL's */
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
    return carrier_waits(stage) > 0 || SSL_has_pending(stage->ssl) != 0;
}

/* One read of the wire. As recv(2) says; what came is behind the hooks. */
static ssize_t pull(struct tls_stage *stage)
{
    ssize_t got = carrier_pull(stage);
    int error = errno;

    if (got == 0 && stage->layer.end->error == 0) {
        parting_by_fin(stage);
        carrier_enter_fin(stage);
    } else if (got == 0 || (got < 0 && error != EAGAIN && error != EWOULDBLOCK)) {
        parting_by_rst(stage);
    }
    errno = error;
    return got;
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
        if (stage->layer.end->state != END_OPEN || stream->drained || (!tls_stage_is_over(stage) && carrier_waits(stage) > WIRE_HIGH)) {
            break;
        }
        if (stage->carrier.over) {
            return 0;
        }
        if (reads == WIRE_FAIR) {
            link_wake(stage->layer.end->link, stage->layer.end->side);
            break;
        }
        got = pull(stage);
        if (got < 0 || (got == 0 && !stage->carrier.over)) {
            return got < 0 || stage->layer.end->error != 0 ? got : not_now(); /* a hook holds the FIN */
        }
    }
    return not_now();
}

/* Each is work: other links have their turns meanwhile. Another version than TLS 1.3 has none. */
static ssize_t update_keys(struct tls_stage *stage, const uint8_t *bodies, size_t count)
{
    size_t most = count < UPDATES_MOST ? count : UPDATES_MOST;

    if (stage->rests) {
        stage->rests = false;
        link_again(stage->layer.end->link);
        return not_now();
    }
    stage->rests = true;
    for (size_t i = 0; i < most; i++) {
        ERR_clear_error();
        if (SSL_key_update(stage->ssl, bodies[i] != 0 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) != 1) {
            break;
        }
        (void)SSL_do_handshake(stage->ssl);
    }
    carrier_flush(stage);
    return (ssize_t)most;
}

/* Where no more is said in TLS, what is left for this side goes nowhere. */
static ssize_t stage_write(struct stream *stream, const void *bytes, size_t size, unsigned flags)
{
    struct tls_stage *stage = of_stream(stream);
    int put;

    if ((flags & PIECE_RAW) != 0) {
        carrier_put(stage, bytes, size);
        return (ssize_t)size;
    }
    if (stage->broken) { /* each write is a record, or several, of its own; TLS has no urgent data */
        return (ssize_t)size;
    }
    carrier_push(stage);
    if (!stage->done || stage->carrier.pending.bytes > 0) {
        return not_now();
    }
    if ((flags & PIECE_KEYS) != 0) {
        return update_keys(stage, bytes, size);
    }
    ERR_clear_error();
    put = SSL_write(stage->ssl, bytes, size > INT32_MAX ? INT32_MAX : (int)size);
    carrier_flush(stage);
    if (put <= 0) {
        parting_by_failure(stage, handshake_reason(stage));
        return (ssize_t)size;
    }
    return put;
}

static void stage_send_fin(struct stream *stream)
{
    carrier_say_fin(of_stream(stream));
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
    return of_stream(stream)->carrier.pending.bytes + of_stream(stream)->below->unsent(stream);
}

static size_t stage_unacked(struct stream *stream)
{
    return of_stream(stream)->carrier.pending.bytes + of_stream(stream)->below->unacked(stream);
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

static void stage_clamp(struct stream *stream, struct clamp *clamp, uint32_t bytes)
{
    of_stream(stream)->below->clamp(stream, clamp, bytes);
}

static int stage_take_back(struct stream *stream, uint32_t bytes)
{
    return of_stream(stream)->below->take_back(stream, bytes);
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
    .clamp = stage_clamp,
    .take_back = stage_take_back,
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
        carrier_push(stage);
        if (stage->config->side == SIDE_SERVER && !stage->greeted && !stage->broken) {
            (void)shake(stage); /* also where the server has sent its FIN, and is not read any more */
        }
    }
}

static bool stage_is_behind(const struct layer *base)
{
    return is_behind((const struct tls_stage *)(const void *)base);
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
    carrier_flush(stage);
    tls_stage_tell(stage, NOTICE_NOTIFY_SENT, NULL);
    return true;
}

/* The user has asked for it, and is told what would do. */
static void tell_unsealed(const struct tls_stage *stage, const char *alert)
{
    char text[256];

    snprintf(text, sizeof(text), "the alert %s cannot be sent with %s: with TLS 1.3, or AES-GCM or ChaCha20 in 1.2, it could", alert,
        SSL_get_cipher_name(stage->ssl));
    tls_stage_tell(stage, NOTICE_TLS_FAILED, text);
}

static void stage_send_alert(struct layer *base, unsigned alert)
{
    struct tls_stage *stage = of_layer(base);
    uint8_t record[SEAL_RECORD_MOST];
    char text[ALERT_TEXT];
    bool spoken = stage->config->side == SIDE_CLIENT || stage->greeted; /* else the first it hears would be that */
    bool due = spoken && !stage->broken;
    size_t length = due ? seal_alert(&stage->seal, stage->ssl, alert, record) : 0;

    alert_text(alert, text);
    if (length > 0) {
        carrier_put(stage, record, length);
        tls_stage_tell(stage, NOTICE_ALERT_SENT, text);
    } else if (due) {
        tell_unsealed(stage, text);
    }
    stage->broken = true;
}

static void stage_free(struct layer *base)
{
    struct tls_stage *stage = of_layer(base);

    carrier_release(&stage->carrier);
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
    carrier_init(&stage->carrier);
    return &stage->layer;
}
