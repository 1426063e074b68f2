/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the hellos of a TLS handshake say (RFC 8446, section 4.1): the server name and protocols that a client asks for, the version and
 * cipher suite that a server has chosen. Only the bodies of whole messages are read, by view.c; whatever is in them, nothing more than
 * `false` comes of it.
 */
#ifndef HANGUP_TLS_HELLO_H
#define HANGUP_TLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLS_NAME_SIZE 256      /* a host name (RFC 6066, section 3) and a NUL */
#define TLS_PROTOCOLS_SIZE 128 /* protocol names with commas, and a NUL; what does not fit is left out */
#define TLS_1_3 0x0304u

struct tls_client_hello {
    char name[TLS_NAME_SIZE];           /* empty: none asked for. A byte that is not printable ASCII is a `?` */
    char protocols[TLS_PROTOCOLS_SIZE]; /* ALPN: `h2,http/1.1`; empty: none. As above */
    bool early_data;                    /* what it says behind its hello may be encrypted already */
};

struct tls_server_hello {
    unsigned version; /* TLS_1_3, 0x0303 … */
    unsigned cipher;  /* the suite's number */
    bool retry;       /* a HelloRetryRequest: the client has to say hello again */
};

/* Of the bodies, without the four bytes in front of each message. False: malformed; what has been read until there stays. */
bool tls_client_hello_read(struct tls_client_hello *hello, const uint8_t *body, size_t length);
bool tls_server_hello_read(struct tls_server_hello *hello, const uint8_t *body, size_t length);

/* So many bytes of a server hello's body tell whether it is a HelloRetryRequest. */
#define TLS_RETRY_KNOWN 34u
bool tls_server_hello_is_retry(const uint8_t *body, size_t length);

/* Whether a name is meant by a pattern: `*` stands for one label, case does not matter. */
bool tls_name_matches(const char *pattern, const char *name);

/* The protocols of ALPN's list (RFC 7301, section 3.1, without its own length), into `protocols`. False: as above. */
bool tls_protocols_read(struct tls_client_hello *hello, const uint8_t *list, size_t length);

/* Whether that is one of the protocols. */
bool tls_protocols_have(const char *protocols, const char *protocol);

/* Of the cipher suites of TLS 1.3: how long their Finished message and their authentication tag are, in bytes. False: another suite. */
bool tls_cipher_sizes(unsigned cipher, size_t *finished, size_t *tag);

#endif
