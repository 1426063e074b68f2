/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Following both flows of a TLS connection: messages inside of records in the clear, sizes of those that are not.
 */
#include "tls/view.h"

#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"

enum handshake_type { HANDSHAKE_CLIENT_HELLO = 1, HANDSHAKE_SERVER_HELLO = 2, HANDSHAKE_CERTIFICATE = 11 };

#define ALERT_CLOSE_NOTIFY 0
#define ALERT_FATAL 2
#define CERTIFICATES_NONE 4u /* bytes of a certificate message's body that has none in it, or less (RFC 8446, 4.4.2; RFC 5246, 7.4.6) */
#define CONTENT_TYPE 1u /* TLS 1.3: the byte behind the content that says what it is (RFC 8446, section 5.2) */

void tls_view_release(struct tls_view *view)
{
    free(view->readers[SIDE_CLIENT].body);
    free(view->readers[SIDE_SERVER].body);
    view->readers[SIDE_CLIENT].body = view->readers[SIDE_SERVER].body = NULL;
}

void tls_view_lose(struct tls_view *view, enum side speaker)
{
    view->readers[speaker].records.lost = true;
}

bool tls_view_name_is_known(const struct tls_view *view)
{
    return view->has_client_hello || view->readers[SIDE_CLIENT].records.lost;
}

const char *tls_message_name(enum tls_message message)
{
    switch (message) {
    case TLS_CLIENT_HELLO: return "client_hello";
    case TLS_SERVER_HELLO: return "server_hello";
    case TLS_CERTIFICATE: return "certificate";
    case TLS_FINISHED: return "finished";
    }
    return NULL;
}

bool tls_message_is(const char *text, enum tls_message message)
{
    const char *name = tls_message_name(message);

    return strncmp(text, name, strlen(name)) == 0;
}

static bool is_1_3(const struct tls_view *view)
{
    return view->has_server_hello && view->server_hello.version >= TLS_1_3;
}

/* ---- handshake messages in the clear ---- */

static bool is_hello(const struct tls_reader *reader)
{
    return reader->start[0] == HANDSHAKE_CLIENT_HELLO || reader->start[0] == HANDSHAKE_SERVER_HELLO;
}

/* Whether it is a server's hello is only known with its random. */
static bool awaits_random(const struct tls_reader *reader)
{
    return reader->have == 4 && reader->start[0] == HANDSHAKE_SERVER_HELLO && reader->taken < TLS_RETRY_KNOWN && reader->left > 0;
}

/* What these are is known no sooner than with their length: a client that has no certificate sends an empty message. */
static bool awaits_length(const struct tls_reader *reader)
{
    bool either = reader->start[0] == HANDSHAKE_SERVER_HELLO || reader->start[0] == HANDSHAKE_CERTIFICATE;

    return reader->have > 0 && reader->have < sizeof(reader->start) && either;
}

static size_t message_reach(const struct tls_reader *reader)
{
    if (reader->have == 0) {
        return 1;
    }
    if (reader->have < 4) {
        return 4 - reader->have;
    }
    return awaits_random(reader) && reader->left > TLS_RETRY_KNOWN - reader->taken ? TLS_RETRY_KNOWN - reader->taken : reader->left;
}

static void message_begins(struct tls_reader *reader, enum tls_message message)
{
    reader->begins.messages |= TLS_MESSAGE_BIT(message);
    reader->begins.at = reader->message_at;
}

static void message_ends(struct tls_view *view, enum side speaker)
{
    struct tls_reader *reader = &view->readers[speaker];
    bool kept = reader->body != NULL;

    reader->have = 0;
    if (speaker == SIDE_CLIENT && reader->start[0] == HANDSHAKE_CLIENT_HELLO) {
        view->has_client_hello = true;
        if (kept) {
            tls_client_hello_read(&view->client_hello, reader->body, reader->taken);
        }
        reader->ends.messages |= TLS_MESSAGE_BIT(TLS_CLIENT_HELLO);
    } else if (speaker == SIDE_SERVER && reader->start[0] == HANDSHAKE_SERVER_HELLO) {
        view->has_server_hello = kept && tls_server_hello_read(&view->server_hello, reader->body, reader->taken);
        if (!view->server_hello.retry) {
            reader->ends.messages |= TLS_MESSAGE_BIT(TLS_SERVER_HELLO);
        }
    } else if (reader->start[0] == HANDSHAKE_CERTIFICATE && reader->taken > CERTIFICATES_NONE) {
        reader->ends.messages |= TLS_MESSAGE_BIT(TLS_CERTIFICATE);
    }
    free(reader->body);
    reader->body = NULL;
}

static void take_message_start(struct tls_reader *reader, const uint8_t *bytes, size_t length)
{
    const uint8_t *start = reader->start;

    memcpy(reader->start + reader->have, bytes, length);
    reader->have += (unsigned)length;
    if (reader->have < 4) {
        return;
    }
    reader->left = (size_t)start[1] << 16 | (size_t)start[2] << 8 | start[3];
    reader->taken = 0;
    if (is_hello(reader) && reader->left > 0 && reader->left <= TLS_HELLO_MOST) {
        reader->body = xmalloc(reader->left);
    }
}

static void take_message_body(struct tls_reader *reader, const uint8_t *bytes, size_t length)
{
    if (reader->body != NULL) {
        memcpy(reader->body + reader->taken, bytes, length);
    }
    reader->taken += length;
    reader->left -= length;
}

/* The first message of a client is its hello; else this is another protocol that looks like TLS so far. */
static bool is_out_of_place(const struct tls_view *view, enum side speaker)
{
    return speaker == SIDE_CLIENT && !view->has_client_hello && view->readers[speaker].start[0] != HANDSHAKE_CLIENT_HELLO;
}

static void take_handshake(struct tls_view *view, enum side speaker, const uint8_t *bytes, size_t length)
{
    struct tls_reader *reader = &view->readers[speaker];
    const struct tls_records *records = &reader->records;
    bool first = reader->have == 0, knew = !awaits_random(reader), starts = reader->have < sizeof(reader->start);

    if (first) {
        bool leads = records->position - records->at == TLS_HEADER + 1;

        reader->message_at = leads ? records->at : records->position - 1;
    }
    if (reader->have < 4) {
        take_message_start(reader, bytes, length);
    } else {
        take_message_body(reader, bytes, length);
    }
    if (first && is_out_of_place(view, speaker)) {
        tls_view_lose(view, speaker);
        return;
    }
    if (first && reader->start[0] == HANDSHAKE_CLIENT_HELLO && speaker == SIDE_CLIENT) {
        message_begins(reader, TLS_CLIENT_HELLO);
    } else if (starts && reader->have == sizeof(reader->start) && reader->start[0] == HANDSHAKE_CERTIFICATE
               && reader->left > CERTIFICATES_NONE) {
        message_begins(reader, TLS_CERTIFICATE);
    } else if (!knew && !awaits_random(reader) && speaker == SIDE_SERVER
               && !(reader->body != NULL && tls_server_hello_is_retry(reader->body, reader->taken))) {
        message_begins(reader, TLS_SERVER_HELLO);
    }
    if (reader->have == 4 && reader->left == 0) {
        message_ends(view, speaker);
    }
}

/* ---- what is encrypted ---- */

static void infer(struct tls_reader *reader, enum tls_message message)
{
    reader->has_inferred = true;
    reader->inferred = message;
    reader->begins.messages |= TLS_MESSAGE_BIT(message);
    reader->begins.at = reader->records.at;
}

static void infer_alert(struct tls_reader *reader)
{
    reader->inferred_alert = true;
    reader->begins.alert = true;
    reader->begins.fatal = !reader->agreed;
    reader->begins.at = reader->records.at;
}

/* TLS 1.3, in front of Finished: by its size. */
static void infer_by_size(const struct tls_view *view, enum side speaker, struct tls_reader *reader)
{
    bool may_be_data = speaker == SIDE_CLIENT && view->client_hello.early_data;
    size_t finished, tag, content;

    if (!tls_cipher_sizes(view->server_hello.cipher, &finished, &tag) || reader->records.length < CONTENT_TYPE + tag) {
        return;
    }
    content = reader->records.length - CONTENT_TYPE - tag;
    if (content == finished) {
        infer(reader, TLS_FINISHED);
    } else if (content == sizeof(reader->alert) && !may_be_data) {
        infer_alert(reader);
    } else if (content > TLS_CERTIFICATE_LEAST && !reader->certificate && !may_be_data) {
        infer(reader, TLS_CERTIFICATE);
    }
}

/* A side that answers has what the other said: without early data, nothing encrypted comes from a client in front of the server's
 * Finished, and nothing but tickets and data from a server behind the client's. */
static void agree(struct tls_view *view, enum side speaker)
{
    struct tls_reader *other = &view->readers[speaker == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT];

    if (view->client_hello.early_data || view->readers[speaker].inferred_alert) {
        return;
    }
    if (speaker == SIDE_CLIENT || other->spoken) {
        other->agreed = true;
    }
}

static void encrypted_begins(struct tls_view *view, enum side speaker)
{
    struct tls_reader *reader = &view->readers[speaker];

    switch (reader->records.type) {
    case TLS_ALERT:
        infer_alert(reader);
        break;
    case TLS_HANDSHAKE: /* TLS 1.2; a later one renegotiates */
        if (!reader->finished) {
            infer(reader, TLS_FINISHED);
        }
        break;
    case TLS_APPLICATION_DATA:
        if (is_1_3(view) && !reader->finished) {
            infer_by_size(view, speaker, reader);
        }
        if (is_1_3(view)) {
            agree(view, speaker);
            reader->spoken = reader->spoken || !reader->inferred_alert;
        }
        break;
    case TLS_CHANGE_CIPHER_SPEC:
    case TLS_HEARTBEAT:
        break;
    }
}

static void encrypted_ends(struct tls_view *view, enum side speaker)
{
    struct tls_reader *reader = &view->readers[speaker];

    if (reader->inferred_alert) {
        reader->ends.alert = true;
        reader->ends.fatal = !reader->agreed;
    }
    if (reader->has_inferred) {
        reader->ends.messages |= TLS_MESSAGE_BIT(reader->inferred);
        reader->certificate = reader->certificate || reader->inferred == TLS_CERTIFICATE;
        if (reader->inferred == TLS_FINISHED) {
            reader->finished = reader->agreed = true;
        }
    }
}

/* ---- records ---- */

static bool is_clear(const struct tls_view *view, const struct tls_reader *reader)
{
    if (reader->records.type == TLS_HANDSHAKE) {
        return !reader->cipher_changed || is_1_3(view); /* in TLS 1.3 that record means nothing (RFC 8446, section 5) */
    }
    return reader->records.type == TLS_ALERT && reader->records.length == sizeof(reader->alert);
}

/* A client begins with its hello, a server with its own or with an alert. */
static bool first_is_wrong(const struct tls_reader *reader, enum side speaker)
{
    enum tls_type type = reader->records.type;

    return reader->records.number == 1 && type != TLS_HANDSHAKE && (speaker == SIDE_CLIENT || type != TLS_ALERT);
}

static void took_header(struct tls_view *view, enum side speaker)
{
    struct tls_reader *reader = &view->readers[speaker];
    const struct tls_records *records = &reader->records;

    if (first_is_wrong(reader, speaker)) {
        tls_view_lose(view, speaker);
        return;
    }
    if (records->have == 1) {
        reader->begins.record = true;
        reader->begins.at = records->at;
        reader->has_inferred = reader->inferred_alert = false;
    }
    if (records->have == TLS_HEADER || records->ended) {
        reader->clear = is_clear(view, reader);
        if (!reader->clear) {
            encrypted_begins(view, speaker);
        }
    }
}

static void took_alert(struct tls_reader *reader)
{
    struct tls_mark mark = {.at = reader->records.at, .alert = true, .code = reader->alert[1]};

    mark.fatal = reader->alert[0] == ALERT_FATAL || mark.code == ALERT_CLOSE_NOTIFY;
    reader->begins = reader->ends = mark;
}

static void take_payload(struct tls_view *view, enum side speaker, const uint8_t *bytes, size_t length, size_t left)
{
    struct tls_reader *reader = &view->readers[speaker];

    if (!reader->clear) {
        return;
    }
    if (reader->records.type == TLS_HANDSHAKE) {
        take_handshake(view, speaker, bytes, length);
        return;
    }
    memcpy(reader->alert + sizeof(reader->alert) - left, bytes, length);
    if (length == left) {
        took_alert(reader);
    }
}

static void took_record(struct tls_view *view, enum side speaker)
{
    struct tls_reader *reader = &view->readers[speaker];

    reader->ends.record = true;
    if (reader->records.type == TLS_CHANGE_CIPHER_SPEC) {
        reader->cipher_changed = true;
    } else if (!reader->clear) {
        encrypted_ends(view, speaker);
    }
    reader->aborted = reader->aborted || (reader->ends.fatal && !reader->agreed);
}

/* What begins with an undecided byte may still turn out to be what somebody waits for. */
static uint64_t decided(const struct tls_reader *reader)
{
    const struct tls_records *records = &reader->records;
    bool payload = tls_records_in_payload(records);
    bool untouched = payload && records->left == records->length && reader->have == 0;
    bool undecided = payload ? reader->clear && (records->type == TLS_ALERT || untouched) : records->have > 0;

    if (records->lost) {
        return records->position;
    }
    if (awaits_random(reader) || awaits_length(reader)) {
        return reader->message_at;
    }
    return undecided ? records->at : records->position;
}

size_t tls_view_reach(const struct tls_view *view, enum side speaker)
{
    const struct tls_reader *reader = &view->readers[speaker];
    size_t reach = tls_records_reach(&reader->records);

    if (tls_records_in_payload(&reader->records) && reader->clear && reader->records.type == TLS_HANDSHAKE) {
        return message_reach(reader) < reach ? message_reach(reader) : reach;
    }
    return reach;
}

void tls_view_take(struct tls_view *view, enum side speaker, const uint8_t *bytes, size_t length)
{
    struct tls_reader *reader = &view->readers[speaker];
    bool payload = tls_records_in_payload(&reader->records);
    size_t left = reader->records.left;

    if (length == 0) {
        return;
    }
    reader->begins = reader->ends = (struct tls_mark){.code = TLS_ALERT_HIDDEN};
    tls_records_take(&reader->records, bytes, length);
    if (!reader->records.lost && payload) {
        take_payload(view, speaker, bytes, length, left);
    } else if (!reader->records.lost) {
        took_header(view, speaker);
    }
    if (!reader->records.lost && reader->records.ended) {
        took_record(view, speaker);
    }
    reader->decided = decided(reader);
}
