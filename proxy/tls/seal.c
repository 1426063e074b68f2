/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys out of secrets (RFC 8446, 7.1 to 7.3; RFC 5246, 6.3), and one sealed record (RFC 8446, 5.2; RFC 5288; RFC 7905).
 */
#include "tls/seal.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <string.h>

#define NONCE 12u
#define TAG 16u
#define HEADER 5u
#define SALT 4u      /* AES-GCM in TLS 1.2: the part of the nonce that is not sent */
#define EXPLICIT 8u  /* and the part that is */
#define KEY_MOST 32u
#define TYPE_ALERT 21u
#define TYPE_DATA 23u
#define TYPE_CHANGE_CIPHER 20u
#define LEVEL_FATAL 2u
#define LEVEL_WARNING 1u
#define USER_CANCELED 90u

struct keys {
    const EVP_CIPHER *cipher;
    uint8_t key[KEY_MOST], nonce[NONCE];
    bool has_explicit; /* AES-GCM in TLS 1.2 */
};

static bool is_13(const SSL *ssl)
{
    return SSL_version(ssl) == TLS1_3_VERSION;
}

/* ---- secrets ---- */

static size_t read_hex(const char *text, uint8_t *bytes, size_t most)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = 0;

    while (length < most && text[0] != '\0' && text[1] != '\0') {
        const char *high = strchr(digits, text[0] | 0x20), *low = strchr(digits, text[1] | 0x20);

        if (high == NULL || low == NULL) {
            break;
        }
        bytes[length++] = (uint8_t)((high - digits) << 4 | (low - digits));
        text += 2;
    }
    return length;
}

void seal_key_line(struct seal *seal, const SSL *ssl, const char *line)
{
    const char *own = SSL_is_server(ssl) ? "SERVER_" : "CLIENT_", *secret = strrchr(line, ' ');
    bool of_13 = strncmp(line, own, strlen(own)) == 0 && strstr(line, "_TRAFFIC_SECRET") != NULL;

    if (secret != NULL && (of_13 || strncmp(line, "CLIENT_RANDOM ", strlen("CLIENT_RANDOM ")) == 0)) {
        seal->secret_length = read_hex(secret + 1, seal->secret, sizeof(seal->secret));
        seal->number = 0;
    }
}

void seal_count(struct seal *seal, const uint8_t *header, size_t length)
{
    if (length < HEADER) {
        return;
    }
    if (header[0] == TYPE_CHANGE_CIPHER) {
        seal->switched = true; /* in TLS 1.3 it means nothing, and has no number */
    } else {
        seal->number++;
    }
}

/* ---- derivation ---- */

static const EVP_MD *digest_of(const SSL *ssl)
{
    return SSL_CIPHER_get_handshake_digest(SSL_get_current_cipher(ssl));
}

static bool expand(const SSL *ssl, const struct seal *seal, const char *label, uint8_t *out, size_t length)
{
    uint8_t info[64];
    size_t label_length = strlen(label);
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    char digest[32];
    bool well;

    info[0] = (uint8_t)(length >> 8);
    info[1] = (uint8_t)length;
    info[2] = (uint8_t)(label_length + 6);
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, label_length);
    info[9 + label_length] = 0; /* no context */
    OPENSSL_strlcpy(digest, EVP_MD_get0_name(digest_of(ssl)), sizeof(digest));
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)seal->secret, seal->secret_length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, label_length + 10), OSSL_PARAM_construct_end()};
    well = context != NULL && EVP_KDF_derive(context, out, length, parameters) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return well;
}

static bool key_block(const SSL *ssl, const struct seal *seal, uint8_t *out, size_t length)
{
    uint8_t seed[13 + 2 * SSL3_RANDOM_SIZE];
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *context = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    char digest[32];
    bool well;

    memcpy(seed, "key expansion", 13);
    SSL_get_server_random(ssl, seed + 13, SSL3_RANDOM_SIZE);
    SSL_get_client_random(ssl, seed + 13 + SSL3_RANDOM_SIZE, SSL3_RANDOM_SIZE);
    OPENSSL_strlcpy(digest, EVP_MD_get0_name(digest_of(ssl)), sizeof(digest));
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, (void *)(uintptr_t)seal->secret, seal->secret_length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, sizeof(seed)), OSSL_PARAM_construct_end()};
    well = context != NULL && EVP_KDF_derive(context, out, length, parameters) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return well;
}

static const EVP_CIPHER *cipher_of(const SSL *ssl)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);

    switch (cipher != NULL ? SSL_CIPHER_get_cipher_nid(cipher) : NID_undef) {
    case NID_aes_128_gcm: return EVP_aes_128_gcm();
    case NID_aes_256_gcm: return EVP_aes_256_gcm();
    case NID_chacha20_poly1305: return EVP_chacha20_poly1305();
    default: return NULL; /* not an enum: numbers of OpenSSL's */
    }
}

static bool keys_12(const SSL *ssl, const struct seal *seal, struct keys *keys)
{
    uint8_t block[2 * (KEY_MOST + NONCE)];
    size_t key = (size_t)EVP_CIPHER_get_key_length(keys->cipher), ours = SSL_is_server(ssl) ? 1 : 0, iv;

    keys->has_explicit = keys->cipher != EVP_chacha20_poly1305();
    iv = keys->has_explicit ? SALT : NONCE;
    if (!key_block(ssl, seal, block, 2 * (key + iv))) {
        return false;
    }
    memcpy(keys->key, block + ours * key, key);
    memcpy(keys->nonce, block + 2 * key + ours * iv, iv);
    return !keys->has_explicit || RAND_bytes(keys->nonce + SALT, (int)EXPLICIT) == 1;
}

static bool make_keys(const SSL *ssl, const struct seal *seal, struct keys *keys)
{
    *keys = (struct keys){.cipher = cipher_of(ssl)};
    if (keys->cipher == NULL || seal->secret_length == 0) {
        return false;
    }
    if (!is_13(ssl) && !keys_12(ssl, seal, keys)) {
        return false;
    }
    if (is_13(ssl) && (!expand(ssl, seal, "key", keys->key, (size_t)EVP_CIPHER_get_key_length(keys->cipher))
                          || !expand(ssl, seal, "iv", keys->nonce, NONCE))) {
        return false;
    }
    for (unsigned i = 0; !keys->has_explicit && i < 8; i++) {
        keys->nonce[NONCE - 1 - i] ^= (uint8_t)(seal->number >> 8 * i);
    }
    return true;
}

/* ---- the record ---- */

static bool encrypt(const struct keys *keys, const uint8_t *extra, size_t extra_length, const uint8_t *plain, size_t length, uint8_t *out)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int done = 0;
    bool well = context != NULL && EVP_EncryptInit_ex2(context, keys->cipher, keys->key, keys->nonce, NULL) == 1
        && EVP_EncryptUpdate(context, NULL, &done, extra, (int)extra_length) == 1
        && EVP_EncryptUpdate(context, out, &done, plain, (int)length) == 1 && EVP_EncryptFinal_ex(context, out + length, &done) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, (int)TAG, out + length) == 1;

    EVP_CIPHER_CTX_free(context);
    return well;
}

static void put_header(uint8_t *record, unsigned type, size_t length)
{
    record[0] = (uint8_t)type;
    record[1] = 3;
    record[2] = 3;
    record[3] = (uint8_t)(length >> 8);
    record[4] = (uint8_t)length;
}

static size_t seal_13(const struct keys *keys, const uint8_t alert[2], uint8_t *record)
{
    uint8_t inner[3] = {alert[0], alert[1], TYPE_ALERT};

    put_header(record, TYPE_DATA, sizeof(inner) + TAG);
    return encrypt(keys, record, HEADER, inner, sizeof(inner), record + HEADER) ? HEADER + sizeof(inner) + TAG : 0;
}

static size_t seal_12(const struct keys *keys, uint64_t number, const uint8_t alert[2], uint8_t *record)
{
    uint8_t extra[8 + HEADER];
    size_t sent = keys->has_explicit ? EXPLICIT : 0;

    for (unsigned i = 0; i < 8; i++) {
        extra[i] = (uint8_t)(number >> 8 * (7 - i));
    }
    put_header(extra + 8, TYPE_ALERT, 2);
    put_header(record, TYPE_ALERT, sent + 2 + TAG);
    memcpy(record + HEADER, keys->nonce + SALT, sent);
    return encrypt(keys, extra, sizeof(extra), alert, 2, record + HEADER + sent) ? HEADER + sent + 2 + TAG : 0;
}

size_t seal_alert(const struct seal *seal, const SSL *ssl, unsigned alert, uint8_t record[SEAL_RECORD_MOST])
{
    uint8_t bytes[2] = {alert == 0 || alert == USER_CANCELED ? LEVEL_WARNING : LEVEL_FATAL, (uint8_t)alert};
    bool clear = is_13(ssl) ? seal->secret_length == 0 : !seal->switched;
    struct keys keys;
    size_t length;

    if (clear) {
        put_header(record, TYPE_ALERT, sizeof(bytes));
        memcpy(record + HEADER, bytes, sizeof(bytes));
        return HEADER + sizeof(bytes);
    }
    if (!make_keys(ssl, seal, &keys)) {
        return 0;
    }
    length = is_13(ssl) ? seal_13(&keys, bytes, record) : seal_12(&keys, seal->number, bytes, record);
    OPENSSL_cleanse(&keys, sizeof(keys));
    return length;
}
