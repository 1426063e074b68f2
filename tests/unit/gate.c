/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The place (S2): a rule takes hold right behind the byte that made its event true, wherever the reads cut the stream; and what rules say
 * goodbye to (S3), and in which order they stand (S6).
 */
#include "fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The server says `stream` under the rules, in reads of every size up to its length, and in readinesses of every size: the client hears
 * `heard`. */
static void check_heard(const char *rules, const char *stream, const char *heard)
{
    size_t length = strlen(stream);

    for (size_t cut = 1; cut <= length; cut++) {
        struct fixture *f = fixture_new(rules);

        fixture_connect(f);
        f->server->cut = cut;
        peer_say(f->server, stream);
        assert_heard(f->client, heard);
        fixture_free(f);

        f = fixture_new(rules);
        fixture_connect(f);
        for (size_t at = 0; at < length; at += cut) {
            peer_say_bytes(f->server, stream + at, length - at < cut ? length - at : cut);
            fixture_pass(f, NS_PER_US);
        }
        assert_heard(f->client, heard);
        fixture_free(f);
    }
}

static void test_behind_an_amount(void **state)
{
    (void)state;
    check_heard("rule r { when server sends 4 bytes then hold server data }", "0123456789", "0123");
    check_heard("rule r { when server sends 4 bytes then drop 3 bytes of server data }", "0123456789", "0123789");
    check_heard("rule r { when server sends 4 bytes then close client }", "0123456789", "0123<fin>");
    check_heard("rule r { when server sends 4 bytes then reset client }", "0123456789", "0123<rst>");
    check_heard("rule r { when server sends 4 bytes then send \"-\" to client }", "0123456789", "0123-456789");
    check_heard("rule r { when server sends 10 bytes then send \"-\" to client }", "0123456789", "0123456789-");
    check_heard("rule r { when server sends 11 bytes then send \"-\" to client }", "0123456789", "0123456789");
}

static void test_in_front_of_the_first_byte(void **state)
{
    (void)state;
    check_heard("rule r { when server sends 0..1 bytes in turn then send \"-\" to client }", "012", "-012");
    check_heard("rule r { then send \"-\" to client }", "012", "-012");
}

static void test_behind_a_text(void **state)
{
    (void)state;
    check_heard("rule r { when server sends \"ok\" then send fin to client }", "it is ok now", "it is ok<fin>");
    check_heard("rule r { when server sends \"abab\" then send \"-\" to client }", "ababab", "abab-ab");
    check_heard("rule r { when server sends /o.*k/ then send \"-\" to client }", "o o k k", "o o k- k");
}

static void test_in_front_of_a_text(void **state)
{
    (void)state;
    check_heard("rule r { when server is about to send \"ok\" then send fin to client }", "it is ok now", "it is <fin>");
    check_heard("rule r { when server is about to send \"abac\" then send \"-\" to client }", "ababacx", "ab-abacx");
    check_heard("rule r { each time server is about to send /[0-9]+;/ then send \"#\" to client }", "a12;b345;c", "a#12;b#345;c");
    check_heard("rule r { when server is about to send \"COMMIT\" then drop server data }", "xxCOMMITyy", "xx");
}

/* What only looked like the beginning goes on as soon as that is known; what still does, waits. */
static void test_what_may_begin_a_match_waits(void **state)
{
    struct fixture *f = fixture_new("rule r { when server is about to send \"abc\" then reset }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "xa");
    assert_heard(f->client, "x");
    peer_say(f->server, "b");
    assert_heard(f->client, "x");
    peer_say(f->server, "ab");
    assert_heard(f->client, "xab");
    peer_fin(f->server); /* nothing more comes: it was not the beginning */
    assert_heard(f->client, "xabab<fin>");
    fixture_free(f);
}

/* It is in force before the last byte in front of the place leaves us. */
static void test_in_force_before_the_answer_can_come(void **state)
{
    struct fixture *f = fixture_new("rule r { when client sends \"?\" then hold server data }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "a?");
    assert_true(fixture_told(f, NOTICE_ACTION_STARTED, 1) < fixture_told(f, NOTICE_DELIVERED, 1));
    peer_say(f->server, "answer");
    assert_heard(f->client, "");
    fixture_free(f);
}

static void test_in_front_of_an_ending(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends fin then send \"bye\" to client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "data");
    peer_fin(f->server);
    assert_heard(f->client, "databye<fin>");
    fixture_free(f);

    f = fixture_new("rule r { when server resets then send fin to client }");
    fixture_connect(f);
    peer_say(f->server, "data");
    peer_reset(f->server);
    assert_heard(f->client, "data<fin><rst>");
    fixture_free(f);
}

/* The socket that a rule ends while its FIN passes is not asked for anything more. */
static void test_an_end_that_goes_while_its_fin_passes(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends fin then reset server at once }");

    (void)state;
    fixture_connect(f);
    peer_fin(f->server);
    assert_heard(f->server, "<rst>");
    assert_heard(f->client, ""); /* its FIN was behind the place */
    fixture_free(f);
}

/* ---- several at the same place ---- */

static void test_in_line(void **state)
{
    (void)state;
    /* The second rule sees what the first one let through. */
    check_heard(
        "rule a { then drop 2 bytes of server data } rule b { when server sends 2 bytes then send \"-\" to client }", "0123456", "23-456");
    check_heard(
        "rule b { when server sends 2 bytes then send \"-\" to client } rule a { then drop 3 bytes of server data }", "0123456", "23456");
}

static void test_in_line_of_the_same_place(void **state)
{
    (void)state;
    check_heard(
        "rule a { when server sends 3 bytes then send \"1\" to client } rule b { when server sends 3 bytes then send \"2\" to client }",
        "abcdef", "abc21def"); /* a's byte is the fourth that b sees */
}

static void test_a_text_and_an_amount_end_at_the_same_byte(void **state)
{
    struct fixture *f = fixture_new("rule r { each time server sends \"a\" expect server sends \"a\" 2 times within 10s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "xa");
    peer_say(f->server, "xaxaxa");
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 4); /* the expectation's own watch takes no byte from the event's */
    assert_int_equal(fixture_count(f, NOTICE_DEED_SEEN), 3);
    fixture_free(f);

    f = fixture_new("rule r { when server sends 4 bytes expect server sends \"d\" within 1s expect server sends 1 byte within 1s }");
    fixture_connect(f);
    peer_say(f->server, "abcdd");
    assert_int_equal(fixture_count(f, NOTICE_DEED_SEEN), 2);
    fixture_free(f);
}

/* ---- goodbyes ---- */

static void test_close_client(void **state)
{
    struct fixture *f = fixture_new("rule r { when client sends \"x\" then close client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "ax");
    assert_heard(f->client, "<fin>");
    assert_heard(f->server, "ax");
    peer_say(f->client, "more");
    assert_heard(f->client, "<fin><rst>"); /* as after close(): whatever it says */
    assert_heard(f->server, "ax");         /* only the client feels it */
    peer_say(f->server, "answer");
    assert_heard(f->server, "ax<rst>"); /* it is said to an end that is gone */
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    fixture_free(f);
}

static void test_close_client_and_the_server_says_something(void **state)
{
    struct fixture *f = fixture_new("rule r { when client sends \"x\" then close client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "x");
    peer_say(f->server, "answer");
    assert_heard(f->server, "x<rst>");
    assert_heard(f->client, "<fin>");
    peer_fin(f->client);
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    fixture_free(f);
}

static void test_close_client_and_the_server_closes(void **state)
{
    struct fixture *f = fixture_new("rule r { when client sends \"x\" then close client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "x");
    peer_fin(f->client);
    assert_heard(f->server, "x");
    peer_fin(f->server);
    assert_heard(f->server, "x<rst>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1); /* it does not stay for ever */
    fixture_free(f);
}

static void test_close_both(void **state)
{
    struct fixture *f = fixture_new("rule r { when client sends \"x\" then close }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "axb");
    assert_heard(f->server, "ax<fin>");
    assert_heard(f->client, "<fin><rst>"); /* b was said to an end that is closed */
    peer_fin(f->server);
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    fixture_free(f);
}

static void test_close_both_and_both_close(void **state)
{
    struct fixture *f = fixture_new("rule r { when client sends \"x\" then close }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "x");
    peer_fin(f->client);
    peer_fin(f->server);
    assert_heard(f->client, "<fin>");
    assert_heard(f->server, "x<fin>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    fixture_free(f);
}

static void test_reset_client(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 3 bytes then reset client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "abcdef");
    assert_heard(f->client, "abc<rst>");
    /* def was said to an end that is gone: it is answered with RST, as in life */
    assert_heard(f->server, "<rst>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    fixture_free(f);
}

static void test_reset_client_and_the_server_is_silent(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 3 bytes then reset client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "abc");
    fixture_pass_ms(f, 100);
    assert_heard(f->client, "abc<rst>");
    assert_heard(f->server, ""); /* only the client feels it */
    peer_say(f->server, "d");
    assert_heard(f->server, "<rst>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    fixture_free(f);
}

static void test_reset_both(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 3 bytes then reset }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "abcdef");
    assert_heard(f->client, "abc<rst>");
    assert_heard(f->server, "<rst>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    assert_string_equal(fixture_told(f, NOTICE_CLOSED, 1)->text, "a rule ended it");
    assert_string_equal(fixture_told(f, NOTICE_RST_SENT, 1)->rule, "r");
    fixture_free(f);
}

static void test_reset_as_far_as_it_reads(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 6 bytes then reset client }");

    (void)state;
    fixture_connect(f);
    f->client->room = 2;
    peer_say(f->server, "abcdef");
    assert_heard(f->client, "ab");
    peer_take(f->client, 2);
    fixture_pass_ms(f, 10);
    assert_heard(f->client, "abcd");
    fixture_pass_ms(f, 5);
    assert_heard(f->client, "abcd<rst>");
    fixture_free(f);

    f = fixture_new("rule r { when server sends 6 bytes then reset client at once }");
    fixture_connect(f);
    f->client->room = 2;
    peer_say(f->server, "abcdef");
    assert_true(f->client->closed);
    assert_int_equal(fixture_told_at(f, NOTICE_RST_SENT, 1), 0);
    fixture_free(f);
}

static void test_send_fin_is_no_close(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 3 bytes then send fin to client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "abcdef");
    assert_heard(f->client, "abc<fin>");
    peer_say(f->client, "still heard");
    assert_heard(f->server, "still heard");
    peer_say(f->server, "thrown away");
    assert_heard(f->client, "abc<fin>");
    peer_fin(f->client);
    assert_heard(f->server, "still heard<fin>");
    peer_fin(f->server);
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    fixture_free(f);
}

static void test_fin_then_rst(void **state)
{
    (void)state;
    check_heard("rule r { when server sends 1 byte then send fin to client, reset client }", "abc", "a<fin><rst>");
    check_heard("rule r { when server sends 1 byte then send \"x\" to client, reset client }", "abc", "ax<rst>");
}

/* Endings travel behind what a rule below keeps. */
static void test_endings_travel_behind_data(void **state)
{
    struct fixture *f = fixture_new("rule a { when server sends 3 bytes then close client } rule b { then delay server data by 1s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "abcdef");
    assert_heard(f->client, "");
    fixture_pass_ms(f, 999);
    assert_heard(f->client, "");
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "abc<fin>");
    fixture_free(f);
}

/* ---- what gates and faults keep ---- */

static void test_what_is_held_closes_the_window(void **state)
{
    struct fixture *f = fixture_new("rule r { then hold server data for 1s }");
    static uint8_t much[4 * FIXTURE_BUFFER];

    (void)state;
    fixture_connect(f);
    peer_say_bytes(f->server, much, sizeof(much));
    assert_in_range(f->server->read, FIXTURE_BUFFER / 2, FIXTURE_BUFFER + WORKER_SCRATCH);
    assert_int_equal(fixture_count(f, NOTICE_BUFFER_FULL), 1);
    fixture_pass_ms(f, 1000);
    assert_int_equal(f->client->heard_length, sizeof(much));
    fixture_free(f);
}

static void test_tiny_reads_do_not_cost_more_than_the_buffer(void **state)
{
    struct fixture *f = fixture_new("rule r { then delay server data by 1s }");
    static uint8_t much[FIXTURE_BUFFER];

    (void)state;
    fixture_connect(f);
    f->server->cut = 1;
    peer_say_bytes(f->server, much, sizeof(much));
    assert_in_range(f->server->link->flows[SIDE_SERVER].kept, FIXTURE_BUFFER, FIXTURE_BUFFER + 256);
    assert_true(f->server->read < FIXTURE_BUFFER / 2);
    for (int i = 0; i < 200 && f->client->heard_length < sizeof(much); i++) {
        fixture_pass_ms(f, 1000);
    }
    assert_int_equal(f->client->heard_length, sizeof(much));
    fixture_free(f);
}

static void test_urgent_bytes_pass_a_gate(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 2 bytes then send \"-\" to client }");

    (void)state;
    fixture_connect(f);
    peer_say_urgent(f->server, "ab!");
    peer_say(f->server, "cd");
    assert_heard(f->client, "ab-<urgent>!cd");
    fixture_free(f);
    check_heard("rule r { when server sends 2 bytes then send urgent \"12!\" to client }", "abcd", "ab12<urgent>!cd"); /* its last byte */
}

static void test_a_flow_without_watches_has_no_gate(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 2 bytes then hold client data for 1s }");

    (void)state;
    fixture_connect(f);
    assert_non_null(f->client->link->flows[SIDE_SERVER].first);
    assert_null(f->client->link->flows[SIDE_CLIENT].first);
    peer_say(f->server, "ab");
    assert_null(f->client->link->flows[SIDE_SERVER].first);
    assert_non_null(f->client->link->flows[SIDE_CLIENT].first);
    fixture_pass_ms(f, 1001);
    assert_null(f->client->link->flows[SIDE_CLIENT].first);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_behind_an_amount),
        cmocka_unit_test(test_in_front_of_the_first_byte),
        cmocka_unit_test(test_behind_a_text),
        cmocka_unit_test(test_in_front_of_a_text),
        cmocka_unit_test(test_what_may_begin_a_match_waits),
        cmocka_unit_test(test_in_force_before_the_answer_can_come),
        cmocka_unit_test(test_in_front_of_an_ending),
        cmocka_unit_test(test_an_end_that_goes_while_its_fin_passes),
        cmocka_unit_test(test_in_line),
        cmocka_unit_test(test_in_line_of_the_same_place),
        cmocka_unit_test(test_a_text_and_an_amount_end_at_the_same_byte),
        cmocka_unit_test(test_close_client),
        cmocka_unit_test(test_close_client_and_the_server_says_something),
        cmocka_unit_test(test_close_client_and_the_server_closes),
        cmocka_unit_test(test_close_both),
        cmocka_unit_test(test_close_both_and_both_close),
        cmocka_unit_test(test_reset_client),
        cmocka_unit_test(test_reset_client_and_the_server_is_silent),
        cmocka_unit_test(test_reset_both),
        cmocka_unit_test(test_reset_as_far_as_it_reads),
        cmocka_unit_test(test_send_fin_is_no_close),
        cmocka_unit_test(test_fin_then_rst),
        cmocka_unit_test(test_endings_travel_behind_data),
        cmocka_unit_test(test_what_is_held_closes_the_window),
        cmocka_unit_test(test_tiny_reads_do_not_cost_more_than_the_buffer),
        cmocka_unit_test(test_urgent_bytes_pass_a_gate),
        cmocka_unit_test(test_a_flow_without_watches_has_no_gate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
