/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CA of our own, on disk. Made on first use in the user's state folder ($XDG_STATE_HOME/hangup, else ~/.local/state/hangup): `ca.key`
 * holds its private key and its certificate, for its owner only; `ca.pem` the certificate alone, for applications to trust. Several runs
 * may make it at the same time: all of them use the one that was there first. Used by mint.c.
 */
#ifndef HANGUP_TLS_AUTHORITY_H
#define HANGUP_TLS_AUTHORITY_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

struct authority {
    X509 *certificate;
    EVP_PKEY *key;
    char *path; /* of ca.pem */
};

/* On failure false and one line in `error`; nothing is owned then. */
bool authority_open(struct authority *authority, char *error, size_t size);
void authority_release(struct authority *authority);

#endif
