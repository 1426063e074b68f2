/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wishes: what a client's hello asks for is read from it, and the hello that asks a server for the same asks for it.
 */
#include "tls/wish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rules/vocab.h"
#include "tests/unit/tls_bytes.h"
#include "tests/unit/tls_pair.h"

static int on_hello(SSL *ssl, int *alert, void *wish)
{
    (void)alert;
    wish_read(wish, ssl);
    return SSL_CLIENT_HELLO_SUCCESS;
}

/* Two of them: what the client asks the first end for, that asks the second. */
static void test_read_and_asked(void **state)
{
    static const struct {
        const char *name, *protocols;
    } rows[] = {{"a.example", "\x02h2"}, {"a.example", "\x02h2\x08http/1.1"}, {NULL, "\x02h2"}, {"localhost", NULL}, {NULL, NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wish wishes[2] = {{.seen = false}};

        for (size_t hop = 0; hop < 2; hop++) {
            const char *protocols = rows[i].protocols;
            struct tls_pair pair;

            tls_pair_init(&pair, TLS1_3_VERSION, NULL);
            SSL_CTX_set_client_hello_cb(pair.contexts[SIDE_SERVER], on_hello, &wishes[hop]);
            tls_pair_open(&pair);
            if (hop == 1) {
                wish_ask(&wishes[0], pair.ends[SIDE_CLIENT]);
            } else {
                SSL_set_tlsext_host_name(pair.ends[SIDE_CLIENT], (char *)(uintptr_t)rows[i].name);
                SSL_set_alpn_protos(
                    pair.ends[SIDE_CLIENT], (const unsigned char *)protocols, protocols != NULL ? (unsigned)strlen(protocols) : 0);
            }
            tls_pair_talk(&pair);
            tls_pair_free(&pair);
            assert_true(wishes[hop].seen);
            assert_string_equal(wishes[hop].name, rows[i].name != NULL ? rows[i].name : "");
            assert_int_equal(wishes[hop].protocols_length, protocols != NULL ? strlen(protocols) : 0);
            assert_memory_equal(wishes[hop].protocols, protocols != NULL ? protocols : "", wishes[hop].protocols_length);
            assert_false(wishes[hop].offers_session);
        }
    }
}

/* In TLS 1.3 by a key of before, in TLS 1.2 by a ticket, or by its number where the server gives no tickets. */
static void test_session(void **state)
{
    static const struct {
        int version;
        unsigned long options;
    } rows[] = {{TLS1_3_VERSION, 0}, {TLS1_2_VERSION, 0}, {TLS1_2_VERSION, SSL_OP_NO_TICKET}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wish wish = {.seen = false}, again = {.seen = false};
        struct tls_pair pair;
        SSL_SESSION *session;

        tls_pair_init(&pair, rows[i].version, NULL);
        SSL_CTX_set_options(pair.contexts[SIDE_SERVER], rows[i].options);
        SSL_CTX_set_client_hello_cb(pair.contexts[SIDE_SERVER], on_hello, &wish);
        tls_pair_open(&pair);
        tls_pair_talk(&pair);
        assert_false(wish.offers_session);
        session = SSL_get1_session(pair.ends[SIDE_CLIENT]);
        for (int end = SIDE_CLIENT; end <= SIDE_SERVER; end++) { /* a session that was not shut down is not offered again */
            SSL_set_shutdown(pair.ends[end], SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
            SSL_free(pair.ends[end]);
        }
        SSL_CTX_set_client_hello_cb(pair.contexts[SIDE_SERVER], on_hello, &again);
        tls_pair_open(&pair);
        assert_int_equal(SSL_set_session(pair.ends[SIDE_CLIENT], session), 1);
        tls_pair_talk(&pair);
        assert_true(again.offers_session);
        SSL_SESSION_free(session);
        tls_pair_free(&pair);
    }
}

/* By hand: names that OpenSSL's client would not ask for. A name with a NUL in it is none; neither is one that is too long. */
static void test_names(void **state)
{
    char longest[WISH_NAME_MOST + 1] = {0}, longer[WISH_NAME_MOST + 2] = {0};
    struct {
        const char *name, *wanted;
    } rows[] = {{"a\x01\xff b", "a\x01\xff b"}, {longest, longest}, {longer, ""}};

    (void)state;
    memset(longest, 'n', WISH_NAME_MOST);
    memset(longer, 'n', WISH_NAME_MOST + 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tls_bytes hello = {.length = 0}, record = {.length = 0};
        struct wish wish = {.seen = false};
        struct tls_pair pair;

        tls_put_client_hello(&hello, &(struct tls_hello_words){.name = rows[i].name});
        tls_put_record(&record, 22, &hello);
        tls_pair_init(&pair, TLS1_2_VERSION, NULL);
        SSL_CTX_set_client_hello_cb(pair.contexts[SIDE_SERVER], on_hello, &wish);
        tls_pair_open(&pair);
        tls_pair_feed(&pair, SIDE_SERVER, record.bytes, record.length);
        (void)SSL_do_handshake(pair.ends[SIDE_SERVER]);
        assert_true(wish.seen);
        assert_string_equal(wish.name, rows[i].wanted);
        tls_pair_free(&pair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_and_asked),
        cmocka_unit_test(test_session),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
