/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS written by hand (see tls_bytes.h).
 */
#include "tests/unit/tls_bytes.h"

#include <assert.h>
#include <string.h>

void tls_put(struct tls_bytes *to, const void *bytes, size_t length)
{
    assert(to->length + length <= sizeof(to->bytes));
    memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
}

void tls_put_number(struct tls_bytes *to, size_t bytes, size_t number)
{
    while (bytes-- > 0) {
        uint8_t byte = (uint8_t)(number >> (8 * bytes));

        tls_put(to, &byte, 1);
    }
}

static void put_zeros(struct tls_bytes *to, size_t length)
{
    assert(to->length + length <= sizeof(to->bytes));
    memset(to->bytes + to->length, 0, length);
    to->length += length;
}

static void put_header(struct tls_bytes *to, unsigned type, size_t length)
{
    tls_put_number(to, 1, type);
    tls_put_number(to, 2, 0x0303);
    tls_put_number(to, 2, length);
}

void tls_put_record(struct tls_bytes *to, unsigned type, const struct tls_bytes *payload)
{
    put_header(to, type, payload->length);
    tls_put(to, payload->bytes, payload->length);
}

void tls_put_zeros(struct tls_bytes *to, unsigned type, size_t length)
{
    put_header(to, type, length);
    put_zeros(to, length);
}

void tls_put_message(struct tls_bytes *to, unsigned type, size_t length)
{
    tls_put_number(to, 1, type);
    tls_put_number(to, 3, length);
    put_zeros(to, length);
}

/* What stands behind its length, which is not known in front: the place of that, and then the number itself. */
static size_t open_list(struct tls_bytes *to, size_t bytes)
{
    put_zeros(to, bytes);
    return to->length;
}

static void close_list(struct tls_bytes *to, size_t bytes, size_t from)
{
    size_t length = to->length - from;

    for (size_t i = 1; i <= bytes; i++, length >>= 8) {
        to->bytes[from - i] = (uint8_t)length;
    }
}

static void put_name(struct tls_bytes *to, const char *name)
{
    size_t extension, list, host;

    tls_put_number(to, 2, 0);
    extension = open_list(to, 2);
    list = open_list(to, 2);
    tls_put_number(to, 1, 0);
    host = open_list(to, 2);
    tls_put(to, name, strlen(name));
    close_list(to, 2, host);
    close_list(to, 2, list);
    close_list(to, 2, extension);
}

static void put_protocols(struct tls_bytes *to, const struct tls_hello_words *words)
{
    size_t extension, list;

    tls_put_number(to, 2, 16);
    extension = open_list(to, 2);
    list = open_list(to, 2);
    if (words->grease) {
        tls_put(to, "\2\xca\xca", 3);
    }
    tls_put_number(to, 1, strlen(words->protocol));
    tls_put(to, words->protocol, strlen(words->protocol));
    tls_put(to, "\10http/1.1", 9);
    close_list(to, 2, list);
    close_list(to, 2, extension);
}

static void put_extensions(struct tls_bytes *to, const struct tls_hello_words *words)
{
    size_t extensions = open_list(to, 2);

    if (words->grease) {
        tls_put(to, "\x0a\x0a\0\0", 4);
    }
    if (words->name) {
        put_name(to, words->name);
    }
    if (words->protocol) {
        put_protocols(to, words);
    }
    if (words->early_data) {
        tls_put(to, "\0\x2a\0\0", 4);
    }
    if (words->grease) {
        tls_put(to, "\x1a\x1a\0\1\0", 5);
    }
    close_list(to, 2, extensions);
}

void tls_put_client_hello(struct tls_bytes *to, const struct tls_hello_words *words)
{
    size_t message;

    tls_put_number(to, 1, 1);
    message = open_list(to, 3);
    tls_put_number(to, 2, 0x0303);
    put_zeros(to, 32);
    tls_put(to, "\4sess", 5);
    tls_put(to, words->grease ? "\0\4\x3a\x3a\x13\1" : "\0\4\xc0\x2f\x13\1", 6);
    tls_put(to, "\1\0", 2);
    if (words->name || words->protocol || words->grease || words->early_data) {
        put_extensions(to, words);
    }
    close_list(to, 3, message);
}

void tls_put_server_hello(struct tls_bytes *to, unsigned version, unsigned cipher, int retry)
{
    static const uint8_t random[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
        0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
    size_t message, extensions;

    tls_put_number(to, 1, 2);
    message = open_list(to, 3);
    tls_put_number(to, 2, 0x0303);
    if (retry) {
        tls_put(to, random, sizeof(random));
    } else {
        put_zeros(to, sizeof(random));
    }
    tls_put(to, "\4sess", 5);
    tls_put_number(to, 2, cipher);
    tls_put_number(to, 1, 0);
    extensions = open_list(to, 2);
    if (version > 0x0303) {
        tls_put(to, "\0\x2b\0\2", 4);
        tls_put_number(to, 2, version);
    }
    close_list(to, 2, extensions);
    close_list(to, 3, message);
}
