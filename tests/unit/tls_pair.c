/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two ends of OpenSSL over memory.
 */
#include "tests/unit/tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rules/vocab.h"
#include "tls/certificate.h"

static void set_certificate(SSL_CTX *context)
{
    EVP_PKEY *key = certificate_key();
    X509 *certificate =
        certificate_make(&(struct certificate_plan){.name = "localhost", .key = key, .issuer_key = key, .server = true, .to = 3600});

    assert_non_null(certificate);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void set_cipher(SSL_CTX *context, const char *cipher)
{
    if (cipher != NULL && strncmp(cipher, "TLS_", 4) == 0) {
        assert_int_equal(SSL_CTX_set_ciphersuites(context, cipher), 1);
    } else if (cipher != NULL) {
        assert_int_equal(SSL_CTX_set_cipher_list(context, cipher), 1);
    }
}

void tls_pair_init(struct tls_pair *pair, int version, const char *cipher)
{
    *pair =
        (struct tls_pair){.contexts = {[SIDE_CLIENT] = SSL_CTX_new(TLS_client_method()), [SIDE_SERVER] = SSL_CTX_new(TLS_server_method())}};
    for (int i = SIDE_CLIENT; i <= SIDE_SERVER; i++) {
        assert_int_equal(SSL_CTX_set_min_proto_version(pair->contexts[i], version), 1);
        assert_int_equal(SSL_CTX_set_max_proto_version(pair->contexts[i], version), 1);
        set_cipher(pair->contexts[i], cipher);
    }
    set_certificate(pair->contexts[SIDE_SERVER]);
}

void tls_pair_open(struct tls_pair *pair)
{
    for (int i = SIDE_CLIENT; i <= SIDE_SERVER; i++) {
        BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

        pair->ends[i] = SSL_new(pair->contexts[i]);
        assert_non_null(pair->ends[i]);
        BIO_set_mem_eof_return(in, -1);
        SSL_set_bio(pair->ends[i], in, out);
    }
    SSL_set_connect_state(pair->ends[SIDE_CLIENT]);
    SSL_set_accept_state(pair->ends[SIDE_SERVER]);
}

void tls_pair_feed(struct tls_pair *pair, int end, const void *bytes, size_t length)
{
    assert_int_equal(BIO_write(SSL_get_rbio(pair->ends[end]), bytes, (int)length), (int)length);
}

void tls_pair_talk(struct tls_pair *pair)
{
    uint8_t bytes[16384];
    bool any = true;

    while (any) {
        any = false;
        for (int i = SIDE_CLIENT; i <= SIDE_SERVER; i++) {
            int length;

            (void)SSL_do_handshake(pair->ends[i]);
            (void)SSL_peek(pair->ends[i], bytes, 1); /* what comes behind it is looked at, too */
            while ((length = BIO_read(SSL_get_wbio(pair->ends[i]), bytes, sizeof(bytes))) > 0) {
                tls_pair_feed(pair, 1 - i, bytes, (size_t)length);
                any = true;
            }
        }
    }
}

void tls_pair_free(struct tls_pair *pair)
{
    for (int i = SIDE_CLIENT; i <= SIDE_SERVER; i++) {
        SSL_free(pair->ends[i]);
        SSL_CTX_free(pair->contexts[i]);
    }
}
