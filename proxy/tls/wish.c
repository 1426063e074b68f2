/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Name and protocols, from one client hello to the next.
 */
#include "tls/wish.h"

#include <openssl/tls1.h>
#include <string.h>

#define LIST_HEADER 2u       /* bytes: the length of the list */
#define NAME_HEADER 5u       /* that of the list, the type, that of the name */
#define NAME_TYPE_HOST 0u

static size_t length_at(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 8 | bytes[1];
}

static void read_name(struct wish *wish, SSL *ssl)
{
    const unsigned char *bytes;
    size_t size, length;

    if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &bytes, &size) || size < NAME_HEADER || bytes[2] != NAME_TYPE_HOST) {
        return;
    }
    length = length_at(bytes + 3);
    if (length <= WISH_NAME_MOST && length <= size - NAME_HEADER && memchr(bytes + NAME_HEADER, 0, length) == NULL) {
        memcpy(wish->name, bytes + NAME_HEADER, length);
        wish->name[length] = '\0';
    }
}

static void read_protocols(struct wish *wish, SSL *ssl)
{
    const unsigned char *bytes;
    size_t size, length;

    if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &bytes, &size) || size < LIST_HEADER) {
        return;
    }
    length = length_at(bytes);
    if (length <= WISH_PROTOCOLS_MOST && length == size - LIST_HEADER) {
        memcpy(wish->protocols, bytes + LIST_HEADER, length);
        wish->protocols_length = length;
    }
}

/* Where TLS 1.3 is offered, too, the number is filled in for the sake of old machines on the way (RFC 8446, D.4). */
static bool offers_session(SSL *ssl)
{
    const unsigned char *bytes;
    size_t size;

    return SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &bytes, &size)
        || (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_session_ticket, &bytes, &size) && size > 0)
        || (SSL_client_hello_get0_session_id(ssl, &bytes) > 0
            && !SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &bytes, &size));
}

void wish_read(struct wish *wish, SSL *ssl)
{
    if (!wish->seen) {
        read_name(wish, ssl);
        read_protocols(wish, ssl);
        wish->offers_session = offers_session(ssl);
        wish->seen = true;
    }
}

void wish_ask(const struct wish *wish, SSL *ssl)
{
    if (wish->name[0] != '\0') {
        SSL_set_tlsext_host_name(ssl, (char *)(uintptr_t)wish->name);
    }
    if (wish->protocols_length > 0) {
        SSL_set_alpn_protos(ssl, wish->protocols, (unsigned)wish->protocols_length);
    }
}
