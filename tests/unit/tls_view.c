/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS as seen from outside: what begins and ends at which byte, the same however it is cut; what is not TLS; what is inferred of TLS 1.3.
 */
#include "tls/view.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/tls_bytes.h"

struct sight {
    char text[4096];
    size_t length;
};

static void note(struct sight *sight, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct sight *sight, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    sight->length += (size_t)vsnprintf(sight->text + sight->length, sizeof(sight->text) - sight->length, format, values);
    va_end(values);
    assert_true(sight->length < sizeof(sight->text));
}

/* `+` begins, `-` ends. */
static void note_mark(struct sight *sight, const struct tls_mark *mark, char sign, uint64_t at, uint64_t number)
{
    if (mark->record) {
        note(sight, "%cr%" PRIu64 "@%" PRIu64 " ", sign, number, at);
    }
    for (enum tls_message message = TLS_CLIENT_HELLO; message <= TLS_FINISHED; message++) {
        if (mark->messages & TLS_MESSAGE_BIT(message)) {
            note(sight, "%c%s@%" PRIu64 " ", sign, tls_message_name(message), at);
        }
    }
    if (mark->alert) {
        note(sight, "%calert:%d%s@%" PRIu64 " ", sign, mark->code, mark->fatal ? "!" : "", at);
    }
}

/* Pieces of `most` bytes. */
static void say(struct tls_view *view, enum side speaker, const struct tls_bytes *said, size_t most, struct sight *sight)
{
    const struct tls_reader *reader = &view->readers[speaker];

    for (size_t at = 0, length; at < said->length; at += length) {
        size_t reach = tls_view_reach(view, speaker);

        length = said->length - at < most ? said->length - at : most;
        length = length < reach ? length : reach;
        tls_view_take(view, speaker, said->bytes + at, length);
        assert_true(reader->decided <= reader->records.position);
        note_mark(sight, &reader->begins, '+', reader->begins.at, reader->records.number);
        note_mark(sight, &reader->ends, '-', reader->records.position, reader->records.number);
    }
}

/* Both sides in turn: client, server, client; NULL: it says nothing. */
static void check(const struct tls_bytes *first, const struct tls_bytes *answer, const struct tls_bytes *second, const char *expected)
{
    static const size_t cuts[] = {SIZE_MAX, 1, 2, 3, 5, 17};

    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        struct tls_view *view = calloc(1, sizeof(*view));
        struct sight sight = {.length = 0};

        if (first) {
            say(view, SIDE_CLIENT, first, cuts[i], &sight);
        }
        if (answer) {
            note(&sight, "| ");
            say(view, SIDE_SERVER, answer, cuts[i], &sight);
        }
        if (second) {
            note(&sight, "| ");
            say(view, SIDE_CLIENT, second, cuts[i], &sight);
        }
        assert_string_equal(sight.text, expected);
        tls_view_release(view);
        free(view);
    }
}

static void put_hello_record(struct tls_bytes *to, const struct tls_hello_words *words)
{
    struct tls_bytes hello = {.length = 0};

    tls_put_client_hello(&hello, words);
    tls_put_record(to, TLS_HANDSHAKE, &hello);
}

static const struct tls_hello_words plain = {.name = NULL}; /* 51 bytes with its start, 56 in its record */

static void put_server_hello_record(struct tls_bytes *to, unsigned version, unsigned cipher)
{
    struct tls_bytes hello = {.length = 0};

    tls_put_server_hello(&hello, version, cipher, 0);
    tls_put_record(to, TLS_HANDSHAKE, &hello);
}

/* ---- in the clear ---- */

/* RFC 5246, section 7.3, one message a record. */
static void test_1_2(void **state)
{
    struct tls_bytes client = {.length = 0}, server = {.length = 0}, client2 = {.length = 0}, message = {.length = 0};

    (void)state;
    put_hello_record(&client, &plain);
    put_server_hello_record(&server, 0x0303, 0xc02f); /* 53 bytes */
    tls_put_message(&message, 11, 20);
    tls_put_record(&server, TLS_HANDSHAKE, &message);
    message.length = 0;
    tls_put_message(&message, 14, 0);
    tls_put_record(&server, TLS_HANDSHAKE, &message);
    message.length = 0;
    tls_put_message(&message, 16, 10);
    tls_put_record(&client2, TLS_HANDSHAKE, &message);
    tls_put_zeros(&client2, TLS_CHANGE_CIPHER_SPEC, 1);
    tls_put_zeros(&client2, TLS_HANDSHAKE, 40);
    tls_put_zeros(&client2, TLS_APPLICATION_DATA, 30);
    tls_put_zeros(&client2, TLS_ALERT, 26);
    check(&client, &server, &client2,
        "+r1@0 +client_hello@0 -r1@56 -client_hello@56 "
        "| +r1@0 +server_hello@0 -r1@53 -server_hello@53 +r2@53 +certificate@53 -r2@82 -certificate@82 +r3@82 -r3@91 "
        "| +r2@56 -r2@75 +r3@75 -r3@81 +r4@81 +finished@81 -r4@126 -finished@126 +r5@126 -r5@161 "
        "+r6@161 +alert:-1@161 -r6@192 -alert:-1@192 ");
}

/* Several messages in one record: the place is in front of each. */
static void test_messages_in_one_record(void **state)
{
    struct tls_bytes client = {.length = 0}, server = {.length = 0}, messages = {.length = 0};

    (void)state;
    put_hello_record(&client, &plain);
    tls_put_server_hello(&messages, 0x0303, 0xc02f, 0);
    tls_put_message(&messages, 11, 20);
    tls_put_message(&messages, 14, 0);
    tls_put_record(&server, TLS_HANDSHAKE, &messages);
    check(&client, &server, NULL,
        "+r1@0 +client_hello@0 -r1@56 -client_hello@56 "
        "| +r1@0 +server_hello@0 -server_hello@53 +certificate@53 -certificate@77 -r1@81 ");
}

/* A client that is asked for a certificate, and has none, sends an empty list of them. */
static void test_no_certificate(void **state)
{
    struct tls_bytes client = {.length = 0}, server = {.length = 0}, client2 = {.length = 0}, message = {.length = 0};

    (void)state;
    put_hello_record(&client, &plain);
    put_server_hello_record(&server, 0x0303, 0xc02f);
    tls_put_message(&message, 11, 3);
    tls_put_record(&client2, TLS_HANDSHAKE, &message);
    check(&client, &server, &client2,
        "+r1@0 +client_hello@0 -r1@56 -client_hello@56 | +r1@0 +server_hello@0 -r1@53 -server_hello@53 | +r2@56 -r2@68 ");
}

/* A hello in records of one byte (tlsfuzzer: test-record-layer-fragmentation). */
static void test_fragmented_hello(void **state)
{
    struct tls_bytes client = {.length = 0}, hello = {.length = 0};
    struct tls_view *view = calloc(1, sizeof(*view));
    struct sight sight = {.length = 0};

    (void)state;
    tls_put_client_hello(&hello, &(struct tls_hello_words){.name = "a.example"});
    for (size_t i = 0; i < hello.length; i++) {
        struct tls_bytes byte = {.bytes = {hello.bytes[i]}, .length = 1};

        tls_put_record(&client, TLS_HANDSHAKE, &byte);
    }
    say(view, SIDE_CLIENT, &client, SIZE_MAX, &sight);
    assert_non_null(strstr(sight.text, "+r1@0 +client_hello@0 -r1@6 +r2@6 -r2@12 "));
    assert_non_null(strstr(sight.text, "-client_hello@"));
    assert_string_equal(view->client_hello.name, "a.example");
    assert_true(tls_view_name_is_known(view));
    tls_view_release(view);
    free(view);
}

static void test_alerts(void **state)
{
    struct tls_bytes client = {.length = 0}, server = {.length = 0}, client2 = {.length = 0};
    struct tls_bytes fatal = {.bytes = {2, 40}, .length = 2}, warning = {.bytes = {1, 112}, .length = 2};
    struct tls_bytes goodbye = {.bytes = {1, 0}, .length = 2};

    (void)state;
    put_hello_record(&client, &plain);
    tls_put_record(&server, TLS_ALERT, &warning);
    tls_put_record(&server, TLS_ALERT, &fatal);
    tls_put_record(&client2, TLS_ALERT, &goodbye);
    check(&client, &server, &client2,
        "+r1@0 +client_hello@0 -r1@56 -client_hello@56 "
        "| +r1@0 +alert:112@0 -r1@7 -alert:112@7 +r2@7 +alert:40!@7 -r2@14 -alert:40!@14 "
        "| +r2@56 +alert:0!@56 -r2@63 -alert:0!@63 ");
}

/* ---- TLS 1.3 ---- */

static void put_1_3_server(struct tls_bytes *server)
{
    put_server_hello_record(server, 0x0304, 0x1301);       /* 59 bytes */
    tls_put_zeros(server, TLS_CHANGE_CIPHER_SPEC, 1);      /* 6 */
    tls_put_zeros(server, TLS_APPLICATION_DATA, 23);       /* EncryptedExtensions */
    tls_put_zeros(server, TLS_APPLICATION_DATA, 800);      /* Certificate */
    tls_put_zeros(server, TLS_APPLICATION_DATA, 281 + 17); /* CertificateVerify */
    tls_put_zeros(server, TLS_APPLICATION_DATA, 36 + 17);  /* Finished */
}

#define SEEN_1_3 \
    "+r1@0 +client_hello@0 -r1@56 -client_hello@56 | +r1@0 +server_hello@0 -r1@59 -server_hello@59 +r2@59 -r2@65 +r3@65 -r3@93 " \
    "+r4@93 +certificate@93 -r4@898 -certificate@898 +r5@898 -r5@1201 +r6@1201 +finished@1201 -r6@1259 -finished@1259 "

static void test_1_3(void **state)
{
    struct tls_bytes client = {.length = 0}, server = {.length = 0}, client2 = {.length = 0};

    (void)state;
    put_hello_record(&client, &plain);
    put_1_3_server(&server);
    tls_put_zeros(&client2, TLS_CHANGE_CIPHER_SPEC, 1);
    tls_put_zeros(&client2, TLS_APPLICATION_DATA, 53);
    tls_put_zeros(&client2, TLS_APPLICATION_DATA, 19); /* two bytes of data, or an alert: not known */
    check(&client, &server, &client2,
        SEEN_1_3 "| +r2@56 -r2@62 +r3@62 +finished@62 -r3@120 -finished@120 +r4@120 -r4@144 ");
}

static void test_1_3_rejected(void **state)
{
    struct tls_bytes client = {.length = 0}, server = {.length = 0}, client2 = {.length = 0};

    (void)state;
    put_hello_record(&client, &plain);
    put_1_3_server(&server);
    tls_put_zeros(&client2, TLS_APPLICATION_DATA, 19);
    check(&client, &server, &client2, SEEN_1_3 "| +r2@56 +alert:-1!@56 -r2@80 -alert:-1!@80 ");
}

/* A first hello, a second one in the clear behind a ChangeCipherSpec; a HelloRetryRequest is no server hello. */
static void test_retry(void **state)
{
    struct tls_bytes client = {.length = 0}, server = {.length = 0}, client2 = {.length = 0}, retry = {.length = 0};

    (void)state;
    put_hello_record(&client, &plain);
    tls_put_server_hello(&retry, 0x0304, 0x1301, 1);
    tls_put_record(&server, TLS_HANDSHAKE, &retry);
    tls_put_zeros(&client2, TLS_CHANGE_CIPHER_SPEC, 1);
    put_hello_record(&client2, &plain);
    check(&client, &server, &client2,
        "+r1@0 +client_hello@0 -r1@56 -client_hello@56 | +r1@0 -r1@59 | +r2@56 -r2@62 +r3@62 +client_hello@62 -r3@118 -client_hello@118 ");
}

/* Early data of any size says nothing; Finished is known by its size. */
static void test_early_data(void **state)
{
    struct tls_bytes client = {.length = 0}, server = {.length = 0}, client2 = {.length = 0};

    (void)state;
    put_hello_record(&client, &(struct tls_hello_words){.early_data = 1}); /* 62 bytes */
    put_server_hello_record(&server, 0x0304, 0x1302);
    tls_put_zeros(&client2, TLS_APPLICATION_DATA, 19);
    tls_put_zeros(&client2, TLS_APPLICATION_DATA, 900);
    tls_put_zeros(&client2, TLS_APPLICATION_DATA, 69);
    check(&client, &server, &client2,
        "+r1@0 +client_hello@0 -r1@62 -client_hello@62 | +r1@0 +server_hello@0 -r1@59 -server_hello@59 "
        "| +r2@62 -r2@86 +r3@86 -r3@991 +r4@991 +finished@991 -r4@1065 -finished@1065 ");
}

/* All of a server's flight in one record: its Finished is hidden, and agreed upon when the client goes on. */
static void test_packed_flight(void **state)
{
    struct tls_bytes client = {.length = 0}, server = {.length = 0}, client2 = {.length = 0};
    struct tls_view *view = calloc(1, sizeof(*view));
    struct sight sight = {.length = 0};

    (void)state;
    put_hello_record(&client, &plain);
    put_server_hello_record(&server, 0x0304, 0x1301);
    tls_put_zeros(&server, TLS_APPLICATION_DATA, 1200);
    tls_put_zeros(&client2, TLS_APPLICATION_DATA, 53);
    say(view, SIDE_CLIENT, &client, SIZE_MAX, &sight);
    say(view, SIDE_SERVER, &server, SIZE_MAX, &sight);
    assert_non_null(strstr(sight.text, "-certificate@"));
    assert_false(view->readers[SIDE_SERVER].agreed);
    say(view, SIDE_CLIENT, &client2, SIZE_MAX, &sight);
    assert_true(view->readers[SIDE_SERVER].agreed);
    assert_true(view->readers[SIDE_CLIENT].agreed);
    tls_view_release(view);
    free(view);
}

/* ---- what is not TLS ---- */

static void check_no_tls(const void *said, size_t length)
{
    struct tls_bytes bytes = {.length = 0};
    struct tls_view *view = calloc(1, sizeof(*view));
    struct sight sight = {.length = 0};

    tls_put(&bytes, said, length);
    say(view, SIDE_CLIENT, &bytes, SIZE_MAX, &sight);
    assert_true(tls_view_name_is_known(view));
    assert_false(view->has_client_hello);
    assert_true(view->readers[SIDE_CLIENT].decided == length); /* nothing is kept back for it */
    assert_true(tls_view_reach(view, SIDE_CLIENT) == SIZE_MAX);
    tls_view_release(view);
    free(view);
}

static void test_no_tls(void **state)
{
    (void)state;
    check_no_tls("G", 1);
    check_no_tls("GET / HTTP/1.1\r\n\r\n", 18);
    check_no_tls("\x80\x2e\x01\x03\x01\x00\x15", 7);        /* an SSLv2 hello */
    check_no_tls("\x16\x02", 2);                            /* SSL 2 in a record that never was */
    check_no_tls("\x17\x03\x03\x00\x01x", 6);               /* data in front of any hello */
    check_no_tls("\x16\x03\x03\xff\xff", 5);                /* too long a record */
    check_no_tls("\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9); /* a server hello from a client */
}

/* Out of step in the middle: what was known stays, nothing more is seen. */
static void test_out_of_step(void **state)
{
    struct tls_bytes client = {.length = 0};

    (void)state;
    put_hello_record(&client, &plain);
    tls_put(&client, "plain text", 10);
    put_hello_record(&client, &plain);
    check(&client, NULL, NULL, "+r1@0 +client_hello@0 -r1@56 -client_hello@56 ");
}

static void test_empty_records(void **state)
{
    struct tls_bytes client = {.length = 0};

    (void)state;
    put_hello_record(&client, &plain);
    tls_put_zeros(&client, TLS_APPLICATION_DATA, 0);
    tls_put_zeros(&client, TLS_ALERT, 0);
    check(&client, NULL, NULL, "+r1@0 +client_hello@0 -r1@56 -client_hello@56 +r2@56 -r2@61 +r3@61 +alert:-1!@61 -r3@66 -alert:-1!@66 ");
}

/* Bytes wait as long as they may begin what is waited for, and no longer. */
static void test_decided(void **state)
{
    struct tls_bytes client = {.length = 0}, server = {.length = 0};
    struct tls_view *view = calloc(1, sizeof(*view));
    const struct tls_reader *reader = &view->readers[SIDE_SERVER];
    struct sight sight = {.length = 0};

    (void)state;
    put_hello_record(&client, &plain);
    say(view, SIDE_CLIENT, &client, SIZE_MAX, &sight);
    put_server_hello_record(&server, 0x0303, 0xc02f);
    server.length = 5 + 4 + 34;
    for (size_t at = 0; at < server.length; at++) {
        assert_int_equal(reader->decided, 0); /* could be a HelloRetryRequest */
        tls_view_take(view, SIDE_SERVER, server.bytes + at, 1);
    }
    assert_int_equal(reader->decided, reader->records.position);
    tls_view_release(view);
    free(view);
}

static void test_lost(void **state)
{
    struct tls_bytes client = {.length = 0};
    struct tls_view *view = calloc(1, sizeof(*view));
    struct sight sight = {.length = 0};

    (void)state;
    tls_view_lose(view, SIDE_CLIENT);
    put_hello_record(&client, &plain);
    say(view, SIDE_CLIENT, &client, SIZE_MAX, &sight);
    assert_string_equal(sight.text, "");
    free(view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1_2),
        cmocka_unit_test(test_messages_in_one_record),
        cmocka_unit_test(test_no_certificate),
        cmocka_unit_test(test_fragmented_hello),
        cmocka_unit_test(test_alerts),
        cmocka_unit_test(test_1_3),
        cmocka_unit_test(test_1_3_rejected),
        cmocka_unit_test(test_retry),
        cmocka_unit_test(test_early_data),
        cmocka_unit_test(test_packed_flight),
        cmocka_unit_test(test_no_tls),
        cmocka_unit_test(test_out_of_step),
        cmocka_unit_test(test_empty_records),
        cmocka_unit_test(test_decided),
        cmocka_unit_test(test_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
