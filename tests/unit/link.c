/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A link without any rule: bytes and endings go from one application to the other as they would on a direct connection.
 */
#include "fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    struct fixture *f = fixture_new(NULL);

    fixture_connect(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture_free(*state);
    return 0;
}

/* ---- bytes ---- */

static void test_bytes_both_ways(void **state)
{
    struct fixture *f = *state;

    peer_say(f->client, "question");
    peer_say(f->server, "answer");
    assert_heard(f->server, "question");
    assert_heard(f->client, "answer");
    assert_int_equal(fixture_told(f, NOTICE_RECEIVED, 1)->bytes, 8);
    assert_int_equal(fixture_told(f, NOTICE_DELIVERED, 2)->bytes, 6);
}

static void test_what_is_said_before_the_server_accepts_waits(void **state)
{
    struct fixture *f = *state;

    fixture_open(f, "127.0.0.1");
    peer_say(f->client, "early");
    peer_fin(f->client);
    assert_heard(f->server, "");
    fixture_accept(f);
    assert_heard(f->server, "early<fin>");
    assert_false(f->client->closed); /* the answer is still to come */
}

static void test_a_slow_reader_closes_the_speakers_window(void **state)
{
    struct fixture *f = *state;
    static uint8_t much[1024 * 1024];
    size_t held;

    f->server->room = 10;
    peer_say_bytes(f->client, much, sizeof(much));
    held = f->client->read;
    assert_in_range(held, FLOW_SINK_HIGH, 4 * FLOW_SINK_HIGH); /* bounded, whatever comes */
    peer_take(f->server, 1000);
    assert_in_range(f->client->read, held, held + 1000 + WORKER_SCRATCH);
    peer_take(f->server, SIZE_MAX);
    assert_int_equal(f->server->heard_length, sizeof(much));
    assert_int_equal(fixture_count(f, NOTICE_BUFFER_FULL), 0); /* that is for what rules keep */
}

static void test_order_is_kept_when_the_socket_takes_little(void **state)
{
    struct fixture *f = *state;

    f->server->room = 2;
    peer_say(f->client, "abc");
    peer_say(f->client, "def");
    peer_take(f->server, 2);
    assert_heard(f->server, "abcd");
    peer_say(f->client, "gh");
    peer_take(f->server, SIZE_MAX);
    assert_heard(f->server, "abcdefgh");
}

static void test_a_talker_does_not_starve_the_others(void **state)
{
    struct fixture *f = *state;
    struct link *link = f->client->link;
    uint8_t many[100] = {0};

    f->client->cut = 1;
    f->client->said = memcpy(malloc(sizeof(many)), many, sizeof(many));
    f->client->said_length = sizeof(many);
    link_ready(link, SIDE_CLIENT);
    assert_in_range(f->client->read, 1, sizeof(many) - 1);
    assert_true(link->wants_again);
    peer_wake(f->client);
    assert_int_equal(f->server->heard_length, sizeof(many));
}

static void test_the_urgent_byte_stays_in_its_place(void **state)
{
    struct fixture *f = *state;

    peer_say_urgent(f->client, "ab!");
    peer_say(f->client, "cd");
    assert_heard(f->server, "ab<urgent>!cd");
}

static void test_the_urgent_byte_waits_in_its_place(void **state)
{
    struct fixture *f = *state;

    f->server->room = 1;
    peer_say_urgent(f->client, "ab!");
    peer_say(f->client, "cd");
    assert_heard(f->server, "a");
    peer_take(f->server, SIZE_MAX);
    assert_heard(f->server, "ab<urgent>!cd");
}

/* ---- FIN ---- */

static void test_half_close(void **state)
{
    struct fixture *f = *state;

    peer_say(f->client, "question");
    peer_fin(f->client);
    assert_heard(f->server, "question<fin>");
    peer_say(f->server, "late answer");
    assert_heard(f->client, "late answer");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 0);
    peer_fin(f->server);
    assert_heard(f->client, "late answer<fin>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    assert_string_equal(fixture_told(f, NOTICE_CLOSED, 1)->text, "both said goodbye");
    assert_true(f->client->closed && f->server->closed);
    assert_int_equal(f->worker->link_count, 0);
}

static void test_fin_waits_behind_blocked_data(void **state)
{
    struct fixture *f = *state;

    f->server->room = 3;
    peer_say(f->client, "abcdef");
    peer_fin(f->client);
    assert_heard(f->server, "abc");
    peer_take(f->server, 2);
    assert_heard(f->server, "abcde");
    peer_take(f->server, SIZE_MAX);
    assert_heard(f->server, "abcdef<fin>");
}

static void test_fin_goes_on_while_the_other_way_is_blocked(void **state)
{
    struct fixture *f = *state;

    f->client->room = 0;
    peer_say(f->server, "answer");
    peer_fin(f->client);
    assert_heard(f->server, "<fin>");
    peer_take(f->client, SIZE_MAX);
    assert_heard(f->client, "answer");
}

static void test_a_link_waits_for_the_acknowledgement_of_our_fin(void **state)
{
    struct fixture *f = *state;

    f->server->keeps_fin = true;
    peer_fin(f->client);
    peer_fin(f->server);
    assert_int_equal(fixture_count(f, NOTICE_FIN_ACKED), 1); /* the client's */
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 0);
    peer_ack_fin(f->server);
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
}

static void test_each_side_is_told_once(void **state)
{
    struct fixture *f = *state;

    peer_fin(f->client);
    for (int i = 0; i < 3; i++) {
        peer_wake(f->client);
        peer_wake(f->server);
    }
    assert_int_equal(fixture_count(f, NOTICE_FIN_RECEIVED), 1);
    assert_int_equal(fixture_count(f, NOTICE_FIN_SENT), 1);
    assert_int_equal(fixture_count(f, NOTICE_FIN_ACKED), 1);
}

/* ---- RST ---- */

static void test_rst_stays_an_rst(void **state)
{
    struct fixture *f = *state;

    peer_reset(f->server);
    assert_heard(f->client, "<rst>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
    assert_string_equal(fixture_told(f, NOTICE_CLOSED, 1)->text, "the server reset it");
    assert_int_equal(fixture_told(f, NOTICE_RST_RECEIVED, 1)->error, ECONNRESET);
}

static void test_data_in_front_of_an_rst_arrives(void **state)
{
    struct fixture *f = *state;

    f->server->said = (uint8_t *)strdup("last words");
    f->server->said_length = 10;
    peer_reset(f->server);
    assert_heard(f->client, "last words<rst>");
}

static void test_an_rst_waits_for_what_the_wire_has_not(void **state)
{
    struct fixture *f = *state;

    f->client->unsent = 5;
    f->server->said = (uint8_t *)strdup("words");
    f->server->said_length = 5;
    peer_reset(f->server);
    fixture_pass_ms(f, 3);
    assert_heard(f->client, "words");
    f->client->unsent = 0;
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "words<rst>");
}

static void test_an_rst_does_not_wait_for_who_does_not_read(void **state)
{
    struct fixture *f = *state;

    f->client->room = 3;
    peer_say(f->server, "abcdef");
    peer_reset(f->server);
    fixture_pass_ms(f, 11);
    assert_heard(f->client, "abc");
    fixture_pass_ms(f, 2);
    assert_heard(f->client, "abc<rst>");
    assert_int_equal(fixture_told(f, NOTICE_RST_SENT, 1)->bytes, 3); /* what was lost */
    assert_int_equal(fixture_told_at(f, NOTICE_RST_SENT, 1), 12);
}

static void test_an_rst_waits_for_who_reads_slowly(void **state)
{
    struct fixture *f = *state;

    f->client->room = 0;
    peer_say(f->server, "abcdef");
    peer_reset(f->server);
    for (int i = 0; i < 6; i++) {
        fixture_pass_ms(f, 10);
        peer_take(f->client, 1);
    }
    assert_heard(f->client, "abcdef<rst>");
    assert_in_range(fixture_told_at(f, NOTICE_RST_SENT, 1), 60, 61);
}

static void test_patience_grows_with_the_round_trip(void **state)
{
    struct fixture *f = *state;

    f->client->room = 0;
    f->client->round_trip = 50 * NS_PER_MS;
    peer_say(f->server, "abcdef");
    peer_reset(f->server);
    fixture_pass_ms(f, 99);
    assert_heard(f->client, "");
    fixture_pass_ms(f, 2);
    assert_heard(f->client, "<rst>");
}

static void test_an_rst_that_comes_while_nothing_is_read(void **state)
{
    struct fixture *f = *state;
    static uint8_t much[512 * 1024];

    f->client->room = 100;
    peer_say_bytes(f->server, much, sizeof(much)); /* most of it stays in the kernel */
    assert_true(f->server->read < sizeof(much));
    peer_reset(f->server);
    fixture_pass_ms(f, 13);
    assert_int_equal(f->client->heard_length, 100 + 5);
    assert_string_equal(f->client->heard + 100, "<rst>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
}

static void test_the_rest_is_read_if_the_receiver_goes_on(void **state)
{
    struct fixture *f = *state;
    static uint8_t much[512 * 1024];

    f->client->room = 100;
    peer_say_bytes(f->server, much, sizeof(much));
    peer_reset(f->server);
    while (f->client->heard_length < sizeof(much)) {
        fixture_pass_ms(f, 5);
        peer_take(f->client, 50000);
    }
    fixture_pass_ms(f, 1);
    assert_string_equal(f->client->heard + sizeof(much), "<rst>");
}

static void test_rst_behind_fin(void **state)
{
    struct fixture *f = *state;

    peer_fin(f->server);
    assert_heard(f->client, "<fin>");
    peer_reset(f->server);
    assert_heard(f->client, "<fin><rst>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
}

static void test_fin_and_rst_behind_blocked_data(void **state)
{
    struct fixture *f = *state;

    f->client->room = 1;
    peer_say(f->server, "abc");
    peer_fin(f->server);
    peer_reset(f->server);
    assert_heard(f->client, "a");
    peer_take(f->client, SIZE_MAX);
    fixture_pass_ms(f, 1);
    assert_heard(f->client, "abc<fin><rst>");
}

static void test_the_receiver_resets_during_back_pressure(void **state)
{
    struct fixture *f = *state;

    f->server->room = 1;
    peer_say(f->client, "abc");
    peer_reset(f->server);
    assert_heard(f->client, "<rst>");
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
}

/* send() consumes the error, so that read() only says 0 afterwards: it must not pass for a FIN. */
static void test_an_error_that_send_told_is_an_rst(void **state)
{
    struct fixture *f = *state;

    f->server->dead = true;
    f->server->error = ECONNRESET;
    peer_say(f->client, "question");
    assert_int_equal(f->server->error, 0);
    assert_heard(f->client, "<rst>");
    assert_int_equal(fixture_count(f, NOTICE_FIN_RECEIVED), 0);
    assert_int_equal(fixture_told(f, NOTICE_RST_RECEIVED, 1)->error, ECONNRESET);
}

static void test_what_is_unread_comes_in_front_of_that_error(void **state)
{
    struct fixture *f = *state;

    f->server->said = (uint8_t *)strdup("413");
    f->server->said_length = 3;
    f->server->dead = true;
    f->server->error = ECONNRESET;
    peer_say(f->client, "upload");
    assert_heard(f->client, "413<rst>");
}

static void test_both_reset(void **state)
{
    struct fixture *f = *state;

    f->server->dead = true;
    f->server->error = ECONNRESET;
    peer_reset(f->client);
    peer_wake(f->server);
    assert_int_equal(fixture_count(f, NOTICE_CLOSED), 1);
}

/* ---- silence ---- */

static void test_a_machine_that_is_gone_is_silence_on_the_other_side(void **state)
{
    struct fixture *f = *state;

    peer_say(f->server, "words");
    peer_fail(f->server, ETIMEDOUT);
    assert_heard(f->client, "words<deaf>");
    assert_int_equal(fixture_told(f, NOTICE_TIMED_OUT, 1)->error, ETIMEDOUT);
    assert_int_equal(fixture_count(f, NOTICE_RST_SENT) + fixture_count(f, NOTICE_CLOSED), 0);
    peer_say(f->client, "unheard");
    fixture_pass_ms(f, 1000);
    assert_heard(f->client, "words<deaf>"); /* no RST answers */
    assert_int_equal(f->client->read, 0);
}

static void test_silence_waits_for_blocked_data(void **state)
{
    struct fixture *f = *state;

    f->client->room = 2;
    peer_say(f->server, "words");
    peer_fail(f->server, EHOSTUNREACH);
    assert_heard(f->client, "wo");
    peer_take(f->client, SIZE_MAX);
    assert_heard(f->client, "words<deaf>");
}

/* ---- the dial ---- */

static void test_a_refusal_is_an_rst(void **state)
{
    struct fixture *f = *state;

    fixture_open(f, "127.0.0.1");
    peer_say(f->client, "early");
    fixture_refuse(f, ECONNREFUSED);
    assert_heard(f->client, "<rst>");
    assert_int_equal(fixture_told(f, NOTICE_REFUSED, 1)->error, ECONNREFUSED);
    assert_int_equal(f->worker->link_count, 1); /* the first one */
    assert_string_equal(fixture_told(f, NOTICE_CLOSED, 1)->text, "the server could not be reached");
}

static void test_the_client_resets_while_the_server_is_dialled(void **state)
{
    struct fixture *f = *state;

    fixture_open(f, "127.0.0.1");
    peer_say(f->client, "early");
    peer_reset(f->client);
    fixture_accept(f);
    assert_heard(f->server, "early<rst>"); /* as on a direct connection that waits in the accept queue */
    assert_int_equal(f->worker->link_count, 1);
}

static void test_the_client_closes_while_the_server_is_dialled(void **state)
{
    struct fixture *f = *state;

    fixture_open(f, "127.0.0.1");
    peer_fin(f->client);
    fixture_refuse(f, ECONNREFUSED);
    assert_heard(f->client, "<rst>");
    assert_int_equal(f->worker->link_count, 1);
}

static void test_a_run_that_ends_closes_what_is_open(void **state)
{
    struct fixture *f = *state;

    fixture_open(f, "127.0.0.1"); /* still dialling */
    link_drop(f->client->link);
    assert_heard(f->client, "<close>");
    link_drop(fixture_peer(f, 1, SIDE_CLIENT)->link);
    assert_heard(fixture_peer(f, 1, SIDE_SERVER), "<close>");
    assert_string_equal(fixture_told(f, NOTICE_CLOSED, 2)->text, "the run ended");
}

static void test_links_are_numbered(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    fixture_connect(f);
    peer_say(fixture_peer(f, 2, SIDE_CLIENT), "two");
    assert_heard(fixture_peer(f, 2, SIDE_SERVER), "two");
    assert_heard(fixture_peer(f, 1, SIDE_SERVER), "");
    assert_int_equal(fixture_told(f, NOTICE_OPENED, 3)->number, 3);
    assert_int_equal(f->relays[0].open_count, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_both_ways),
        TEST(what_is_said_before_the_server_accepts_waits),
        TEST(a_slow_reader_closes_the_speakers_window),
        TEST(order_is_kept_when_the_socket_takes_little),
        TEST(a_talker_does_not_starve_the_others),
        TEST(the_urgent_byte_stays_in_its_place),
        TEST(the_urgent_byte_waits_in_its_place),
        TEST(half_close),
        TEST(fin_waits_behind_blocked_data),
        TEST(fin_goes_on_while_the_other_way_is_blocked),
        TEST(a_link_waits_for_the_acknowledgement_of_our_fin),
        TEST(each_side_is_told_once),
        TEST(rst_stays_an_rst),
        TEST(data_in_front_of_an_rst_arrives),
        TEST(an_rst_waits_for_what_the_wire_has_not),
        TEST(an_rst_does_not_wait_for_who_does_not_read),
        TEST(an_rst_waits_for_who_reads_slowly),
        TEST(patience_grows_with_the_round_trip),
        TEST(an_rst_that_comes_while_nothing_is_read),
        TEST(the_rest_is_read_if_the_receiver_goes_on),
        TEST(rst_behind_fin),
        TEST(fin_and_rst_behind_blocked_data),
        TEST(the_receiver_resets_during_back_pressure),
        TEST(an_error_that_send_told_is_an_rst),
        TEST(what_is_unread_comes_in_front_of_that_error),
        TEST(both_reset),
        TEST(a_machine_that_is_gone_is_silence_on_the_other_side),
        TEST(silence_waits_for_blocked_data),
        TEST(a_refusal_is_an_rst),
        TEST(the_client_resets_while_the_server_is_dialled),
        TEST(the_client_closes_while_the_server_is_dialled),
        TEST(a_run_that_ends_closes_what_is_open),
        TEST(links_are_numbered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
