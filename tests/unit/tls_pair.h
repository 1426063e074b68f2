/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two ends of OpenSSL that talk through memory, for tests of what stands beside it: a client that checks nothing, and a server with a
 * certificate made for the test.
 */
#ifndef HANGUP_TESTS_TLS_PAIR_H
#define HANGUP_TESTS_TLS_PAIR_H

#include <openssl/ssl.h>

struct tls_pair {
    SSL_CTX *contexts[2]; /* by enum side: the client's, the server's */
    SSL *ends[2];
};

/* Contexts only, for a test to set up; of one version, and with one cipher of it, or NULL. */
void tls_pair_init(struct tls_pair *pair, int version, const char *cipher);

/* The ends; the first hello has not been said. */
void tls_pair_open(struct tls_pair *pair);

/* What each has written goes to the other; until neither has more. Handshakes go on by it. */
void tls_pair_talk(struct tls_pair *pair);

/* Bytes as from the other end. */
void tls_pair_feed(struct tls_pair *pair, int end, const void *bytes, size_t length);

void tls_pair_free(struct tls_pair *pair);

#endif
