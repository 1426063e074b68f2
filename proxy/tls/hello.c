/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading hellos: a cursor that never leaves its bytes, and lists inside of lists.
 */
#include "tls/hello.h"

#include <string.h>
#include <strings.h>

enum extension { EXTENSION_SERVER_NAME = 0, EXTENSION_ALPN = 16, EXTENSION_EARLY_DATA = 42, EXTENSION_SUPPORTED_VERSIONS = 43 };

struct cursor {
    const uint8_t *at;
    size_t left;
};

static bool skip(struct cursor *cursor, size_t length)
{
    if (cursor->left < length) {
        return false;
    }
    cursor->at += length;
    cursor->left -= length;
    return true;
}

/* A number of so many bytes, the highest first. */
static bool take_number(struct cursor *cursor, size_t bytes, size_t *number)
{
    const uint8_t *at = cursor->at;

    if (!skip(cursor, bytes)) {
        return false;
    }
    for (*number = 0; bytes > 0; bytes--) {
        *number = *number << 8 | *at++;
    }
    return true;
}

/* What stands behind its own length, which has so many bytes. */
static bool take_list(struct cursor *cursor, size_t bytes, struct cursor *list)
{
    size_t length;

    if (!take_number(cursor, bytes, &length) || cursor->left < length) {
        return false;
    }
    *list = (struct cursor){.at = cursor->at, .left = length};
    return skip(cursor, length);
}

static bool skip_list(struct cursor *cursor, size_t bytes)
{
    struct cursor unused;

    return take_list(cursor, bytes, &unused);
}

static void copy_printable(char *to, const struct cursor *from, size_t room)
{
    size_t length = from->left < room - 1 ? from->left : room - 1;

    for (size_t i = 0; i < length; i++) {
        to[i] = from->at[i] > ' ' && from->at[i] < 0x7f && from->at[i] != ',' ? (char)from->at[i] : '?';
    }
    to[length] = '\0';
}

/* RFC 6066, section 3: a list of names, of which the only kind is a host's. */
static bool read_server_name(struct tls_client_hello *hello, struct cursor extension)
{
    struct cursor names, name;
    size_t kind;

    if (!take_list(&extension, 2, &names)) {
        return false;
    }
    while (names.left > 0) {
        if (!take_number(&names, 1, &kind) || !take_list(&names, 2, &name)) {
            return false;
        }
        if (kind == 0 && hello->name[0] == '\0') {
            copy_printable(hello->name, &name, sizeof(hello->name));
        }
    }
    return true;
}

bool tls_protocols_read(struct tls_client_hello *hello, const uint8_t *bytes, size_t length)
{
    struct cursor list = {.at = bytes, .left = length}, protocol;
    size_t used = 0;

    while (list.left > 0) {
        if (!take_list(&list, 1, &protocol)) {
            return false;
        }
        if (used + 1 + protocol.left + 1 <= sizeof(hello->protocols)) {
            if (used > 0) {
                hello->protocols[used++] = ',';
            }
            copy_printable(hello->protocols + used, &protocol, sizeof(hello->protocols) - used);
            used += protocol.left;
        }
    }
    return true;
}

static bool read_protocols(struct tls_client_hello *hello, struct cursor extension)
{
    struct cursor list;

    return take_list(&extension, 2, &list) && tls_protocols_read(hello, list.at, list.left);
}

static bool read_client_extension(struct tls_client_hello *hello, size_t type, struct cursor extension)
{
    if (type == EXTENSION_SERVER_NAME) {
        return read_server_name(hello, extension);
    }
    if (type == EXTENSION_ALPN) {
        return read_protocols(hello, extension);
    }
    hello->early_data = hello->early_data || type == EXTENSION_EARLY_DATA;
    return true;
}

bool tls_client_hello_read(struct tls_client_hello *hello, const uint8_t *body, size_t length)
{
    struct cursor cursor = {.at = body, .left = length}, extensions, extension;
    size_t type;

    *hello = (struct tls_client_hello){0};
    /* version and random, session, suites, compression */
    if (!skip(&cursor, 2 + 32) || !skip_list(&cursor, 1) || !skip_list(&cursor, 2) || !skip_list(&cursor, 1)) {
        return false;
    }
    if (cursor.left == 0) {
        return true; /* from before there were extensions */
    }
    if (!take_list(&cursor, 2, &extensions)) {
        return false;
    }
    while (extensions.left > 0) {
        if (!take_number(&extensions, 2, &type) || !take_list(&extensions, 2, &extension)
            || !read_client_extension(hello, type, extension)) {
            return false;
        }
    }
    return true;
}

bool tls_server_hello_is_retry(const uint8_t *body, size_t length)
{
    /* RFC 8446, section 4.1.3: the SHA-256 of "HelloRetryRequest" in the place of the random. */
    static const uint8_t random[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
        0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

    return length >= TLS_RETRY_KNOWN && memcmp(body + 2, random, sizeof(random)) == 0;
}

bool tls_server_hello_read(struct tls_server_hello *hello, const uint8_t *body, size_t length)
{
    struct cursor cursor = {.at = body, .left = length}, extensions, extension;
    size_t version, cipher, type;

    *hello = (struct tls_server_hello){.retry = tls_server_hello_is_retry(body, length)};
    if (!take_number(&cursor, 2, &version) || !skip(&cursor, 32) || !skip_list(&cursor, 1) || !take_number(&cursor, 2, &cipher)
        || !skip(&cursor, 1)) {
        return false;
    }
    hello->version = (unsigned)version;
    hello->cipher = (unsigned)cipher;
    if (cursor.left == 0) {
        return true;
    }
    if (!take_list(&cursor, 2, &extensions)) {
        return false;
    }
    while (extensions.left > 0) {
        if (!take_number(&extensions, 2, &type) || !take_list(&extensions, 2, &extension)) {
            return false;
        }
        if (type == EXTENSION_SUPPORTED_VERSIONS && take_number(&extension, 2, &version)) {
            hello->version = (unsigned)version;
        }
    }
    return true;
}

bool tls_name_matches(const char *pattern, const char *name)
{
    while (*pattern != '\0' && *name != '\0') {
        size_t wanted = strcspn(pattern, "."), label = strcspn(name, ".");
        bool any = wanted == 1 && pattern[0] == '*' && label > 0;

        if (!any && (wanted != label || strncasecmp(pattern, name, label) != 0)) {
            return false;
        }
        pattern += wanted;
        name += label;
        if (*pattern == '.' && *name == '.') {
            pattern++;
            name++;
        } else if (*pattern != *name) {
            return false;
        }
    }
    return *pattern == *name;
}

bool tls_protocols_have(const char *protocols, const char *protocol)
{
    size_t wanted = strlen(protocol);

    while (*protocols != '\0') {
        size_t length = strcspn(protocols, ",");

        if (length == wanted && memcmp(protocols, protocol, length) == 0) {
            return true;
        }
        protocols += length + (protocols[length] == ',');
    }
    return false;
}

bool tls_cipher_sizes(unsigned cipher, size_t *finished, size_t *tag)
{
    static const struct {
        unsigned cipher;
        size_t hash, tag;
    } suites[] = { /* RFC 8446, section B.4: AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, AES_128_CCM, AES_128_CCM_8 */
        {0x1301, 32, 16}, {0x1302, 48, 16}, {0x1303, 32, 16}, {0x1304, 32, 16}, {0x1305, 32, 8},
    };

    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        if (suites[i].cipher == cipher) {
            *finished = 4 + suites[i].hash;
            *tag = suites[i].tag;
            return true;
        }
    }
    return false;
}
