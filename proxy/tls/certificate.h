/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making certificates (RFC 5280): what goes into one is decided here, what for and when in mint.c and authority.c.
 */
#ifndef HANGUP_TLS_CERTIFICATE_H
#define HANGUP_TLS_CERTIFICATE_H

#include <openssl/x509.h>
#include <stdbool.h>

struct certificate_plan {
    const char *name;      /* of the subject: a host's name or numeric address */
    EVP_PKEY *key;         /* the subject's */
    X509 *issuer;          /* NULL: itself */
    EVP_PKEY *issuer_key;
    bool authority;        /* it may sign others */
    bool server;           /* it is for servers; else for clients */
    long from, to;         /* s from now */
    const EVP_MD *digest;  /* of the signature; NULL: SHA-256 */
};

/* NULL: OpenSSL failed. */
X509 *certificate_make(const struct certificate_plan *plan);

X509 *certificate_authority(const char *name, EVP_PKEY *key); /* self-signed, for ten years */
EVP_PKEY *certificate_key(void);                              /* of P-256 */

#endif
