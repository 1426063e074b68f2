/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alerts that we seal ourselves: the other end's OpenSSL opens each, in every version and cipher that we say we can, whatever was sent
 * before; and where we cannot, we say so.
 */
#include "tls/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/err.h>

#include "rules/vocab.h"
#include "tests/unit/tls_pair.h"
#include "tls/alert.h"

/* A pair, and what is noted of each end as stage.c does. */
struct world {
    struct tls_pair pair;
    struct seal seals[2];
};

static struct seal *seal_of(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}

static void on_keys(const SSL *ssl, const char *line)
{
    seal_key_line(seal_of(ssl), ssl, line);
}

static void on_message(int written, int version, int type, const void *bytes, size_t length, SSL *ssl, void *argument)
{
    (void)version;
    (void)argument;
    if (written != 0 && type == SSL3_RT_HEADER) {
        seal_count(seal_of(ssl), bytes, length);
    }
}

static void begin(struct world *world, int version, const char *cipher)
{
    *world = (struct world){.seals = {{.secret_length = 0}}};
    tls_pair_init(&world->pair, version, cipher);
    for (int i = SIDE_CLIENT; i <= SIDE_SERVER; i++) {
        SSL_CTX_set_keylog_callback(world->pair.contexts[i], on_keys);
        SSL_CTX_set_msg_callback(world->pair.contexts[i], on_message);
    }
    tls_pair_open(&world->pair);
    SSL_set_app_data(world->pair.ends[SIDE_CLIENT], &world->seals[SIDE_CLIENT]);
    SSL_set_app_data(world->pair.ends[SIDE_SERVER], &world->seals[SIDE_SERVER]);
}

/* The alert that the other end's next read fails by; -1: by something else. */
static int alert_read(struct world *world, int end)
{
    char byte;
    unsigned long code;

    ERR_clear_error();
    assert_true(SSL_read(world->pair.ends[end], &byte, 1) <= 0);
    code = ERR_peek_error();
    return ERR_GET_REASON(code) > SSL_AD_REASON_OFFSET ? ERR_GET_REASON(code) - SSL_AD_REASON_OFFSET : -1;
}

static void send_alert(struct world *world, int from, unsigned alert, bool sealed)
{
    uint8_t record[SEAL_RECORD_MOST];
    size_t length = seal_alert(&world->seals[from], world->pair.ends[from], alert, record);

    assert_true(sealed ? length > 7 : length == 7);
    tls_pair_feed(&world->pair, 1 - from, record, length);
}

/* Records that have numbers. */
static void chat(struct world *world, int from, int times)
{
    for (int i = 0; i < times; i++) {
        char byte;

        assert_int_equal(SSL_write(world->pair.ends[from], "x", 1), 1);
        tls_pair_talk(&world->pair);
        assert_int_equal(SSL_read(world->pair.ends[1 - from], &byte, 1), 1);
    }
}

static const struct {
    int version;
    const char *cipher;
} ciphers[] = {{TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"}, {TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"},
    {TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256"}, {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384"}, {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"}};

static void test_opened(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
        for (int from = SIDE_CLIENT; from <= SIDE_SERVER; from++) {
            for (int before = 0; before <= 3; before += 3) {
                struct world world;

                begin(&world, ciphers[i].version, ciphers[i].cipher);
                tls_pair_talk(&world.pair);
                chat(&world, from, before);
                send_alert(&world, from, SSL_AD_ACCESS_DENIED, true);
                assert_int_equal(alert_read(&world, 1 - from), SSL_AD_ACCESS_DENIED);
                tls_pair_free(&world.pair);
            }
        }
    }
}

static void test_behind_key_updates(void **state)
{
    (void)state;
    for (size_t i = 0; ciphers[i].version == TLS1_3_VERSION; i++) {
        struct world world;

        begin(&world, TLS1_3_VERSION, ciphers[i].cipher);
        tls_pair_talk(&world.pair);
        for (int updates = 0; updates < 3; updates++) {
            assert_int_equal(SSL_key_update(world.pair.ends[SIDE_SERVER], SSL_KEY_UPDATE_NOT_REQUESTED), 1);
            tls_pair_talk(&world.pair);
        }
        chat(&world, SIDE_SERVER, 2);
        send_alert(&world, SIDE_SERVER, SSL_AD_INTERNAL_ERROR, true);
        assert_int_equal(alert_read(&world, SIDE_CLIENT), SSL_AD_INTERNAL_ERROR);
        tls_pair_free(&world.pair);
    }
}

/* Before there are keys; close_notify and user_canceled are warnings, all others are fatal. */
static void test_in_the_clear(void **state)
{
    static const uint8_t fatal[] = {21, 3, 3, 0, 2, 2, 40}, warning[] = {21, 3, 3, 0, 2, 1, 90};
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    uint8_t record[SEAL_RECORD_MOST];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct world world;

        begin(&world, versions[i], NULL);
        (void)SSL_do_handshake(world.pair.ends[SIDE_CLIENT]); /* its hello waits for an answer */
        assert_int_equal(seal_alert(&world.seals[SIDE_SERVER], world.pair.ends[SIDE_SERVER], 40, record), sizeof(fatal));
        assert_memory_equal(record, fatal, sizeof(fatal));
        assert_int_equal(seal_alert(&world.seals[SIDE_SERVER], world.pair.ends[SIDE_SERVER], 90, record), sizeof(warning));
        assert_memory_equal(record, warning, sizeof(warning));
        send_alert(&world, SIDE_SERVER, SSL_AD_HANDSHAKE_FAILURE, false);
        assert_int_equal(alert_read(&world, SIDE_CLIENT), SSL_AD_HANDSHAKE_FAILURE);
        tls_pair_free(&world.pair);
    }
}

static void test_not_with_this_cipher(void **state)
{
    uint8_t record[SEAL_RECORD_MOST];
    struct world world;

    (void)state;
    begin(&world, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA");
    tls_pair_talk(&world.pair);
    assert_true(SSL_is_init_finished(world.pair.ends[SIDE_CLIENT]));
    assert_int_equal(seal_alert(&world.seals[SIDE_CLIENT], world.pair.ends[SIDE_CLIENT], SSL_AD_ACCESS_DENIED, record), 0);
    tls_pair_free(&world.pair);
}

/* What a key log may say that is no secret of what we send, or no line of it at all. */
static void test_other_lines(void **state)
{
    static const char *const lines[] = {
        "", "CLIENT_RANDOM", "nothing 00 11", "CLIENT_HANDSHAKE_TRAFFIC_SECRET 00 11", "SERVER_NOTHING 00 11", "EXPORTER_SECRET 00 11"};
    struct world world;

    (void)state;
    begin(&world, TLS1_3_VERSION, NULL);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        seal_key_line(&world.seals[SIDE_SERVER], world.pair.ends[SIDE_SERVER], lines[i]);
        assert_int_equal(world.seals[SIDE_SERVER].secret_length, 0);
    }
    seal_key_line(&world.seals[SIDE_SERVER], world.pair.ends[SIDE_SERVER], "SERVER_TRAFFIC_SECRET_0 00 1aF0zz");
    assert_int_equal(world.seals[SIDE_SERVER].secret_length, 2);
    assert_memory_equal(world.seals[SIDE_SERVER].secret, "\x1a\xf0", 2);
    tls_pair_free(&world.pair);
}

static void test_names(void **state)
{
    static const struct {
        unsigned alert;
        const char *text;
    } rows[] = {{0, "close_notify"}, {42, "bad_certificate"}, {116, "certificate_required"}, {120, "no_application_protocol"},
        {1, "alert 1"}, {255, "alert 255"}};
    char text[ALERT_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        alert_text(rows[i].alert, text);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opened),
        cmocka_unit_test(test_behind_key_updates),
        cmocka_unit_test(test_in_the_clear),
        cmocka_unit_test(test_not_with_this_cipher),
        cmocka_unit_test(test_other_lines),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
