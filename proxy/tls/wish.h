/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A wish: what a client hello asks for and a server has to be asked in turn: the server's name and the protocols (RFC 6066, 3; RFC 7301);
 * and whether it offers to resume a session, which is between the client and us.
 * Read from OpenSSL's view of the message by the client's stage, put to the server by the server's.
 */
#ifndef HANGUP_TLS_WISH_H
#define HANGUP_TLS_WISH_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WISH_NAME_MOST 255
#define WISH_PROTOCOLS_MOST 1024

struct wish {
    bool seen;
    char name[WISH_NAME_MOST + 1]; /* "": none was asked for */
    uint8_t protocols[WISH_PROTOCOLS_MOST]; /* as on the wire: length, name, length, name … */
    size_t protocols_length;
    bool offers_session; /* as far as the message tells: with TLS 1.3 in it, a session's number alone may be none */
};

/* Inside of OpenSSL's client hello callback only. What is malformed is left out. */
void wish_read(struct wish *wish, SSL *ssl);

/* Asks the server for the same. */
void wish_ask(const struct wish *wish, SSL *ssl);

#endif
