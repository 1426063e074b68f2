/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A view: one TLS connection as somebody on the wire sees it, who has no key. It takes what both sides say, cut as reads cut it, and tells
 * at which byte a record, a handshake message or an alert begins and ends. It changes nothing, keeps no bytes but those of a hello that is
 * under way, and knows neither sockets nor rules: engine/ holds one for each rule that looks into TLS on a link, and its gates feed it.
 *
 * What is in the clear is known: all of a hello, and in TLS 1.2 and before it all up to each side's ChangeCipherSpec; behind that record
 * comes Finished. In TLS 1.3 all behind the server's hello is encrypted (RFC 8446, section 2). From the records' sizes it is inferred:
 *   finished     a record of exactly the size of a Finished of that cipher suite alone. Padding, or several messages in one record, hide it
 *   certificate  in front of that, the first record that has more than TLS_CERTIFICATE_LEAST bytes of content
 *   an alert     in front of that, a record with two bytes of content; which alert is not known
 * A client that offers early data may say anything there: of it only Finished is inferred. Behind its Finished nothing of a side is known
 * but records and, in TLS 1.2, that it sends an alert.
 */
#ifndef HANGUP_TLS_VIEW_H
#define HANGUP_TLS_VIEW_H

#include "rules/vocab.h"
#include "tls/hello.h"
#include "tls/record.h"

#define TLS_CERTIFICATE_LEAST 256u /* bytes; what comes in front of it is smaller, and no real certificate is */
#define TLS_HELLO_MOST 65536u      /* bytes of a hello that are kept to be read; of a larger one only its place is known */
#define TLS_ALERT_HIDDEN (-1)      /* the code of an alert that is encrypted */

/* In the order of the words `sends ( client_hello | server_hello | certificate | finished )`. */
enum tls_message { TLS_CLIENT_HELLO, TLS_SERVER_HELLO, TLS_CERTIFICATE, TLS_FINISHED };
#define TLS_MESSAGE_BIT(message) (1u << (message))

/* What has become known at the last byte taken: what begins at `at`, or what ends with that byte. */
struct tls_mark {
    uint64_t at;       /* position of its first byte, where the place is in front of it */
    bool record;       /* a record, whose number is that of the reader's */
    bool alert;        /* an alert */
    bool fatal;        /* that ends its side: not a warning; of a hidden one before `agreed` that is inferred */
    int code;          /* which alert, or TLS_ALERT_HIDDEN */
    unsigned messages; /* TLS_MESSAGE_BIT()s */
};

/* One speaker's flow. */
struct tls_reader {
    struct tls_records records;
    bool clear;          /* the record under way is a handshake or an alert that is not encrypted */
    bool cipher_changed; /* a ChangeCipherSpec came */
    bool spoken;         /* something encrypted came that is no alert */
    bool certificate, finished;
    bool agreed;         /* its side of the handshake is over: its Finished came, or something that only comes behind it */
    bool aborted;        /* a fatal alert came in front of that */
    enum tls_message inferred; /* with has_inferred: what the encrypted record under way is taken for */
    bool has_inferred;
    bool inferred_alert; /* or for an alert */
    uint64_t decided;    /* in front of this position it is known what begins where */
    struct tls_mark begins, ends;
    /* the handshake message in the clear that is under way (RFC 8446, section 4) */
    uint8_t start[4];    /* its type and length */
    unsigned have;       /* of these; 0: the next byte begins one */
    uint64_t message_at; /* position of its first byte; if that is the first in its record, of the record's */
    size_t left, taken;  /* bytes of its body */
    uint8_t *body;       /* of a hello */
    uint8_t alert[2];
};

struct tls_view {
    struct tls_reader readers[2];  /* by speaker */
    bool has_client_hello, has_server_hello;
    struct tls_client_hello client_hello;
    struct tls_server_hello server_hello;
};

/* Zeroed memory is a view of nothing yet. */
void tls_view_release(struct tls_view *view);

/* It did not see a flow's beginning: nothing of it will be known. */
void tls_view_lose(struct tls_view *view, enum side speaker);

/* So many bytes, one at least, may be taken at once; what is known about them is known at the last. SIZE_MAX: nothing will be known. */
size_t tls_view_reach(const struct tls_view *view, enum side speaker);

/* Takes bytes, no more than that, and sets that reader's marks. */
void tls_view_take(struct tls_view *view, enum side speaker, const uint8_t *bytes, size_t length);

/* The client's hello has come, or it is known that none will. */
bool tls_view_name_is_known(const struct tls_view *view);

/* As rules name it. */
const char *tls_message_name(enum tls_message message);

/* Whether a notice's text is about that message: its name comes first ("client_hello for a.example"). */
bool tls_message_is(const char *text, enum tls_message message);

#endif
