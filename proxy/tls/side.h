/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One side of a relay that speaks TLS: OpenSSL's context with the versions, ciphers, certificates and trust of the relay's block, and what
 * the handshakes need to know. Made once by tls.c; shared by all links and workers, and not changed.
 */
#ifndef HANGUP_TLS_SIDE_H
#define HANGUP_TLS_SIDE_H

#include <openssl/ssl.h>

#include "rules/ruleset.h"
#include "tls/mint.h"

#define SIDE_SESSIONS "hangup" /* the context (SSL_set_session_id_context(3)) of sessions with clients */

struct tls_side {
    const struct relay_spec *spec;
    enum side side;
    SSL_CTX *context;
    struct mint *mint; /* certificates as they are asked for; not the side's */
    int keylog;        /* the descriptor of SSLKEYLOGFILE's file, or -1; not the side's */
};

/* On failure returns false and writes one line about it into `error`, and what is there already is released by side_release(). */
bool side_init(struct tls_side *side, char *error, size_t size); /* all but `context` is set */
void side_release(struct tls_side *side);

#endif
