/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The word of the CA that a certificate is revoked: an OCSP response (RFC 6960) that is stapled to the handshake where the client asks for
 * one (RFC 6066, 8). Used by handshake.c.
 */
#ifndef HANGUP_TLS_STAPLE_H
#define HANGUP_TLS_STAPLE_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "tls/authority.h"

/* For OpenSSL's status callback. False: OpenSSL failed, and nothing is stapled. */
bool staple_revocation(const struct authority *authority, SSL *ssl);

#endif
