/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules at work on a link: how often they fire (S7), in which order their steps go (S1), when an action is done and when it has happened
 * (S4), and that chance is the same each time (S8).
 */
#include "fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- heads ---- */

static void check_head(const char *rules, const char *heard)
{
    struct fixture *f = fixture_new(rules);

    fixture_connect(f);
    for (const char *at = "a.a.a.a.a."; *at != '\0'; at++) {
        peer_say_bytes(f->server, at, 1);
    }
    assert_heard(f->client, heard);
    fixture_free(f);
    f = fixture_new(rules); /* all in one read */
    fixture_connect(f);
    peer_say(f->server, "a.a.a.a.a.");
    assert_heard(f->client, heard);
    fixture_free(f);
}

static void test_heads(void **state)
{
    (void)state;
    check_head("rule r { when server sends \"a\" then send \"!\" to client }", "a!.a.a.a.a.");
    check_head("rule r { each time server sends \"a\" then send \"!\" to client }", "a!.a!.a!.a!.a!.");
    check_head("rule r { the 2nd time server sends \"a\" then send \"!\" to client }", "a.a!.a.a.a.");
    check_head("rule r { the first 3 times server sends \"a\" then send \"!\" to client }", "a!.a!.a!.a.a.");
    check_head("rule r { each time server sends 3 bytes then send \"!\" to client }", "a.a!.a.!a.a!.");
    check_head("rule r { the 3rd time server is about to send \"a\" then send \"!\" to client }", "a.a.!a.a.a.");
}

/* Not again before it is done. */
static void test_an_event_while_it_runs_does_not_count(void **state)
{
    struct fixture *f = fixture_new("rule r { each time client sends \"a\" then wait for 1s, send \"!\" to client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "a");
    fixture_pass_ms(f, 500);
    peer_say(f->client, "aa");
    fixture_pass_ms(f, 600);
    assert_heard(f->client, "!");
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 1);
    peer_say(f->client, "a");
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "!!");
    fixture_free(f);
}

static void test_the_first_times_are_firings(void **state)
{
    struct fixture *f = fixture_new("rule r { the first 2 times client sends \"a\" then wait for 1s, send \"!\" to client }");

    (void)state;
    fixture_connect(f);
    for (int i = 0; i < 8; i++) {
        peer_say(f->client, "a");
        fixture_pass_ms(f, 400);
    }
    fixture_pass_ms(f, 2000);
    assert_heard(f->client, "!!");
    fixture_free(f);
}

static void test_each_connection_for_itself(void **state)
{
    struct fixture *f = fixture_new("rule r { when client sends \"a\" then send \"!\" to client }");

    (void)state;
    for (int i = 0; i < 3; i++) {
        fixture_connect(f);
        peer_say(f->client, "aa");
        assert_heard(f->client, "!");
    }
    assert_int_equal(fixture_count(f, NOTICE_RULE_FIRED), 3);
    fixture_free(f);
}

/* ---- sequences ---- */

static void test_wait_for(void **state)
{
    struct fixture *f =
        fixture_new("rule r { when client sends \"a\" then wait for 2s, send \"1\" to client, wait for 500ms, reset client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "a");
    fixture_pass(f, 2 * NS_PER_S - 1);
    assert_heard(f->client, "");
    fixture_pass(f, 1);
    assert_heard(f->client, "1");
    fixture_pass_ms(f, 499);
    assert_heard(f->client, "1");
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "1<rst>");
    fixture_free(f);
}

static void test_wait_until(void **state)
{
    struct fixture *f = fixture_new("rule r { the 2nd time client sends \"GET \" then wait until server sends 4 bytes, reset }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "GET /");
    peer_say(f->server, "first reply");
    peer_say(f->client, "GET /");
    peer_say(f->server, "sec"); /* counted since the step began */
    assert_heard(f->client, "first replysec");
    peer_say(f->server, "ond reply");
    assert_heard(f->client, "first replyseco<rst>");
    assert_heard(f->server, "GET /GET /<rst>");
    fixture_free(f);
}

static void test_a_timed_action_holds_up_the_next(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 1 byte then hold server data for 3s, reset client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "abc");
    assert_heard(f->client, "a");
    fixture_pass_ms(f, 2999);
    assert_heard(f->client, "a");
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "abc<rst>");
    fixture_free(f);
}

static void test_an_action_without_time_does_not(void **state)
{
    struct fixture *f =
        fixture_new("rule r { when server sends 1 byte then hold server data, send \"!\" to client, wait for 1s, send fin to server }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "abc");
    assert_heard(f->client, "a!");
    fixture_pass_ms(f, 1000);
    assert_heard(f->server, "<fin>");
    fixture_pass_ms(f, 100000);
    assert_heard(f->client, "a!"); /* a lasting effect stays until the connection ends */
    fixture_free(f);
}

static void test_an_amount_holds_up_the_next(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 1 byte then drop 2 bytes of server data, send \"!\" to client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "ab");
    assert_heard(f->client, "a");
    peer_say(f->server, "cdef");
    assert_true(strcmp(f->client->heard, "a!def") == 0);
    fixture_free(f);
}

static void test_hold_until(void **state)
{
    struct fixture *f = fixture_new("rule r { then hold server data until client sends \"go\" }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "abc");
    peer_fin(f->server);
    peer_say(f->client, "g");
    assert_heard(f->client, "");
    peer_say(f->client, "o");
    assert_heard(f->client, "abc<fin>");
    fixture_free(f);
}

static void test_hold_an_ending_counts_from_when_it_comes(void **state)
{
    struct fixture *f = fixture_new("rule r { then hold server fin for 3s, send fin to server }");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 10000);
    peer_say(f->server, "data");
    peer_fin(f->server);
    assert_heard(f->client, "data");
    fixture_pass_ms(f, 2999);
    assert_heard(f->client, "data");
    assert_heard(f->server, "");
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "data<fin>");
    assert_heard(f->server, "<fin>");
    fixture_free(f);
}

static void test_an_rst_cancels_what_runs(void **state)
{
    struct fixture *f = fixture_new("rule r { then stop reading from client for 10s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "unread");
    assert_heard(f->server, "");
    peer_reset(f->client);
    fixture_pass_ms(f, 1);
    assert_int_equal(fixture_count(f, NOTICE_RST_RECEIVED), 1);
    fixture_pass_ms(f, 20);
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    fixture_free(f);
}

static void test_stop_reading(void **state)
{
    struct fixture *f = fixture_new("rule r { when client sends 2 bytes then stop reading from client for 1s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "abcd");
    assert_heard(f->server, "ab");
    peer_say(f->client, "ef");
    assert_int_equal(f->client->read, 4); /* its window closes */
    peer_say(f->server, "answer");
    assert_heard(f->client, "answer");
    fixture_pass_ms(f, 1000);
    assert_heard(f->server, "abcdef");
    fixture_free(f);
}

/* ---- segments ---- */

static void test_the_smallest_window_counts(void **state)
{
    struct fixture *f = fixture_new("rule r { then shrink client window to 4 KiB for 3s } rule s { then wait for 1s, shrink client window "
                                    "to 1 KiB at once for 1s } rule t { then shrink client window to 8 KiB for 4s }");

    (void)state;
    fixture_connect(f);
    assert_heard(f->client, "<window 4096><window 4096>");
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "<window 4096><window 4096><window 1024><taken back>");
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "<window 4096><window 4096><window 1024><taken back><window 4096>");
    fixture_pass_ms(f, 2000);
    assert_heard(f->client, "<window 4096><window 4096><window 1024><taken back><window 4096><window 8192><window>");
    fixture_free(f);
}

/* An RST whose number is that of the next byte must find none that has gone on meanwhile. */
static void test_what_is_behind_a_forged_rst_goes_behind_it(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 2 bytes then send forged rst to client }");

    (void)state;
    fixture_connect(f);
    f->client->unacked = 2;
    peer_say(f->server, "abcd");
    peer_say(f->server, "ef");
    fixture_pass_ms(f, 50);
    assert_heard(f->client, "ab");
    f->client->unacked = 0;
    fixture_pass_ms(f, 2);
    assert_heard(f->client, "ab<forged>cdef");
    assert_int_equal(fixture_count(f, NOTICE_ACTION_HAPPENED), 1);
    fixture_free(f);
}

static void test_a_forged_rst_does_not_wait_for_ever(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 2 bytes then send forged rst to client }");

    (void)state;
    fixture_connect(f);
    f->client->unacked = 2; /* its application does not read */
    peer_say(f->server, "abcd");
    peer_fin(f->server);
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "ab<forged>cd<fin>");
    fixture_free(f);
}

static void test_what_stands_before_a_cut_goes_and_the_rest_waits(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 2 bytes then vanish from client for 1s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "abcd");
    assert_heard(f->client, "<deaf>ab"); /* in force before the last of it leaves us */
    peer_say(f->server, "ef");
    peer_fin(f->server);
    assert_heard(f->client, "<deaf>ab");
    peer_say(f->client, "cannot be heard");
    assert_heard(f->server, "");
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "<deaf>ab<hears>cdef<fin>");
    assert_heard(f->server, "cannot be heard");
    fixture_free(f);
}

static void test_a_fin_in_front_of_a_cut_goes(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 1 byte then send fin to client, vanish from client for 1s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "a");
    assert_heard(f->client, "<deaf>a<fin>");
    fixture_pass_ms(f, 1000);
    fixture_free(f);
}

static void test_a_reset_behind_a_cut_waits_however_long(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 1 byte then vanish from client for 1s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "ab");
    peer_reset(f->server);
    fixture_pass_ms(f, 900); /* far longer than a receiver has that does not read */
    assert_heard(f->client, "<deaf>a");
    fixture_pass_ms(f, 200);
    assert_heard(f->client, "<deaf>a<hears>b<rst>");
    fixture_free(f);
}

static void test_two_cuts_are_lifted_one_by_one(void **state)
{
    struct fixture *f = fixture_new(
        "rule r { when server sends 1 byte then vanish for 2s } rule s { when server sends 1 byte then vanish from client for 1s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "ab");
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "<deaf>a");
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "<deaf>a<hears>b");
    fixture_free(f);
}

static void test_who_is_forgotten_hears_nothing(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 2 bytes then forget client }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "ab");
    assert_heard(f->client, "ab");
    assert_int_equal(fixture_count(f, NOTICE_RST_SENT), 0);
    assert_int_equal(fixture_count(f, NOTICE_GONE), 1);
    peer_say(f->server, "e"); /* said to nobody: as in life, RST */
    fixture_pass_ms(f, 1);
    assert_heard(f->server, "<rst>");
    fixture_free(f);
}

static void test_losses_go_when_their_time_is_over(void **state)
{
    struct fixture *f = fixture_new("rule r { then lose client data for 1s } rule s { then lose client acks for 2s }");

    (void)state;
    fixture_connect(f);
    assert_heard(f->client, "<loses>");
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "<loses>");
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "<loses><hears>");
    fixture_free(f);
}

static void test_a_forged_rst_waits_for_what_is_in_front(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends 2 bytes then send forged rst to client }");

    (void)state;
    fixture_connect(f);
    f->client->unacked = 2;
    peer_say(f->server, "ab");
    fixture_pass_ms(f, 20);
    assert_heard(f->client, "ab");
    f->client->unacked = 0;
    fixture_pass_ms(f, 2);
    assert_heard(f->client, "ab<forged>");
    assert_int_equal(fixture_count(f, NOTICE_ACTION_HAPPENED), 1);
    fixture_free(f);
}

/* ---- clocks ---- */

static void test_a_clock_above_starts_with_the_event(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends fin expect client stays open for 29s then hold server fin for 30s "
                                    "expect client closes within 2s }");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 500);
    peer_fin(f->server);
    assert_int_equal(fixture_count(f, NOTICE_EXPECTED), 1);
    assert_int_equal(fixture_told_at(f, NOTICE_EXPECTED, 1), 500);
    assert_int_equal(fixture_told(f, NOTICE_EXPECTED, 1)->step, 0);
    fixture_pass_ms(f, 29999);
    assert_int_equal(fixture_count(f, NOTICE_EXPECTED), 1);
    fixture_pass_ms(f, 5);
    assert_int_equal(fixture_count(f, NOTICE_EXPECTED), 2);
    assert_in_range(fixture_told_at(f, NOTICE_EXPECTED, 2), 30500, 30501);
    assert_int_equal(fixture_told(f, NOTICE_EXPECTED, 2)->step, 2);
    fixture_free(f);
}

static void test_a_clock_waits_until_what_was_let_go_is_acknowledged(void **state)
{
    struct fixture *f = fixture_new("rule r { when server sends fin then hold server fin for 1s expect client closes within 2s }");

    (void)state;
    fixture_connect(f);
    f->client->keeps_fin = true;
    peer_fin(f->server);
    fixture_pass_ms(f, 1500);
    assert_heard(f->client, "<fin>");
    assert_int_equal(fixture_count(f, NOTICE_EXPECTED), 0);
    peer_ack_fin(f->client);
    fixture_pass_ms(f, 30);
    assert_in_range(fixture_told_at(f, NOTICE_EXPECTED, 1), 1500, 1530);
    fixture_free(f);
}

static void test_a_clock_waits_until_what_was_sent_is_acknowledged(void **state)
{
    struct fixture *f = fixture_new("rule r { when client sends \"a\" then send \"late\" to client expect client sends \"b\" within 1s }");

    (void)state;
    fixture_connect(f);
    f->client->unacked = 4;
    peer_say(f->client, "a");
    fixture_pass_ms(f, 300);
    assert_int_equal(fixture_count(f, NOTICE_EXPECTED), 0);
    f->client->unacked = 0;
    fixture_pass_ms(f, 20);
    assert_int_equal(fixture_count(f, NOTICE_EXPECTED), 1);
    fixture_free(f);
}

static void test_a_clock_waits_until_it_can_be_felt(void **state)
{
    struct fixture *f = fixture_new("rule r { then drop server fin expect client closes within 1s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->server, "data");
    fixture_pass_ms(f, 5000);
    assert_int_equal(fixture_count(f, NOTICE_EXPECTED), 0);
    peer_fin(f->server);
    assert_int_equal(fixture_told_at(f, NOTICE_EXPECTED, 1), 5000);
    fixture_free(f);

    f = fixture_new("rule r { then hold server data, send \"x\" to client expect client closes within 1s }");
    fixture_connect(f);
    fixture_pass_ms(f, 100);
    assert_heard(f->client, "x"); /* the sequence goes on at once, */
    assert_int_equal(fixture_count(f, NOTICE_EXPECTED), 0); /* and the clock waits for the first byte that is held */
    peer_say(f->server, "a");
    assert_int_equal(fixture_told_at(f, NOTICE_EXPECTED, 1), 100);
    fixture_free(f);
}

static void test_a_clock_after_a_wait_and_a_reset(void **state)
{
    struct fixture *f = fixture_new("rule r { then wait for 2s, reset client expect client reconnects within 1s }");

    (void)state;
    fixture_connect(f);
    fixture_pass_ms(f, 1999);
    assert_int_equal(fixture_count(f, NOTICE_EXPECTED), 0);
    fixture_pass_ms(f, 10);
    assert_in_range(fixture_told_at(f, NOTICE_EXPECTED, 1), 2000, 2002);
    fixture_free(f);
}

static void test_clocks_of_the_second_firing(void **state)
{
    struct fixture *f =
        fixture_new("rule r { each time client sends \"a\" then hold server data for 1s expect client sends \"b\" within 1s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "a");
    peer_say(f->server, "x");
    fixture_pass_ms(f, 1100);
    peer_say(f->client, "a");
    assert_int_equal(fixture_count(f, NOTICE_EXPECTED), 1);
    fixture_pass_ms(f, 1100);
    assert_int_equal(fixture_count(f, NOTICE_EXPECTED), 2);
    assert_int_equal(fixture_told(f, NOTICE_EXPECTED, 2)->firing, 2);
    fixture_free(f);
}

/* Everything since the rule fired counts; the clock only sets the end. */
static void test_deeds_are_told_from_the_firing_on(void **state)
{
    struct fixture *f = fixture_new("rule r { when client sends \"a\" then hold server data for 1s expect client sends \"b\" within 1s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "b");
    peer_say(f->client, "a");
    assert_int_equal(fixture_count(f, NOTICE_DEED_SEEN), 0);
    peer_say(f->client, "b");
    assert_int_equal(fixture_count(f, NOTICE_DEED_SEEN), 1);
    fixture_free(f);

    f = fixture_new("rule r { when client sends \"a\" expect server stays silent for 1s }");
    fixture_connect(f);
    peer_say(f->server, "x");
    peer_say(f->client, "ab");
    assert_int_equal(fixture_count(f, NOTICE_BYTE_SEEN), 0);
    peer_say(f->server, "y");
    peer_say(f->server, "z");
    assert_int_equal(fixture_count(f, NOTICE_BYTE_SEEN), 1);
    fixture_free(f);
}

/* ---- chance ---- */

/* What a client hears on each of some connections under these rules and this seed. */
static void play(const char *rules, uint64_t seed, char *heard, size_t size)
{
    struct fixture *f = fixture_seeded(rules, seed);

    heard[0] = '\0';
    for (int i = 0; i < 30; i++) {
        fixture_connect(f);
        peer_say(f->server, "abcdefghijklmnopqrstuvwxyz");
        strncat(heard, f->client->heard, size - strlen(heard) - 1);
        strncat(heard, "\n", size - strlen(heard) - 1);
    }
    fixture_free(f);
}

static void test_the_same_seed_the_same_faults(void **state)
{
    static const char rules[] = "rule tear { for 50% of connections when server sends 1..20 bytes then reset client }";
    static const char more[] = "rule other { for 10% of connections when client sends 5..9 bytes then reset } "
                               "rule tear { for 50% of connections when server sends 1..20 bytes then reset client } "
                               "rule third { then throttle client data to 5..9 MiB/s }";
    char first[2000], again[2000], beside[2000], other[2000];

    (void)state;
    play(rules, 1, first, sizeof(first));
    play(rules, 1, again, sizeof(again));
    play(more, 1, beside, sizeof(beside));
    play(rules, 2, other, sizeof(other));
    assert_non_null(strstr(first, "<rst>"));
    assert_non_null(strstr(first, "xyz\n"));
    assert_string_equal(first, again);
    assert_string_equal(first, beside); /* no other rule changes it */
    assert_string_not_equal(first, other);
}

static void test_in_turn(void **state)
{
    struct fixture *f = fixture_new("rule r { for every 2nd connection when server sends 0..3 bytes in turn then reset client }");
    static const char *const heard[] = {"abcd", "<rst>", "abcd", "a<rst>", "abcd", "ab<rst>", "abcd", "abc<rst>", "abcd", "<rst>"};

    (void)state;
    for (int i = 0; i < 10; i++) {
        fixture_connect(f);
        peer_say(f->server, "abcd");
        assert_heard(f->client, heard[i]);
    }
    fixture_free(f);
}

static void test_a_range_is_drawn_anew_at_each_use(void **state)
{
    struct fixture *f = fixture_new("rule r { each time server sends 1..9 bytes then send \"!\" to client }");
    size_t gaps[10] = {0}, gap = 0, different = 0;

    (void)state;
    fixture_connect(f);
    for (int i = 0; i < 200; i++) {
        peer_say(f->server, ".");
    }
    for (const char *at = f->client->heard; *at != '\0'; at++) {
        if (*at == '!') {
            assert_in_range(gap, 1, 9);
            different += gaps[gap]++ == 0;
            gap = 0;
        } else {
            gap++;
        }
    }
    assert_true(different >= 6);
    fixture_free(f);
}

static void test_the_time_of_an_action_is_drawn(void **state)
{
    struct fixture *f = fixture_new("rule r { then wait for 1..3s, reset client }");
    int least = INT32_MAX, most = 0;

    (void)state;
    for (size_t i = 1; i <= 40; i++) {
        int before = (int)((f->now - 1000 * NS_PER_S) / NS_PER_MS), took;

        fixture_connect(f);
        fixture_pass_ms(f, 3001);
        took = fixture_told_at(f, NOTICE_RST_SENT, i) - before;
        least = took < least ? took : least;
        most = took > most ? took : most;
    }
    assert_in_range(least, 1000, 1300);
    assert_in_range(most, 2700, 3000);
    fixture_free(f);
}

/* ---- the end ---- */

static void test_a_link_that_ends_in_the_middle_of_everything(void **state)
{
    struct fixture *f = fixture_new(
        "rule a { then hold client data for 10s, send \"x\" to server } "
        "rule b { each time server is about to send /a+b/ then delay server data by 1s for 5s } "
        "rule c { when both are silent for 1s then throttle data to 1 KiB/s } "
        "rule d { then stop reading from client for 20s, wait until server sends \"z\", close }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "question");
    peer_say(f->server, "aaaaab..aaaa");
    fixture_pass_ms(f, 1500);
    fixture_connect(f); /* and one that only begins; both are freed with all that they have */
    fixture_free(f);
}

static void test_a_goodbye_of_both_with_faults_in_force(void **state)
{
    struct fixture *f = fixture_new("rule r { then delay data by 1s }");

    (void)state;
    fixture_connect(f);
    peer_say(f->client, "question");
    peer_fin(f->client);
    peer_say(f->server, "answer");
    peer_fin(f->server);
    fixture_pass_ms(f, 999);
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 0);
    fixture_pass_ms(f, 2);
    assert_heard(f->client, "answer<fin>");
    assert_heard(f->server, "question<fin>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_an_event_while_it_runs_does_not_count),
        cmocka_unit_test(test_the_first_times_are_firings),
        cmocka_unit_test(test_each_connection_for_itself),
        cmocka_unit_test(test_wait_for),
        cmocka_unit_test(test_wait_until),
        cmocka_unit_test(test_a_timed_action_holds_up_the_next),
        cmocka_unit_test(test_an_action_without_time_does_not),
        cmocka_unit_test(test_an_amount_holds_up_the_next),
        cmocka_unit_test(test_hold_until),
        cmocka_unit_test(test_hold_an_ending_counts_from_when_it_comes),
        cmocka_unit_test(test_an_rst_cancels_what_runs),
        cmocka_unit_test(test_stop_reading),
        cmocka_unit_test(test_the_smallest_window_counts),
        cmocka_unit_test(test_what_is_behind_a_forged_rst_goes_behind_it),
        cmocka_unit_test(test_a_forged_rst_does_not_wait_for_ever),
        cmocka_unit_test(test_what_stands_before_a_cut_goes_and_the_rest_waits),
        cmocka_unit_test(test_a_fin_in_front_of_a_cut_goes),
        cmocka_unit_test(test_a_reset_behind_a_cut_waits_however_long),
        cmocka_unit_test(test_two_cuts_are_lifted_one_by_one),
        cmocka_unit_test(test_who_is_forgotten_hears_nothing),
        cmocka_unit_test(test_losses_go_when_their_time_is_over),
        cmocka_unit_test(test_a_forged_rst_waits_for_what_is_in_front),
        cmocka_unit_test(test_a_clock_above_starts_with_the_event),
        cmocka_unit_test(test_a_clock_waits_until_what_was_let_go_is_acknowledged),
        cmocka_unit_test(test_a_clock_waits_until_what_was_sent_is_acknowledged),
        cmocka_unit_test(test_a_clock_waits_until_it_can_be_felt),
        cmocka_unit_test(test_a_clock_after_a_wait_and_a_reset),
        cmocka_unit_test(test_clocks_of_the_second_firing),
        cmocka_unit_test(test_deeds_are_told_from_the_firing_on),
        cmocka_unit_test(test_the_same_seed_the_same_faults),
        cmocka_unit_test(test_in_turn),
        cmocka_unit_test(test_a_range_is_drawn_anew_at_each_use),
        cmocka_unit_test(test_the_time_of_an_action_is_drawn),
        cmocka_unit_test(test_a_link_that_ends_in_the_middle_of_everything),
        cmocka_unit_test(test_a_goodbye_of_both_with_faults_in_force),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
