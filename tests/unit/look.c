/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking into TLS that passes: the place of its messages and records, wherever the reads cut them; the choice by name; rules that come
 * while links are open.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/tls_bytes.h"

/* A client's hello; what its server answers: a hello and a certificate in one record, and two records of data. */
struct talk {
    struct tls_bytes client, server;
    size_t hello;       /* up to the server's hello's end; its record goes on */
    size_t certificate; /* up to the certificate's, and its record's */
    size_t first;       /* up to the first record of data's end */
};

static void put_client(struct talk *talk, const char *name)
{
    struct tls_bytes message = {.length = 0};

    tls_put_client_hello(&message, &(struct tls_hello_words){.name = name});
    tls_put_record(&talk->client, TLS_HANDSHAKE, &message);
}

static struct talk *talk_new(const char *name)
{
    struct talk *talk = calloc(1, sizeof(*talk));
    struct tls_bytes messages = {.length = 0}, data = {.length = 0};

    put_client(talk, name);
    tls_put_server_hello(&messages, 0x0303, 0xc02f, 0);
    talk->hello = TLS_HEADER + messages.length;
    tls_put_message(&messages, 11, 20);
    tls_put_record(&talk->server, TLS_HANDSHAKE, &messages);
    talk->certificate = talk->server.length;
    tls_put(&data, "abcd", 4);
    tls_put_record(&talk->server, TLS_APPLICATION_DATA, &data);
    talk->first = talk->server.length;
    tls_put_record(&talk->server, TLS_APPLICATION_DATA, &data);
    return talk;
}

/* What the client hears of the server: `front` bytes of what that says, `mark`, and then all from `on`. */
static void assert_heard_parts(const struct peer *client, const struct talk *talk, size_t front, const char *mark, size_t on)
{
    size_t length = strlen(mark);

    assert_int_equal(client->heard_length, front + length + talk->server.length - on);
    assert_memory_equal(client->heard, talk->server.bytes, front);
    assert_memory_equal(client->heard + front, mark, length);
    assert_memory_equal(client->heard + front + length, talk->server.bytes + on, talk->server.length - on);
}

/* The server speaks in reads of every size, and in readinesses of every size. */
static void check(const char *rules, size_t front, const char *mark, size_t on)
{
    struct talk *talk = talk_new("a.example");

    for (size_t cut = 1; cut <= talk->server.length; cut++) {
        struct fixture *f = fixture_new(rules);

        fixture_connect(f);
        peer_say_bytes(f->client, talk->client.bytes, talk->client.length);
        f->server->cut = cut;
        peer_say_bytes(f->server, talk->server.bytes, talk->server.length);
        assert_heard_parts(f->client, talk, front, mark, on);
        fixture_free(f);

        f = fixture_new(rules);
        fixture_connect(f);
        peer_say_bytes(f->client, talk->client.bytes, talk->client.length);
        for (size_t at = 0; at < talk->server.length; at += cut) {
            peer_say_bytes(f->server, talk->server.bytes + at, talk->server.length - at < cut ? talk->server.length - at : cut);
            fixture_pass(f, NS_PER_US);
        }
        assert_heard_parts(f->client, talk, front, mark, on);
        fixture_free(f);
    }
    free(talk);
}

static void test_messages(void **state)
{
    struct talk *talk = talk_new("a.example");
    size_t hello = talk->hello, certificate = talk->certificate;

    (void)state;
    free(talk);
    check("rule r { when server sends server_hello then send \"-\" to client }", hello, "-", hello);
    check("rule r { when server is about to send server_hello then send \"-\" to client }", 0, "-", 0);
    check("rule r { when server is about to send certificate then send \"-\" to client }", hello, "-", hello);
    check("rule r { when server sends certificate then send \"-\" to client }", certificate, "-", certificate);
    check("rule r { when server sends finished then send \"-\" to client }", 0, "", 0);
}

static void test_records(void **state)
{
    struct talk *talk = talk_new("a.example");
    size_t certificate = talk->certificate, first = talk->first, all = talk->server.length;

    (void)state;
    free(talk);
    check("rule r { when server sends record 1 then send \"-\" to client }", certificate, "-", certificate);
    check("rule r { when server is about to send record 2 then send \"-\" to client }", certificate, "-", certificate);
    check("rule r { when server sends record 3 then send \"-\" to client }", all, "-", all);
    check("rule r { when server is about to send record 1 then send \"-\" to client }", 0, "-", 0);
    check("rule r { when server sends record 2 then drop server records }", first, "", all);
    check("rule r { when server is about to send record 3 then drop server records }", first, "", all);
    check("rule r { when server is about to send record 2 then drop server records until server sends record 2 }", certificate, "", first);
    /* what a rule in front has put in: no TLS any more */
    check("rule r { when server sends record 1 then send \"-\" to client } rule s { when server sends record 2 then reset }", certificate,
        "-", certificate);
}

static void check_name(const char *rules, const char *name, const char *heard)
{
    struct talk *talk = talk_new(name);

    for (size_t cut = 1; cut <= talk->client.length; cut++) {
        struct fixture *f = fixture_new(rules);

        fixture_connect(f);
        peer_say_bytes(f->client, talk->client.bytes, talk->client.length - 1);
        assert_heard(f->client, "");
        peer_say_bytes(f->client, talk->client.bytes + talk->client.length - 1, 1);
        assert_heard(f->client, heard);
        assert_int_equal(f->server->heard_length, talk->client.length);
        fixture_free(f);
    }
    free(talk);
}

static void test_names(void **state)
{
    (void)state;
    check_name("rule r { for tls name \"a.example\" then send \"!\" to client }", "a.example", "!");
    check_name("rule r { for tls name \"b.example\" then send \"!\" to client }", "a.example", "");
    check_name("rule r { for not tls name \"b.example\" then send \"!\" to client }", "a.example", "!");
    check_name("rule r { for tls name \"*.example\" and not tls name \"a.*\" then send \"!\" to client }", "a.example", "");
    check_name("rule r { for connection 1 and tls name \"*.example\" when client sends client_hello then send \"!\" to client }",
        "a.example", "!");
    check_name("rule r { for connection 2 and tls name \"*.example\" then send \"!\" to client }", "a.example", "");
    check_name("rule r { for tls name \"a\" then send \"!\" to client }", NULL, "");
}

/* `in turn` counts the connections that were chosen. */
static void test_turns(void **state)
{
    struct fixture *f = fixture_new("rule r { for tls name \"a\" when server sends 1..3 bytes in turn then send fin to client }");
    static const char *const heard[] = {"x<fin>", "", "xy<fin>", "xyz<fin>"};
    static const char *const names[] = {"a", "b", "a", "a"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct talk *talk = talk_new(names[i]);

        fixture_connect(f);
        peer_say_bytes(f->client, talk->client.bytes, talk->client.length);
        peer_say(f->server, "xyz");
        assert_heard(f->client, heard[i][0] ? heard[i] : "xyz");
        free(talk);
    }
    fixture_free(f);
}

static void test_aborts(void **state)
{
    struct talk *talk = talk_new("a.example");
    const char *rules = "rule r { when client aborts handshake then send \"!\" to server }";
    struct fixture *f = fixture_new(rules);

    (void)state;
    fixture_connect(f);
    peer_say_bytes(f->client, talk->client.bytes, talk->client.length);
    peer_fin(f->client);
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 1);
    fixture_connect(f);
    peer_say(f->client, "plain text");
    peer_fin(f->client);
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 1);
    fixture_connect(f);
    peer_fin(f->client);
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 2);
    fixture_free(f);
    free(talk);
}

/* A rule that comes later sees TLS where nothing was said yet; elsewhere it is too late to know what the bytes are. */
static void test_rules_that_come_later(void **state)
{
    struct talk *talk = talk_new("a.example");
    struct fixture *f = fixture_new("rule first { when server sends \"nothing\" then reset }");
    const char *later = "rule later { when client sends client_hello then send \"!\" to client } "
                        "rule name { for tls name \"a.example\" then send \"?\" to client }";

    (void)state;
    fixture_connect(f);
    peer_say_bytes(f->client, talk->client.bytes, 10);
    fixture_connect(f);
    fixture_change(f, later);
    peer_say_bytes(fixture_peer(f, 1, SIDE_CLIENT), talk->client.bytes + 10, talk->client.length - 10);
    peer_say_bytes(f->client, talk->client.bytes, talk->client.length);
    assert_heard(fixture_peer(f, 1, SIDE_CLIENT), "");
    assert_int_equal(f->client->heard_length, 2);
    fixture_change(f, "rule first { when server sends \"nothing\" then reset }");
    peer_say_bytes(f->server, talk->server.bytes, talk->server.length);
    assert_int_equal(f->client->heard_length, 2 + talk->server.length);
    fixture_free(f);
    free(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_aborts),
        cmocka_unit_test(test_rules_that_come_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
