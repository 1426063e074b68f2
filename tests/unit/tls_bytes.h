/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS written by hand, for tests: records and messages into a buffer. No key is in them, nothing is encrypted; what should look so is
 * zeros.
 */
#ifndef HANGUP_TESTS_TLS_BYTES_H
#define HANGUP_TESTS_TLS_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct tls_bytes {
    uint8_t bytes[40000];
    size_t length;
};

void tls_put(struct tls_bytes *to, const void *bytes, size_t length);
void tls_put_number(struct tls_bytes *to, size_t bytes, size_t number);

/* A record with these bytes; with so many zeros. */
void tls_put_record(struct tls_bytes *to, unsigned type, const struct tls_bytes *payload);
void tls_put_zeros(struct tls_bytes *to, unsigned type, size_t length);

/* A handshake message with a body of zeros. */
void tls_put_message(struct tls_bytes *to, unsigned type, size_t length);

/* Hellos, as messages; NULL: without that extension. */
struct tls_hello_words {
    const char *name;
    const char *protocol;
    int grease; /* with the values of RFC 8701 */
    int early_data;
};
void tls_put_client_hello(struct tls_bytes *to, const struct tls_hello_words *words);
void tls_put_server_hello(struct tls_bytes *to, unsigned version, unsigned cipher, int retry);

#endif
