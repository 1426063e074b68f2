/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS for the relays that want it: what they need (certificates, trust, the CA of our own) is read and made before they listen, when the
 * run starts or when they come, and each link is given its stages. One for all workers. Whoever includes this needs no OpenSSL. Used by
 * cli/ and control/, who open relays, by faults/ through the functions on ends.
 */
#ifndef HANGUP_TLS_TLS_H
#define HANGUP_TLS_TLS_H

#include "relay/layer.h"
#include "rules/ruleset.h"
#include "tls/hello.h"

struct tls;

/* Nothing is read or made yet. */
struct tls *tls_new(void);
void tls_free(struct tls *tls); /* its kits are gone */

/* Reads and makes what a relay's block asks for: `kit`, the caller's, or NULL where it has no TLS. On failure returns false and writes one
 * line about it into `error`. The spec must outlive the kit. From one thread at a time. */
bool tls_prepare(struct tls *tls, const struct relay_spec *spec, struct layer_kit **kit, char *error, size_t size);

/* The certificate of our CA, for applications to trust: the file's path, which is made on first use; or NULL and one line in `error`.
 * The caller frees it. */
char *tls_authority(char *error, size_t size);

/* What the client's hello asks for: its name and protocols; empty if it asks for none, or has not come. The client's end. */
void tls_hello_of_client(const struct end *end, struct tls_client_hello *hello);

/* For `send KIND certificate`: this end shows one with that flaw (the language's number for KIND) in its handshake, if that has not begun.
 * False: it has no TLS. */
bool tls_flaw_certificate(struct end *end, unsigned kind);

/* Whether this end can be sent KeyUpdates (PIECE_KEYS), as far as is known: it speaks TLS, and no other version than 1.3. */
bool tls_updates_keys(const struct end *end);

/* What the handshake with a client is to be, if it has not begun: whole, whatever session the client would resume; and with a request for
 * the client's certificate. The client's end. False: it has no TLS. */
bool tls_refuse_resumption(struct end *end);
bool tls_request_certificate(struct end *end);

#endif
