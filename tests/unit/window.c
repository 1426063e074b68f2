/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Windows: when a rule is in force, and that it is lifted at their end. Times count from the start of the fixture.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_from_to(void **state)
{
    struct fixture *f = fixture_new("rule r { from 5s to 8s then hold server data }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "a");
    assert_heard(f->client, "a");
    fixture_pass_ms(f, 4999);
    peer_say(f->server, "b");
    assert_heard(f->client, "ab");
    fixture_pass_ms(f, 1);
    peer_say(f->server, "c"); /* it strikes a connection that is open */
    assert_heard(f->client, "ab");
    fixture_connect(f); /* and each that comes */
    peer_say(f->server, "d");
    fixture_pass_ms(f, 2999);
    assert_heard(f->client, "");
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "d"); /* what still runs is lifted */
    assert_heard(fixture_peer(f, 1, SIDE_CLIENT), "abc");
    peer_say(f->server, "e");
    assert_heard(f->client, "de");
    fixture_connect(f);
    peer_say(f->server, "f");
    assert_heard(f->client, "f");
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 2);
    fixture_free(f);
}

static void test_from_without_an_end(void **state)
{
    struct fixture *f = fixture_new("rule r { from 2s then reset client }");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 1999);
    assert_heard(f->client, "");
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "<rst>");
    fixture_pass_ms(f, 3600 * 1000);
    fixture_connect(f);
    assert_heard(f->client, "<rst>");
    fixture_free(f);
}

static void test_from_the_beginning(void **state)
{
    struct fixture *f = fixture_new("rule r { from 0s to 1s then reset client }");

    (void)state;
    fixture_connect(f);
    assert_heard(f->client, "<rst>");
    fixture_pass_ms(f, 1000);
    fixture_connect(f);
    assert_heard(f->client, "");
    fixture_free(f);
}

static void test_the_rest_is_not_begun(void **state)
{
    struct fixture *f = fixture_new("rule r { from 1s to 3s then wait for 5s, reset }");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 10000);
    assert_heard(f->client, "");
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 1);
    fixture_free(f);
}

static void test_every(void **state)
{
    struct fixture *f = fixture_new("rule r { from 10s to 12s every 30s then hold server data }");

    (void)state;
    fixture_connect(f);
    for (int second = 0; second < 99; second++) {
        bool holds = second % 30 >= 10 && second % 30 < 12;
        size_t before = f->client->heard_length;

        peer_say(f->server, "x");
        assert_int_equal(f->client->heard_length, holds ? before : before + 1);
        fixture_pass_ms(f, 1000);
    }
    assert_int_equal(f->client->heard_length, 99);
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 3);
    fixture_free(f);
}

static void test_with_an_event(void **state)
{
    struct fixture *f = fixture_new("rule r { from 1s to 2s when client sends \"a\" then send \"!\" to client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "a");
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "");
    peer_say(f->client, "a");
    assert_heard(f->client, "!");
    fixture_connect(f);
    fixture_pass_ms(f, 1000);
    peer_say(f->client, "a");
    assert_heard(f->client, "");
    fixture_free(f);
}

/* `client connects` is an event: it does not strike those that have connected before. */
static void test_with_client_connects(void **state)
{
    struct fixture *f = fixture_new("rule r { from 1s when client connects then send \"!\" to client }");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "");
    fixture_connect(f);
    assert_heard(f->client, "!");
    fixture_free(f);
}

static void test_between_signals(void **state)
{
    struct fixture *f = fixture_new("rule r { from signal down to signal up then hold server data }");

    (void)state;
    fixture_connect(f);
    fixture_signal(f, "up");
    peer_say(f->server, "a");
    fixture_signal(f, "down");
    fixture_signal(f, "down");
    peer_say(f->server, "b");
    fixture_pass_ms(f, 100000);
    assert_heard(f->client, "a");
    fixture_signal(f, "up");
    assert_heard(f->client, "ab");
    peer_say(f->server, "c");
    assert_heard(f->client, "abc");
    fixture_signal(f, "down"); /* and again */
    peer_say(f->server, "d");
    assert_heard(f->client, "abc");
    fixture_signal(f, "up");
    assert_heard(f->client, "abcd");
    fixture_free(f);
}

static void test_from_a_signal_for_some_time(void **state)
{
    struct fixture *f = fixture_new("rule r { from signal down to 2s then hold server data }");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 5000);
    fixture_signal(f, "down");
    peer_say(f->server, "a");
    fixture_pass_ms(f, 1999);
    assert_heard(f->client, "");
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "a");
    fixture_free(f);
}

static void test_goodbyes_are_not_taken_back(void **state)
{
    struct fixture *f = fixture_new("rule r { from 1s to 2s then close client }");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "<fin>");
    fixture_pass_ms(f, 1000);
    peer_say(f->server, "late");
    assert_heard(f->client, "<fin>");
    fixture_free(f);
}

static void test_both_ends_are_drawn(void **state)
{
    int least = INT32_MAX, most = 0, least_end = INT32_MAX, most_end = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct fixture *f = fixture_seeded("rule r { from 1..3s to 6..8s then hold server data }", seed);
        int from, to;

        fixture_connect(f);
        fixture_pass_ms(f, 20000);
        from = fixture_told_at(f, NOTICE_RULE_FIRED, 1);
        to = fixture_told_at(f, NOTICE_ACTION_ENDED, 1);
        least = from < least ? from : least;
        most = from > most ? from : most;
        least_end = to < least_end ? to : least_end;
        most_end = to > most_end ? to : most_end;
        fixture_free(f);
    }
    assert_in_range(least, 1000, 1400);
    assert_in_range(most, 2600, 3000);
    assert_in_range(least_end, 6000, 6400);
    assert_in_range(most_end, 7600, 8000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_to),
        cmocka_unit_test(test_from_without_an_end),
        cmocka_unit_test(test_from_the_beginning),
        cmocka_unit_test(test_the_rest_is_not_begun),
        cmocka_unit_test(test_every),
        cmocka_unit_test(test_with_an_event),
        cmocka_unit_test(test_with_client_connects),
        cmocka_unit_test(test_between_signals),
        cmocka_unit_test(test_from_a_signal_for_some_time),
        cmocka_unit_test(test_goodbyes_are_not_taken_back),
        cmocka_unit_test(test_both_ends_are_drawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
