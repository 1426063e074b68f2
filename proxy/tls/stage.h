/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The TLS stage of one end: a handshake with the application there, its records in and out, its endings. Made by tls.c for both ends of a
 * link; the two know each other, since what the client asks for decides what the server is asked, and what the server answers decides
 * what the client is told. Beneath it are its carrier and the socket's own stream operations.
 */
#ifndef HANGUP_TLS_STAGE_H
#define HANGUP_TLS_STAGE_H

#include <openssl/ssl.h>

#include "relay/layer.h"
#include "relay/notice.h"
#include "relay/stream.h"
#include "tls/carrier.h"
#include "tls/wish.h"
#include "tls/seal.h"
#include "tls/view.h"

#define HEARD_MOST 8

struct tls_side;

struct tls_stage {
    struct layer layer;
    const struct tls_side *config; /* its relay's, for this side */
    const struct stream_ops *below; /* the socket's; NULL: not started */
    SSL *ssl;                      /* from the start on */
    struct carrier carrier;
    bool rests;                    /* has sent as many KeyUpdates as in one turn it may */

    struct wish wish;            /* the client's stage: what its client hello asks for */
    bool greeted;                  /* the server's stage: the handshake with it has begun */
    bool done;                     /* the handshake is over, and well */
    bool broken;                   /* a handshake or a record failed, or an alert went either way: nothing more is said in TLS */
    bool notify_received;
    bool abort_told, end_told;
    unsigned read_alert, written_alert; /* RFC 8446, 6, plus 1; 0: none. Of those that end it */
    enum tls_message heard[HEARD_MOST]; /* messages that OpenSSL has read in the call that is under way, or has just ended */
    size_t heard_count;
    struct seal seal;              /* the secrets that our next record would be made with */
    unsigned flaw;                 /* enum flaw, plus 1: the certificate that is shown has it; 0: none */
    bool refuses_resumption;       /* the client's stage: it has a whole handshake, whatever session its hello offers */
    bool requests_certificate;     /* the client's stage: it is asked for one in that */
};

struct layer *tls_stage_new(const struct tls_side *config, struct end *end);

/* The stage of that end, or NULL. */
struct tls_stage *tls_stage_of(const struct end *end);

/* The stage of a connection of OpenSSL's. */
struct tls_stage *tls_stage_of_ssl(const SSL *ssl);

/* The stage at the other end of the link, if there is one and it is to have a handshake. */
struct tls_stage *tls_stage_other(const struct tls_stage *stage);

/* Nothing of what the application says is TLS that is listened to any more. */
bool tls_stage_is_over(const struct tls_stage *stage);

/* A notice about its application; the text may be NULL. */
void tls_stage_tell(const struct tls_stage *stage, enum notice_kind kind, const char *text);

#endif
