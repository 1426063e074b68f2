/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events: each happens when the language says so, and not otherwise. Every rule here says `!` to one side when its event comes.
 */
#include "fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The rule: `when`, or another head, and the event; what is done is said to that side. */
static struct fixture *begin(const char *event, const char *to)
{
    char rules[512];

    snprintf(rules, sizeof(rules), "rule r { %s then send \"!\" to %s }", event, to);
    return fixture_new(rules);
}

static void test_client_connects(void **state)
{
    struct fixture *f = begin("when client connects", "client");

    (void)state;
    fixture_open(f, "127.0.0.1"); /* before the server is dialled */
    assert_heard(f->client, "!");
    assert_true(fixture_told(f, NOTICE_RULE_FIRED, 1) < fixture_told(f, NOTICE_GONE, 1) || fixture_told(f, NOTICE_GONE, 1) == NULL);
    fixture_free(f);
}

static void test_server_accepts(void **state)
{
    struct fixture *f = begin("when server accepts", "client");

    (void)state;
    fixture_open(f, "127.0.0.1");
    assert_heard(f->client, "");
    fixture_accept(f);
    assert_heard(f->client, "!");
    fixture_open(f, "127.0.0.1");
    fixture_refuse(f, ECONNREFUSED);
    assert_heard(f->client, "<rst>");
    fixture_free(f);
}

static void test_server_refuses(void **state)
{
    struct fixture *f = begin("when server refuses", "client");

    (void)state;
    fixture_open(f, "127.0.0.1");
    fixture_refuse(f, ECONNREFUSED);
    assert_heard(f->client, "!<rst>"); /* in front of the place where it becomes an RST */
    fixture_connect(f);
    assert_heard(f->client, "");
    fixture_free(f);
}

static void test_fin_and_rst_are_told_apart(void **state)
{
    static const struct {
        const char *event;
        bool by_fin, by_rst;
    } cases[] = {
        {"when server sends fin", true, false},
        {"when server resets", false, true},
        {"when server closes", true, true},
        {"when either closes", true, true},
        {"when client closes", false, false},
        {"when client sends fin", false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture *f = begin(cases[i].event, "client");

        fixture_connect(f);
        peer_fin(f->server);
        assert_heard(f->client, cases[i].by_fin ? "!<fin>" : "<fin>");
        fixture_connect(f);
        peer_reset(f->server);
        assert_heard(f->client, cases[i].by_rst ? "!<rst>" : "<rst>");
        fixture_free(f);
    }
}

static void test_each_time_either_closes(void **state)
{
    struct fixture *f = fixture_new("rule r { each time either sends fin expect client never resets }");

    (void)state;
    fixture_connect(f);
    peer_fin(f->client);
    peer_fin(f->server);
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 2);
    fixture_free(f);

    f = fixture_new("rule r { the 2nd time either closes expect client never resets }");
    fixture_connect(f);
    peer_fin(f->client);
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 0);
    peer_fin(f->server);
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 1);
    fixture_free(f);
}

/* What a rule sends is seen by those below it (S6), and by none above. */
static void test_a_rules_ending_is_seen_below(void **state)
{
    struct fixture *f =
        fixture_new("rule b { when server sends fin then reset client } rule a { when server sends \"x\" then send fin to client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "x");
    assert_heard(f->client, "x<fin>");
    fixture_free(f);

    f = fixture_new("rule a { when server sends \"x\" then send fin to client } rule b { when server sends fin then reset client }");
    fixture_connect(f);
    peer_say(f->server, "x");
    assert_heard(f->client, "x<rst>");
    fixture_free(f);
}

static void test_either_sends(void **state)
{
    struct fixture *f = begin("when either sends \"abc\"", "client");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "ab");
    peer_say(f->server, "c"); /* two flows: not one text */
    assert_heard(f->client, "c");
    peer_say(f->client, "c");
    assert_heard(f->client, "c!");
    fixture_free(f);
}

static void test_each_time_either_sends_an_amount(void **state)
{
    struct fixture *f = begin("each time either sends 3 bytes", "client");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "ab");
    peer_say(f->server, "xyz");
    assert_heard(f->client, "xyz!");
    peer_say(f->client, "c"); /* its own third byte */
    assert_heard(f->client, "xyz!!");
    fixture_free(f);
}

static void test_silent(void **state)
{
    struct fixture *f = begin("when client is silent for 1s", "client");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 900);
    peer_say(f->client, "a");
    fixture_pass_ms(f, 900);
    peer_say(f->client, "b");
    peer_say(f->server, "x");
    fixture_pass(f, NS_PER_S - 1);
    assert_heard(f->client, "x");
    fixture_pass(f, 1);
    assert_heard(f->client, "x!");
    fixture_pass_ms(f, 5000);
    assert_heard(f->client, "x!");
    fixture_free(f);
}

static void test_each_silence_counts_once(void **state)
{
    struct fixture *f = begin("each time client is silent for 1s", "client");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 5000);
    assert_heard(f->client, "!");
    peer_say(f->client, "a");
    fixture_pass_ms(f, 999);
    assert_heard(f->client, "!");
    fixture_pass_ms(f, 4000);
    assert_heard(f->client, "!!");
    fixture_free(f);
}

static void test_both_are_silent(void **state)
{
    struct fixture *f = begin("when both are silent for 1s", "client");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 700);
    peer_say(f->client, "a");
    fixture_pass_ms(f, 700);
    peer_say(f->server, "b");
    fixture_pass_ms(f, 999);
    assert_heard(f->client, "b");
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "b!");
    fixture_free(f);
}

static void test_either_is_silent(void **state)
{
    struct fixture *f = begin("when either is silent for 1s", "client");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 700);
    peer_say(f->client, "a");
    fixture_pass_ms(f, 299);
    assert_heard(f->client, "");
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "!"); /* the server, since the beginning */
    fixture_free(f);
}

/* Bytes that came while nobody listened for silence count all the same. */
static void test_silence_in_a_step(void **state)
{
    struct fixture *f = fixture_new("rule r { then wait for 3s, wait until client is silent for 2s, send \"!\" to client }");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 2500);
    peer_say(f->client, "a");
    fixture_pass_ms(f, 1999);
    assert_heard(f->client, "");
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "!");
    fixture_free(f);
}

static void test_how_long_is_drawn(void **state)
{
    struct fixture *f = begin("when client is silent for 1..3s", "client");
    int least = INT32_MAX, most = 0;

    (void)state;
    for (size_t i = 1; i <= 40; i++) {
        int before = (int)((f->now - 1000 * NS_PER_S) / NS_PER_MS), took;

        fixture_connect(f);
        fixture_pass_ms(f, 3001);
        took = fixture_told_at(f, NOTICE_RULE_FIRED, i) - before;
        least = took < least ? took : least;
        most = took > most ? took : most;
    }
    assert_in_range(least, 1000, 1300);
    assert_in_range(most, 2700, 3000);
    fixture_free(f);
}

static void test_signal(void **state)
{
    struct fixture *f = begin("when signal go", "client");

    (void)state;
    fixture_connect(f);
    fixture_signal(f, "stop");
    fixture_connect(f);
    fixture_signal(f, "GO");
    assert_heard(fixture_peer(f, 1, SIDE_CLIENT), "!");
    assert_heard(fixture_peer(f, 2, SIDE_CLIENT), "!");
    fixture_connect(f); /* it came before */
    assert_heard(f->client, "");
    fixture_signal(f, "go");
    assert_heard(f->client, "!");
    assert_heard(fixture_peer(f, 1, SIDE_CLIENT), "!");
    fixture_free(f);
}

static void test_until_signal_and_the_event_again(void **state)
{
    struct fixture *f = fixture_new("rule r { each time signal go then hold server data until signal go }");

    (void)state;
    fixture_connect(f);
    fixture_signal(f, "go");
    peer_say(f->server, "a");
    assert_heard(f->client, "");
    fixture_signal(f, "go"); /* first it ends what waits for it, then it is the event */
    assert_heard(f->client, "a");
    peer_say(f->server, "b");
    assert_heard(f->client, "a");
    fixture_free(f);
}

static void test_in_close_wait(void **state)
{
    struct fixture *f = begin("when client is in CLOSE_WAIT", "server");

    (void)state;
    fixture_connect(f);
    f->client->keeps_fin = true;
    peer_fin(f->server);
    assert_heard(f->server, "");
    peer_ack_fin(f->client);
    assert_heard(f->server, "!");
    fixture_connect(f); /* it has closed first: LAST_ACK at most */
    peer_fin(f->client);
    peer_fin(f->server);
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 1);
    fixture_free(f);
}

static void test_in_fin_wait2(void **state)
{
    struct fixture *f = begin("when client is in FIN_WAIT2", "client");

    (void)state;
    fixture_connect(f);
    peer_fin(f->client);
    assert_heard(f->client, "!");
    fixture_connect(f);
    peer_fin(f->server);
    peer_fin(f->client);
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 1);
    fixture_free(f);
}

static void test_accept_without_server(void **state)
{
    struct fixture *f = fixture_new("rule r { then accept without server, send \"hello\" to client }");

    (void)state;
    fixture_open(f, "127.0.0.1");
    assert_heard(f->client, "hello");
    assert_null(f->client->link->dial);
    peer_say(f->client, "anybody?");
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "hello"); /* it goes nowhere, unanswered */
    assert_int_equal(f->client->read, 8);
    peer_fin(f->client);
    fixture_free(f);

    f = fixture_new("rule r { then accept without server, reset }");
    fixture_open(f, "127.0.0.1");
    assert_heard(f->client, "<rst>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client_connects),
        cmocka_unit_test(test_server_accepts),
        cmocka_unit_test(test_server_refuses),
        cmocka_unit_test(test_fin_and_rst_are_told_apart),
        cmocka_unit_test(test_each_time_either_closes),
        cmocka_unit_test(test_a_rules_ending_is_seen_below),
        cmocka_unit_test(test_either_sends),
        cmocka_unit_test(test_each_time_either_sends_an_amount),
        cmocka_unit_test(test_silent),
        cmocka_unit_test(test_each_silence_counts_once),
        cmocka_unit_test(test_both_are_silent),
        cmocka_unit_test(test_either_is_silent),
        cmocka_unit_test(test_silence_in_a_step),
        cmocka_unit_test(test_how_long_is_drawn),
        cmocka_unit_test(test_signal),
        cmocka_unit_test(test_until_signal_and_the_event_again),
        cmocka_unit_test(test_in_close_wait),
        cmocka_unit_test(test_in_fin_wait2),
        cmocka_unit_test(test_accept_without_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
