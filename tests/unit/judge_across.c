/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judge across connections and firings: clients that come again, pauses that grow, several firings that merge, standing expectations,
 * and what a run comes to.
 */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge/pauses.h"
#include "judge/verdict.h"

/* --- later connections ------------------------------------------------------------------------------------------------------------- */

static void test_reconnects(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client reconnects within 5s"));
    stage_close_at(stage, 3);
    stage_at(stage, 3.5);
    stage_open(stage, 0, 2, "10.0.0.2"); /* somebody else */
    assert_int_equal(stage->told, 0);
    stage_at(stage, 4);
    stage_open(stage, 0, 3, "10.0.0.1");
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "after 2.000 s");
    stage = stage_watching(WATCH("client reconnects within 5s"));
    stage_close_at(stage, 3);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "no reconnect in 5.000 s");
}

static void test_a_reset_by_us_does_not_end_what_outlives_it(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client reconnects within 5s"));
    stage_tell(stage, 1, NOTICE_RST_SENT, SIDE_CLIENT);
    stage_close_at(stage, 2);
    stage_at(stage, 3);
    stage_open(stage, 0, 2, "10.0.0.1");
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "after 1.000 s");
}

static void test_connects_to_another_relay(void **state)
{
    (void)state;
    const char *rules = "relay v6 { listen 127.0.0.1:0 server 127.0.0.1:1 }\nrelay v4 { listen 127.0.0.1:0 server 127.0.0.1:1 }\n"
                        "rule r { expect client connects to relay v4 within 300ms }\n";
    struct stage *stage = stage_watching(rules);
    stage_at(stage, 2.1);
    stage_open(stage, 0, 2, "10.0.0.1");
    assert_int_equal(stage->told, 0);
    stage_at(stage, 2.25);
    stage_open(stage, 1, 3, "10.0.0.1");
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "after 0.250 s");
    stage_check_at_end(stage_watching(rules), 9, OUTCOME_FAILED, "no connect there in 0.300 s");
}

static void reconnect(struct stage *stage, unsigned times, double pause)
{
    double seconds = (double)(stage->now - STAGE_START) / 1e9;
    for (unsigned i = 0; i < times; i++) {
        stage_at(stage, seconds += pause);
        stage_open(stage, 0, 2 + i, "10.0.0.1");
        stage_tell(stage, 2 + i, NOTICE_CLOSED, SIDE_CLIENT);
    }
}

static void test_times(void **state)
{
    (void)state;
    const char *rules = WATCH("client reconnects 2..3 times within 10s");
    struct stage *stage = stage_watching(rules);
    reconnect(stage, 1, 1);
    stage_check_at_end(stage, 20, OUTCOME_FAILED, "it reconnected 1 time in 10.000 s");
    stage = stage_watching(rules);
    reconnect(stage, 2, 1);
    assert_int_equal(stage->told, 0); /* judged when the time is over */
    stage_at(stage, 12);
    assert_int_equal(stage->told, 1);
    stage_check_at_end(stage, 20, OUTCOME_PASSED, "it reconnected 2 times in 10.000 s");
    stage = stage_watching(rules);
    reconnect(stage, 3, 1);
    stage_check_at_end(stage, 20, OUTCOME_PASSED, "it reconnected 3 times in 10.000 s");
    stage = stage_watching(rules);
    reconnect(stage, 4, 1);
    assert_int_equal(stage->told, 1); /* at once */
    stage_check_at_end(stage, 20, OUTCOME_FAILED, "it reconnected 4 times, that is too often");
}

static void test_growing_pauses_of_reconnects(void **state)
{
    (void)state;
    const char *rules = WATCH("client reconnects 4..10 times within 30s with growing pauses");
    struct stage *stage = stage_watching(rules);
    static const double times[] = {2.1, 2.3, 2.7, 3.5, 5.1};
    for (unsigned i = 0; i < 5; i++) {
        stage_at(stage, times[i]);
        stage_open(stage, 0, 2 + i, "10.0.0.1");
    }
    stage_check_at_end(stage, 40, OUTCOME_PASSED,
                 "it reconnected 5 times in 30.000 s; of 5 pauses the earlier half lasted 0.300 s, the later 2.400 s");
    stage = stage_watching(rules);
    reconnect(stage, 4, 1);
    stage_check_at_end(stage, 40, OUTCOME_FAILED,
        "it reconnected 4 times in 30.000 s; of 4 pauses the earlier half lasted 2.000 s, the later 2.000 s, not 1.5 times as long");
    stage = stage_watching(WATCH("client reconnects within 30s with growing pauses"));
    reconnect(stage, 3, 1);
    stage_check_at_end(stage, 40, OUTCOME_FAILED, "it reconnected 3 times in 30.000 s; 3 pauses, at least 4 tell whether they grow");
}

/* How many of 10,000 clients whose pauses are drawn from 0 to 2^n (or are all the same) are found not to back off. */
static double share_failed(unsigned pauses, bool jitter)
{
    unsigned failed = 0;
    uint64_t random = 42;
    for (unsigned run = 0; run < 10000; run++) {
        struct pauses list = {.count = 0};
        uint64_t at = NS_PER_S;
        pauses_add(&list, at);
        for (unsigned i = 0; i < pauses; i++) {
            random = random * UINT64_C(6364136223846793005) + 1;
            at += jitter ? (random >> 33) * NS_PER_S >> 31 << i : NS_PER_S;
            pauses_add(&list, at);
        }
        failed += !pauses_grow(&list);
        pauses_release(&list);
    }
    return failed / 10000.0;
}

/* language.md, section 9: halves at 1.5 fail full jitter in 10 % with 4 pauses, 1 % with 6, and pass a constant pause in none. */
static void test_growing_pauses_and_jitter(void **state)
{
    (void)state;
    assert_true(share_failed(4, true) > 0.05 && share_failed(4, true) < 0.15);
    assert_true(share_failed(6, true) < 0.03);
    for (unsigned pauses = 0; pauses < 12; pauses++)
        assert_true(share_failed(pauses, false) == 1.0);
}

/* --- several firings --------------------------------------------------------------------------------------------------------------- */

#define EACH "rule r { each time client sends \"GET \" expect client stays open for 1s }\n"

static void fire_each(struct stage *stage, uint64_t firing, double seconds)
{
    stage_at(stage, seconds);
    stage_fire(stage, 1, "r", firing);
    stage_step(stage, 1, "r", firing, 0, NOTICE_EXPECTED);
}

static void test_firings_merge(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", EACH);
    stage_open(stage, 0, 1, "10.0.0.1");
    fire_each(stage, 1, 1);
    fire_each(stage, 2, 2.5);
    fire_each(stage, 3, 9);
    stage_at(stage, 9.5);
    assert_int_equal(stage->told, 0); /* another firing could still fail */
    stage_tell(stage, 1, NOTICE_CLOSED, SIDE_CLIENT);
    assert_int_equal(stage->told, 1);
    stage_check_at_end(stage, 10, OUTCOME_PASSED, "it did"); /* passed beats never reached */

    stage = stage_begin("test.rule", EACH);
    stage_open(stage, 0, 1, "10.0.0.1");
    fire_each(stage, 1, 1);
    fire_each(stage, 2, 2.5);
    stage_at(stage, 2.6);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    assert_int_equal(stage->told, 1); /* failed beats all */
    fire_each(stage, 3, 4);
    stage_tell(stage, 1, NOTICE_CLOSED, SIDE_CLIENT);
    assert_int_equal(stage->told, 1);
    stage_check_at_end(stage, 10, OUTCOME_FAILED, "its FIN came after 0.100 s");
}

static void test_one_finding_a_connection(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", WATCH("client closes within 2s"));
    for (uint64_t i = 1; i <= 3; i++) {
        stage_open(stage, 0, i, "10.0.0.1");
        stage_at(stage, (double)i);
        stage_fire(stage, i, "r", 1);
        stage_step(stage, i, "r", 1, 0, NOTICE_EXPECTED);
    }
    stage_at(stage, 3.5);
    stage_tell(stage, 2, NOTICE_RST_RECEIVED, SIDE_CLIENT);
    stage_at(stage, 4);
    stage_finish(stage);
    stage_check(stage, "r", 1, OUTCOME_FAILED, "no FIN or RST in 2.000 s");
    stage_check(stage, "r", 2, OUTCOME_PASSED, "after 1.500 s");
    stage_check(stage, "r", 3, OUTCOME_NEVER_REACHED, "the run ended 1.000 s before its time was over");
    assert_int_equal(judge_findings(stage->judge)->count, 3);
    stage_end(stage);
}

/* --- standing ---------------------------------------------------------------------------------------------------------------------- */

static void test_no_close_wait(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", "expect no CLOSE_WAIT longer than 10s\n");
    for (uint64_t i = 1; i <= 3; i++) {
        stage_open(stage, 0, i, "10.0.0.1");
        stage_at(stage, (double)i);
        stage_tell(stage, i, NOTICE_FIN_SENT, SIDE_CLIENT);
        stage_tell(stage, i, NOTICE_FIN_ACKED, SIDE_CLIENT);
    }
    stage_at(stage, 10.9);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT); /* 9.9 s: well */
    stage_at(stage, 12);
    stage->exiting = true;
    stage_tell(stage, 2, NOTICE_FIN_RECEIVED, SIDE_CLIENT); /* 10 s sharp: too long, and its exit does not excuse it */
    stage_at(stage, 30);
    stage_finish(stage);
    stage_check(stage, NULL, 0, OUTCOME_FAILED,
        "relay #3 client for 27.000 s (inferred), still; relay #2 client for 10.000 s (inferred), until 12.000 s");
    assert_string_equal(stage->last, "failed  expect  no CLOSE_WAIT longer than 10s: relay #3 client for 27.000 s (inferred), still; "
                                     "relay #2 client for 10.000 s (inferred), until 12.000 s  (test.rule:1)");
    stage_end(stage);
}

static void test_standing_of_one_side(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", "expect no server FIN_WAIT2 longer than 1s\n");
    stage_open(stage, 0, 1, "10.0.0.1");
    stage_at(stage, 1);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT); /* the client's is not asked for */
    stage_at(stage, 5);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_SERVER);
    stage_at(stage, 5.5);
    stage_tell(stage, 1, NOTICE_FIN_SENT, SIDE_SERVER);
    stage_at(stage, 9);
    stage_finish(stage);
    stage_check(stage, NULL, 0, OUTCOME_PASSED, "1 was, the longest for 0.500 s");
    stage_end(stage);
}

static void test_standing_with_nobody(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", "expect no CLOSE_WAIT longer than 10s\n");
    stage_finish(stage);
    stage_check(stage, NULL, 0, OUTCOME_PASSED, "nobody was in CLOSE_WAIT");
    stage_end(stage);
}

static void test_standing_names_the_worst(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", "expect no client CLOSE_WAIT longer than 1s\n");
    for (uint64_t i = 1; i <= 40; i++) {
        stage_open(stage, 0, i, "10.0.0.1");
        stage_at(stage, (double)(i * 7 % 41) + (double)i * 41);
        stage_tell(stage, i, NOTICE_FIN_ACKED, SIDE_CLIENT);
        stage_at(stage, (double)(i + 1) * 41);
        stage_tell(stage, i, NOTICE_GONE, SIDE_CLIENT);
        stage_tell(stage, i, NOTICE_CLOSED, SIDE_CLIENT);
    }
    stage_finish(stage);
    const char *seen = stage_finding(stage, NULL, 0)->seen;
    assert_memory_equal(seen, "relay #6 client for 40.000 s (inferred), until 287.000 s; relay #12 client for 39.000 s,", 75);
    assert_non_null(strstr(seen, "for 31.000 s (inferred), until"));
    assert_null(strstr(seen, "for 30.000 s (inferred), until"));
    assert_string_equal(seen + strlen(seen) - strlen("; and 30 more"), "; and 30 more");
    stage_end(stage);
}

/* --- the whole --------------------------------------------------------------------------------------------------------------------- */

static void happen(struct stage *stage)
{
    stage_step(stage, 1, "r", 1, 0, NOTICE_ACTION_HAPPENED);
}

static void test_exit_codes(void **state)
{
    (void)state;
    struct run_end well = {.lasted = NS_PER_S}, trouble = {.trouble = true}, command = {.command = "false", .status = 1 << 8};
    struct run_end both = {.command = "false", .status = 1 << 8, .trouble = true};
    const char *rules = SECOND("when server sends fin", "client closes within 2s");

    struct stage *stage = stage_begin("test.rule", rules);
    stage_finish(stage);
    assert_int_equal(verdict_exit_code(stage->judge, &well), 4);
    assert_int_equal(verdict_exit_code(stage->judge, &command), 5);
    assert_int_equal(verdict_exit_code(stage->judge, &both), 3);
    stage_end(stage);

    stage = stage_fired(rules); /* fired, but its hold held nothing */
    stage_finish(stage);
    assert_int_equal(verdict_exit_code(stage->judge, &well), 4);
    stage_end(stage);

    stage = stage_fired(rules);
    happen(stage);
    stage_finish(stage);
    assert_int_equal(verdict_exit_code(stage->judge, &well), 0);
    assert_int_equal(verdict_exit_code(stage->judge, &trouble), 3);
    stage_end(stage);

    stage = stage_watching(WATCH("client closes within 2s")); /* no action: the event is enough */
    stage_at(stage, 9);
    stage_finish(stage);
    assert_int_equal(verdict_exit_code(stage->judge, &well), 1);
    assert_int_equal(verdict_exit_code(stage->judge, &command), 1);
    assert_int_equal(verdict_exit_code(stage->judge, &both), 3);
    stage_end(stage);

    stage = stage_begin("test.rule", "rule r { for 1% of connections then reset }\n");
    stage_finish(stage);
    assert_int_equal(verdict_exit_code(stage->judge, &well), 0); /* left to chance */
    stage_end(stage);
}

static void test_live_counts(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage_open(stage, 0, 2, "10.0.0.1");
    stage_tell_notice(stage, 1, (struct notice){.kind = NOTICE_DELIVERED, .side = SIDE_SERVER, .bytes = 500});
    stage_tell_notice(stage, 1, (struct notice){.kind = NOTICE_RECEIVED, .side = SIDE_SERVER, .bytes = 12});
    stage_tell_notice(stage, 1, (struct notice){.kind = NOTICE_DELIVERED, .side = SIDE_CLIENT, .bytes = 12});
    stage_at(stage, 5);
    stage_close_at(stage, 5);
    const struct tally *tally = judge_tally(stage->judge);
    assert_int_equal(tally->links, 2);
    assert_int_equal(tally->open_links, 1);
    assert_int_equal(tally->bytes, 512);
    assert_int_equal(tally->firings, 1);
    assert_int_equal(tally->findings[OUTCOME_FAILED], 1);
    assert_int_equal(tally->findings[OUTCOME_PASSED], 0);
    stage_end_at(stage, 6);
}

static void test_thousands_are_counted_and_some_kept(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", WATCH("client closes within 2s"));
    for (unsigned i = 0; i < FINDINGS_KEPT + 500; i++) {
        stage_open(stage, 0, 1, "10.0.0.1");
        stage_fire(stage, 1, "r", 1);
        stage_step(stage, 1, "r", 1, 0, NOTICE_EXPECTED);
        stage->now += NS_PER_US;
        stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
        stage_tell(stage, 1, NOTICE_CLOSED, SIDE_CLIENT);
    }
    stage_finish(stage);
    const struct findings *findings = judge_findings(stage->judge);
    assert_int_equal(findings->counts[OUTCOME_PASSED], FINDINGS_KEPT + 500);
    assert_int_equal(findings->count, FINDINGS_KEPT);
    assert_int_equal(findings->expected[0].counts[OUTCOME_PASSED], FINDINGS_KEPT + 500);
    stage_end(stage);
}

/* Whoever is told of the end in the middle of the run frees all of it. */
static void test_free_without_an_end(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client reconnects 4..5 times within 10s with growing pauses"));
    reconnect(stage, 1, 1);
    stage_end(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reconnects),
        cmocka_unit_test(test_a_reset_by_us_does_not_end_what_outlives_it),
        cmocka_unit_test(test_connects_to_another_relay),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_growing_pauses_of_reconnects),
        cmocka_unit_test(test_growing_pauses_and_jitter),
        cmocka_unit_test(test_firings_merge),
        cmocka_unit_test(test_one_finding_a_connection),
        cmocka_unit_test(test_no_close_wait),
        cmocka_unit_test(test_standing_of_one_side),
        cmocka_unit_test(test_standing_with_nobody),
        cmocka_unit_test(test_standing_names_the_worst),
        cmocka_unit_test(test_exit_codes),
        cmocka_unit_test(test_live_counts),
        cmocka_unit_test(test_thousands_are_counted_and_some_kept),
        cmocka_unit_test(test_free_without_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
