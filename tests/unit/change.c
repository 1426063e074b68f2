/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that change while links are open: what stands goes on, with its counts and its running faults; what is gone lets go; what is new
 * comes into force on open links too; nothing of what came and went is left behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/fixture.h"

#define HOLD "rule holds { then hold server data }\n"
#define HOLD_ON "rule holds { for not client 10.0.0.9 then hold server data }\n"
#define TEAR "rule tears { when server sends 10 bytes then reset }\n"

static struct fixture *w;

static int end(void **state)
{
    (void)state;
    fixture_free(w);
    return 0;
}

static void test_removed_lets_go(void **state)
{
    (void)state;
    w = fixture_new(HOLD);
    fixture_connect(w);
    peer_say(w->server, "one ");
    assert_heard(w->client, "");
    fixture_change(w, TEAR);
    assert_heard(w->client, "one ");
    peer_say(w->server, "two ");
    assert_heard(w->client, "one two ");
    fixture_pass_ms(w, 1);
    assert_null(fixture_link(w)->flows[SIDE_SERVER].first->next); /* the gate of the other rule alone */
}

static void test_standing_goes_on(void **state)
{
    (void)state;
    w = fixture_new(HOLD TEAR);
    fixture_connect(w);
    peer_say(w->server, "12345678");
    fixture_change(w, HOLD "rule more { when client sends 5 bytes then send \"!\" to client }\n");
    assert_heard(w->client, ""); /* still held */
    peer_say(w->client, "abcde");
    assert_heard(w->client, "!");
    assert_int_equal(fixture_count_rule(w, NOTICE_RULE_FIRED, "holds"), 1);
    fixture_change(w, "");
    assert_heard(w->client, "!12345678");
}

static void test_changed_is_new(void **state)
{
    (void)state;
    w = fixture_new(HOLD);
    fixture_connect(w);
    peer_say(w->server, "one ");
    fixture_change(w, HOLD_ON);
    assert_heard(w->client, "one ");
    peer_say(w->server, "two ");
    assert_heard(w->client, "one "); /* held anew, on the link that was open */
}

/* An event that was written waits; `client connects` is for those that come. */
static void test_new_on_open_links(void **state)
{
    (void)state;
    w = fixture_new(HOLD);
    fixture_connect(w);
    fixture_change(w, "rule at-connect { when client connects then send \"hello \" to client }\n" TEAR);
    assert_heard(w->client, "");
    peer_say(w->server, "1234567890");
    assert_heard(w->client, "1234567890<rst>");
    fixture_connect(w);
    assert_heard(w->client, "hello ");
}

/* A byte that came before does not count; the place is where the flow stands. */
static void test_counts_from_the_change(void **state)
{
    (void)state;
    w = fixture_new(HOLD);
    fixture_connect(w);
    fixture_change(w, "");
    peer_say(w->server, "12345678");
    fixture_change(w, TEAR);
    peer_say(w->server, "123456789");
    assert_heard(w->client, "12345678123456789");
    peer_say(w->server, "0");
    assert_heard(w->client, "123456781234567890<rst>");
}

/* Numbers count from when the rule came, and go on for one that stands. */
static void test_numbers(void **state)
{
    (void)state;
    w = fixture_new("rule second { for connection 2 then send \"2nd\" to client }\n");
    fixture_connect(w);
    fixture_change(w, "rule second { for connection 2 then send \"2nd\" to client }\n"
                      "rule first { for connection 1 of each client then send \"1st\" to client }\n"
                      "rule too { for connection 1 then send \"too\" to client }\n");
    assert_heard(w->client, "");
    fixture_connect(w);
    assert_heard(w->client, "2nd1sttoo");
    fixture_connect(w);
    assert_heard(w->client, "");
}

/* S6: a new rule stands on open links where it is written. */
static void test_order(void **state)
{
    (void)state;
    w = fixture_new("rule c { each time client sends \"x\" then replace \"x\" with \"y\" in client data }\n");
    fixture_connect(w);
    fixture_change(w, "rule a { then replace \"x\" with \"z\" in client data }\n"
                      "rule c { each time client sends \"x\" then replace \"x\" with \"y\" in client data }\n");
    peer_say(w->client, "xx");
    assert_heard(w->server, "zz");
    assert_int_equal(fixture_count_rule(w, NOTICE_RULE_FIRED, "c"), 0);
}

/* What a rule has closed stays closed. */
static void test_closed_stays(void **state)
{
    (void)state;
    w = fixture_new("rule c { when client sends \"x\" then close client }\n");
    fixture_connect(w);
    peer_say(w->client, "x");
    assert_heard(w->client, "<fin>");
    fixture_change(w, "");
    fixture_pass_ms(w, 5);
    peer_say(w->server, "late");
    assert_heard(w->client, "<fin>");
}

static void test_windows(void **state)
{
    (void)state;
    w = fixture_new("rule w { from 10ms to 30ms then hold server data }\n");
    fixture_connect(w);
    fixture_pass_ms(w, 20);
    peer_say(w->server, "a");
    assert_heard(w->client, "");
    fixture_change(w, "rule w { from 10ms to 30ms then hold server data }\nrule v { from 20ms then send \"!\" to client }\n");
    fixture_pass_ms(w, 11); /* w is over at 30 ms, as if nothing had happened */
    assert_heard(w->client, "a");
    fixture_pass_ms(w, 10); /* v counts from the change */
    assert_heard(w->client, "a!");
}

/* A thousand changes on one link leave nothing behind: the fixture checks the timers, and the chain is short. */
static void test_many(void **state)
{
    (void)state;
    w = fixture_new(HOLD);
    fixture_connect(w);
    for (int i = 0; i < 1000; i++) {
        fixture_change(w, i % 2 == 0 ? HOLD_ON : HOLD);
        peer_say(w->server, ".");
        fixture_pass_ms(w, 1);
    }
    fixture_change(w, "");
    fixture_pass_ms(w, 1);
    assert_int_equal(strlen(w->client->heard), 1000);
    assert_null(fixture_link(w)->flows[SIDE_SERVER].first);
    assert_int_equal(w->engine->state_count, 0);
    assert_null(fixture_link(w)->rules->first);
}

/* So many bytes pass what holds them: those that are there, and then those that come. */
static void test_step(void **state)
{
    (void)state;
    w = fixture_new(HOLD);
    fixture_connect(w);
    peer_say(w->server, "abcdef");
    assert_int_equal(engine_step(fixture_link(w), SIDE_CLIENT, 9), 0); /* nobody holds what the client says */
    assert_int_equal(engine_step(fixture_link(w), SIDE_SERVER, 2), 1);
    assert_heard(w->client, "ab");
    engine_step(fixture_link(w), SIDE_SERVER, 10);
    assert_heard(w->client, "abcdef");
    peer_say(w->server, "ghi");
    peer_say(w->server, "jklmnop");
    assert_heard(w->client, "abcdefghijkl");
    peer_say(w->server, "q");
    assert_heard(w->client, "abcdefghijkl");
    fixture_change(w, "");
    assert_heard(w->client, "abcdefghijklmnopq");
}

/* For the links of one relay, one link, those that are open. */
static void test_scopes(void **state)
{
    const struct scope second = {.link = 2, .open_only = true};

    (void)state;
    w = fixture_new("rule nothing { when client sends \"nothing\" then reset }\n");
    fixture_connect(w);
    fixture_connect(w);
    fixture_change_scoped(w, "rule now { then send \"now\" to client }\n", &second);
    assert_heard(fixture_peer(w, 1, SIDE_CLIENT), "");
    assert_heard(fixture_peer(w, 2, SIDE_CLIENT), "now");
    fixture_connect(w);
    assert_heard(w->client, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_removed_lets_go, end),
        cmocka_unit_test_teardown(test_standing_goes_on, end),
        cmocka_unit_test_teardown(test_changed_is_new, end),
        cmocka_unit_test_teardown(test_new_on_open_links, end),
        cmocka_unit_test_teardown(test_counts_from_the_change, end),
        cmocka_unit_test_teardown(test_numbers, end),
        cmocka_unit_test_teardown(test_order, end),
        cmocka_unit_test_teardown(test_closed_stays, end),
        cmocka_unit_test_teardown(test_windows, end),
        cmocka_unit_test_teardown(test_many, end),
        cmocka_unit_test_teardown(test_step, end),
        cmocka_unit_test_teardown(test_scopes, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
