/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mint: certificates for whatever name a client asks for, signed by a CA of our own. The CA is made on first use in the user's state
 * folder (authority.h). What is minted stays in memory. One for all workers: its store is locked.
 */
#ifndef HANGUP_TLS_MINT_H
#define HANGUP_TLS_MINT_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

struct authority;
struct mint;

/* What is wrong with a certificate, in the order of the language's table of KINDs. */
enum flaw {
    FLAW_EXPIRED,     /* until yesterday */
    FLAW_FUTURE,      /* from tomorrow on */
    FLAW_MISNAMED,    /* for another name */
    FLAW_SELF_SIGNED, /* signed by its own key */
    FLAW_UNTRUSTED,   /* by a CA that nobody knows */
    FLAW_INCOMPLETE,  /* by an intermediate CA that is not sent along */
    FLAW_WEAK,        /* RSA of 1024 bits, signed with SHA-1 */
    FLAW_MISUSED,     /* for the other role: a client's shown by a server, and the reverse */
    FLAW_REVOKED,     /* says so itself, by a stapled OCSP response */
    FLAWS,
    FLAW_NONE = FLAWS
};

/* What is shown in a handshake. References of the caller's. */
struct identity {
    X509 *certificate;
    EVP_PKEY *key;
};

/* Reads the CA, or makes it. On failure NULL, and one line about it in `error`. */
struct mint *mint_open(char *error, size_t size);
void mint_close(struct mint *mint);

const struct authority *mint_authority(const struct mint *mint);

/* A certificate for a name or a numeric address, of a server or of a client. False: OpenSSL failed. */
bool mint_identity(struct mint *mint, const char *name, bool server, enum flaw flaw, struct identity *identity);
void identity_release(struct identity *identity);

#endif
