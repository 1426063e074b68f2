/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The handshakes of a link's two stages, in step: the client's hello comes first and waits; with its name and protocols the server is
 * greeted; and only when that handshake is over does the client's go on, with the protocol that the server chose, or end by the alert that
 * the server sent. Used by stage.c; the callbacks of OpenSSL's contexts are here as well.
 */
#ifndef HANGUP_TLS_HANDSHAKE_H
#define HANGUP_TLS_HANDSHAKE_H

#include <stdbool.h>

struct tls_side;
struct tls_stage;

/* For side.c: what OpenSSL is to call. */
void handshake_set_callbacks(struct tls_side *side);

/* Makes the connection of OpenSSL's; its bytes are stage.c's. NULL is not returned: without memory the program ends. */
void handshake_prepare(struct tls_stage *stage);

enum handshake_state {
    HANDSHAKE_DONE,
    HANDSHAKE_WAITS, /* for bytes, or for the other stage */
    HANDSHAKE_FAILED /* OpenSSL's queue of errors says why */
};

enum handshake_state handshake_go(struct tls_stage *stage);

/* Why the last one failed, for people: the certificate's fault, or OpenSSL's reason. Valid until the next call of OpenSSL's. */
const char *handshake_reason(const struct tls_stage *stage);

/* "TLSv1.3 TLS_AES_256_GCM_SHA384 h2, resumed", into `text`. */
void handshake_describe(const struct tls_stage *stage, char *text, int size);

#endif
