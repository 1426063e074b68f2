/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS for the relays that want it: what they need is read and made when the run starts (certificates, trust, the CA of our own), and each
 * link is given its stages. One for all workers: nothing in it changes afterwards but what is locked. Whoever includes this needs no
 * OpenSSL. Used by cli/ to set it up, by faults/ through the functions on ends.
 */
#ifndef HANGUP_TLS_TLS_H
#define HANGUP_TLS_TLS_H

#include "relay/layer.h"
#include "rules/ruleset.h"

struct tls;

/* Whether any relay wants TLS. */
bool tls_is_wanted(const struct ruleset *rules);

/* Reads and makes what the relays need. On failure returns NULL and writes one line about it into `error`. The rules must outlive it. */
struct tls *tls_new(const struct ruleset *rules, char *error, size_t size);
void tls_free(struct tls *tls); /* its links must be gone */

/* For the workers. */
const struct layer_maker *tls_layers(const struct tls *tls);

/* The certificate of our CA, for applications to trust: the file's path, which is made on first use; or NULL and one line in `error`.
 * The caller frees it. */
char *tls_authority(char *error, size_t size);

/* The name that the client's hello asks for; "" if it asks for none, or has not come. The client's end, which has TLS. */
const char *tls_client_name(const struct end *end);

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
