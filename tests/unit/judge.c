/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judge on one connection: each kind of expectation, when it passes, fails and is never reached, and in which words. What goes wrong
 * on a real socket is the end-to-end tests' business; here time stands still and nothing is left to chance.
 */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* --- within ------------------------------------------------------------------------------------------------------------------------ */

static void test_closes_in_time(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage_at(stage, 2.412);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_SERVER); /* the other one's does not count */
    assert_int_equal(stage->told, 0);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    assert_int_equal(stage->told, 1);
    assert_string_equal(stage->last, "passed  r  relay #1  client closes within 2s: after 0.412 s  (test.rule:1)");
    assert_int_equal(stage_finding(stage, "r", 1)->took, 412 * NS_PER_MS);
    stage_end_at(stage, 3);
}

static void test_rst_closes(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage_at(stage, 2.001);
    stage_tell(stage, 1, NOTICE_RST_RECEIVED, SIDE_CLIENT);
    stage_check_at_end(stage, 3, OUTCOME_PASSED, "after 1.000 ms");
}

static void test_sits_in_close_wait(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage_at(stage, 2.5);
    stage_tell(stage, 1, NOTICE_FIN_SENT, SIDE_CLIENT);
    stage_at(stage, 2.503);
    stage_tell(stage, 1, NOTICE_FIN_ACKED, SIDE_CLIENT);
    stage_at(stage, 3.999);
    assert_int_equal(stage->told, 0);
    stage_at(stage, 4);
    assert_int_equal(stage->told, 1);
    stage_check_at_end(
        stage, 9, OUTCOME_FAILED, "still CLOSE_WAIT after 2.000 s (inferred): our FIN was acknowledged at 2.503 s, no FIN or RST since");
}

static void test_does_not_close(void **state)
{
    (void)state;
    stage_check_at_end(stage_watching(WATCH("client closes within 2s")), 9, OUTCOME_FAILED, "no FIN or RST in 2.000 s");
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage_tell(stage, 1, NOTICE_FIN_SENT, SIDE_CLIENT);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "no FIN or RST in 2.000 s: our FIN, sent at 2.000 s, is not acknowledged");
}

static void test_everything_since_the_firing_counts(void **state)
{
    (void)state;
    struct stage *stage = stage_fired(SECOND("when server sends fin", "client closes within 2s"));
    stage_at(stage, 2.5);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_at(stage, 3);
    stage_step(stage, 1, "r", 1, 1, NOTICE_EXPECTED);
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "0.500 s after the rule fired");
}

static void test_clock_starts_late(void **state)
{
    (void)state;
    struct stage *stage = stage_fired(SECOND("when server sends fin", "client closes within 2s"));
    stage_at(stage, 32);
    stage_step(stage, 1, "r", 1, 1, NOTICE_EXPECTED);
    stage_at(stage, 33.9);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_check_at_end(stage, 40, OUTCOME_PASSED, "after 1.900 s");
}

/* The FIN that the rule fired on is told before it or at the same time. */
static void fin_before(const char *seen, enum outcome outcome, enum notice_kind then, bool reset_by_us)
{
    struct stage *stage = stage_begin("test.rule", WATCH("client closes within 2s"));
    stage_at(stage, 1);
    stage_open(stage, 0, 1, "10.0.0.1");
    stage_at(stage, 2);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_fire(stage, 1, "r", 1);
    stage_step(stage, 1, "r", 1, 0, NOTICE_EXPECTED);
    stage_at(stage, 3);
    if (reset_by_us)
        stage_tell(stage, 1, NOTICE_RST_SENT, SIDE_CLIENT);
    stage_tell(stage, 1, then, SIDE_CLIENT);
    stage_check_at_end(stage, 9, outcome, seen);
}

static void test_fin_came_before(void **state)
{
    (void)state;
    fin_before("still FIN_WAIT2 after 2.000 s (inferred): its FIN came at 2.000 s, it has none of ours", OUTCOME_FAILED,
        NOTICE_ACTION_STARTED, false);
    fin_before("after 1.000 s", OUTCOME_PASSED, NOTICE_FIN_ACKED, false);
    fin_before("after 1.000 s", OUTCOME_PASSED, NOTICE_RST_RECEIVED, false);
    fin_before("after 1.000 s", OUTCOME_PASSED, NOTICE_GONE, false);
    fin_before("it was reset by the other side: what it does now cannot be seen", OUTCOME_NEVER_REACHED, NOTICE_GONE, true);
}

static void test_fin_told_after_the_firing_at_the_same_time(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    assert_int_equal(stage->told, 0);
    stage_at(stage, 2.5);
    stage_tell(stage, 1, NOTICE_FIN_ACKED, SIDE_CLIENT);
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "after 0.500 s");
}

static void test_closed_before_the_firing(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", WATCH("client closes within 2s"));
    stage_open(stage, 0, 1, "10.0.0.1");
    stage_at(stage, 1);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_tell(stage, 1, NOTICE_FIN_ACKED, SIDE_CLIENT);
    stage_at(stage, 2);
    stage_fire(stage, 1, "r", 1);
    stage_check_at_end(stage, 3, OUTCOME_PASSED, "it had already when the rule fired");
}

static void test_timing_out_is_no_close(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage_at(stage, 3);
    stage_tell(stage, 1, NOTICE_TIMED_OUT, SIDE_CLIENT);
    stage_tell(stage, 1, NOTICE_GONE, SIDE_CLIENT);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "no FIN or RST in 2.000 s: its machine no longer answers since 3.000 s");
}

static void test_reset_by_us_is_not_its_deed(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage_at(stage, 3);
    stage_tell_notice(stage, 1, (struct notice){.kind = NOTICE_RST_SENT, .side = SIDE_CLIENT, .rule = &stage->rules->rules[0]});
    stage_tell(stage, 1, NOTICE_GONE, SIDE_CLIENT);
    stage_check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "rule r reset it: what it does now cannot be seen");
}

static void test_exit_is_no_close(void **state)
{
    (void)state;
    static const char *const rules[] = {
        WATCH("client closes within 2s"), WATCH("client sends fin within 2s"), WATCH("client stays open for 2s")};
    for (size_t i = 0; i < 3; i++) {
        struct stage *stage = stage_watching(rules[i]);
        stage_at(stage, 3);
        stage->exiting = true;
        stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
        stage_check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the application exited");
    }
    struct stage *stage = stage_watching(WATCH("client never closes"));
    stage_at(stage, 3);
    stage->exiting = true;
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_close_at(stage, 4);
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "not until the connection ended");
}

static void test_other_deeds(void **state)
{
    (void)state;
    static const struct {
        const char *rules;
        enum notice_kind deed, other; /* what is the deed, and what is not */
        enum side side;
        const char *missing;
    } deeds[] = {
        {WATCH("client resets within 2s"), NOTICE_RST_RECEIVED, NOTICE_FIN_RECEIVED, SIDE_CLIENT, "no RST in 2.000 s"},
        {WATCH("server sends fin within 2s"), NOTICE_FIN_RECEIVED, NOTICE_RST_RECEIVED, SIDE_SERVER, "its RST came instead"},
        {WATCH("server accepts within 2s"), NOTICE_CONNECTED, NOTICE_DIALLING, SIDE_SERVER, "it did not accept in 2.000 s"},
        {WATCH("server refuses within 2s"), NOTICE_REFUSED, NOTICE_DIALLING, SIDE_SERVER, "it did not refuse in 2.000 s"},
        {WATCH("client is in CLOSE_WAIT within 2s"), NOTICE_FIN_ACKED, NOTICE_FIN_SENT, SIDE_CLIENT, "it was not in 2.000 s"},
        {WATCH("client is in FIN_WAIT2 within 2s"), NOTICE_FIN_RECEIVED, NOTICE_FIN_ACKED, SIDE_CLIENT,
         "it was not in 2.000 s: it is in CLOSE_WAIT (inferred)"},
    };
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        struct stage *stage = stage_watching(deeds[i].rules);
        stage_at(stage, 3);
        stage_tell(stage, 1, deeds[i].deed, deeds[i].side);
        stage_check_at_end(stage, 9, OUTCOME_PASSED, "after 1.000 s");

        stage = stage_watching(deeds[i].rules);
        stage_at(stage, 3);
        stage_tell(stage, 1, deeds[i].other, deeds[i].side);
        stage_check_at_end(stage, 9, OUTCOME_FAILED, deeds[i].missing);
    }
}

static void test_the_other_answer_is_final(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("server accepts within 2s"));
    stage_tell(stage, 1, NOTICE_REFUSED, SIDE_SERVER);
    stage_close_at(stage, 2.1);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "it refused");
    stage = stage_watching(WATCH("server refuses within 2s"));
    stage_tell(stage, 1, NOTICE_CONNECTED, SIDE_SERVER);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "it accepted");
}

static void test_in_state_already(void **state)
{
    (void)state;
    struct stage *stage = stage_begin("test.rule", WATCH("client is in CLOSE_WAIT within 2s"));
    stage_open(stage, 0, 1, "10.0.0.1");
    stage_at(stage, 1);
    stage_tell(stage, 1, NOTICE_FIN_ACKED, SIDE_CLIENT);
    stage_at(stage, 2);
    stage_fire(stage, 1, "r", 1);
    stage_check_at_end(stage, 3, OUTCOME_PASSED, "it had already when the rule fired");
}

static void test_bytes_are_the_engines_to_see(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("server sends \"HTTP/1.\" within 5s"));
    stage_at(stage, 3);
    stage_step(stage, 1, "r", 1, 0, NOTICE_DEED_SEEN);
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "after 1.000 s");
    stage_check_at_end(stage_watching(WATCH("client sends 1 MiB within 5s")), 9, OUTCOME_FAILED, "they did not come in 5.000 s");
    stage = stage_watching(WATCH("client is silent for 3s within 10s"));
    stage_at(stage, 7);
    stage_step(stage, 1, "r", 1, 0, NOTICE_DEED_SEEN);
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "after 5.000 s");
}

/* The loop was busy: the deed is seen before the timer that should have fired first. */
static void test_late_is_late(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage->now += 2 * NS_PER_S + 1;
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_finish(stage);
    stage_check(stage, "r", 1, OUTCOME_FAILED, "no FIN or RST in 2.000 s");
    stage_end(stage);
    stage = stage_watching(WATCH("client stays open for 2s"));
    stage->now += 2 * NS_PER_S + 1;
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_finish(stage);
    stage_check(stage, "r", 1, OUTCOME_PASSED, "it did");
    stage_end(stage);
}

/* --- never, stays ------------------------------------------------------------------------------------------------------------------ */

static void test_never(void **state)
{
    (void)state;
    const char *rules = WATCH("client never sends \"INSERT\"");
    struct stage *stage = stage_watching(rules);
    stage_close_at(stage, 5);
    assert_int_equal(stage->told, 1);
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "not until the connection ended");
    stage_check_at_end(stage_watching(rules), 9, OUTCOME_PASSED, "not until the run ended");
    stage = stage_watching(rules);
    stage_at(stage, 2.5);
    stage_step(stage, 1, "r", 1, 0, NOTICE_DEED_SEEN);
    assert_int_equal(stage->told, 1);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "it came after 0.500 s");
    stage = stage_fired(SECOND("when server sends fin", "client never resets"));
    stage_close_at(stage, 5);
    stage_check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the connection ended before its clock started");
}

static void test_never_reconnects(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client never reconnects"));
    stage_close_at(stage, 3);
    assert_int_equal(stage->told, 0); /* it still could */
    stage_check_at_end(stage, 99, OUTCOME_PASSED, "not until the run ended");
    stage = stage_watching(WATCH("client never reconnects"));
    stage_close_at(stage, 3);
    stage_at(stage, 50);
    stage_open(stage, 0, 2, "10.0.0.1");
    stage_check_at_end(stage, 99, OUTCOME_FAILED, "it reconnected after 48.000 s");
}

static void test_stays_open(void **state)
{
    (void)state;
    const char *rules = WATCH("client stays open for 29s");
    struct stage *stage = stage_watching(rules);
    stage_at(stage, 30.9);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_SERVER);
    stage_at(stage, 31);
    assert_int_equal(stage->told, 1);
    stage_check_at_end(stage, 40, OUTCOME_PASSED, "it did");
    stage = stage_watching(rules);
    stage_at(stage, 30.9);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_check_at_end(stage, 40, OUTCOME_FAILED, "its FIN came after 28.900 s");
    stage = stage_watching(rules);
    stage_at(stage, 3);
    stage_tell(stage, 1, NOTICE_RST_RECEIVED, SIDE_CLIENT);
    stage_check_at_end(stage, 40, OUTCOME_FAILED, "its RST came after 1.000 s");
    stage = stage_watching(rules);
    stage_at(stage, 3);
    stage_tell(stage, 1, NOTICE_RST_SENT, SIDE_CLIENT);
    stage_check_at_end(stage, 40, OUTCOME_NEVER_REACHED, "it was reset by the other side: what it does now cannot be seen");
}

static void test_stays_silent(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client stays silent for 5s"));
    stage_at(stage, 3);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT); /* endings may come */
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "it did");
    stage = stage_watching(WATCH("client stays silent for 5s"));
    stage_at(stage, 3);
    stage_step(stage, 1, "r", 1, 0, NOTICE_BYTE_SEEN);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "a byte came after 1.000 s");
}

static void test_stays_away(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client stays away for 5s"));
    stage_close_at(stage, 3);
    stage_at(stage, 7);
    assert_int_equal(stage->told, 1);
    stage_open(stage, 0, 2, "10.0.0.1"); /* late enough */
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "it did");
    stage = stage_watching(WATCH("client stays away for 5s"));
    stage_close_at(stage, 3);
    stage_at(stage, 6.9);
    stage_open(stage, 0, 2, "10.0.0.1");
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "it reconnected after 4.900 s");
}

/* --- never reached ----------------------------------------------------------------------------------------------------------------- */

static void test_never_reached(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client closes within 2s"));
    stage_close_at(stage, 2.8);
    stage_check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the connection ended 1.200 s before its time was over");
    stage = stage_fired(SECOND("when server sends fin", "client closes within 2s"));
    stage_close_at(stage, 2.8);
    stage_check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the connection ended before its clock started");
    stage = stage_watching(WATCH("client reconnects within 2s"));
    stage_check_at_end(stage, 3, OUTCOME_NEVER_REACHED, "the run ended 1.000 s before its time was over");
    stage = stage_fired(SECOND("when server sends fin", "client closes within 2s"));
    stage_check_at_end(stage, 3, OUTCOME_NEVER_REACHED, "the run ended before its clock started");
}

/* What outlives the connection is not ended by it: its clock may start as the connection ends, or never. */
static void test_clock_and_the_connections_end(void **state)
{
    (void)state;
    const char *rules = SECOND("when server sends fin", "client reconnects within 2s");
    struct stage *stage = stage_fired(rules);
    stage_close_at(stage, 3);
    stage_step(stage, 1, "r", 1, 1, NOTICE_EXPECTED);
    stage_check_at_end(stage, 9, OUTCOME_FAILED, "no reconnect in 2.000 s");
    stage = stage_fired(rules);
    stage_close_at(stage, 3);
    stage_at(stage, 5);
    assert_int_equal(stage->told, 1);
    stage_check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the connection ended before its clock started");
    stage = stage_fired(rules);
    stage_close_at(stage, 3);
    stage_at(stage, 4);
    stage_open(stage, 0, 2, "10.0.0.1");
    stage_check_at_end(stage, 9, OUTCOME_PASSED, "2.000 s after the rule fired");
}

static void test_the_run_ends_in_time(void **state)
{
    (void)state;
    struct stage *stage = stage_watching(WATCH("client stays open for 2s"));
    stage->now += 2 * NS_PER_S; /* its timer has not fired yet */
    stage_finish(stage);
    stage_check(stage, "r", 1, OUTCOME_PASSED, "it did");
    stage_end(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closes_in_time),
        cmocka_unit_test(test_rst_closes),
        cmocka_unit_test(test_sits_in_close_wait),
        cmocka_unit_test(test_does_not_close),
        cmocka_unit_test(test_everything_since_the_firing_counts),
        cmocka_unit_test(test_clock_starts_late),
        cmocka_unit_test(test_fin_came_before),
        cmocka_unit_test(test_fin_told_after_the_firing_at_the_same_time),
        cmocka_unit_test(test_closed_before_the_firing),
        cmocka_unit_test(test_timing_out_is_no_close),
        cmocka_unit_test(test_reset_by_us_is_not_its_deed),
        cmocka_unit_test(test_exit_is_no_close),
        cmocka_unit_test(test_other_deeds),
        cmocka_unit_test(test_the_other_answer_is_final),
        cmocka_unit_test(test_in_state_already),
        cmocka_unit_test(test_bytes_are_the_engines_to_see),
        cmocka_unit_test(test_late_is_late),
        cmocka_unit_test(test_never),
        cmocka_unit_test(test_never_reconnects),
        cmocka_unit_test(test_stays_open),
        cmocka_unit_test(test_stays_silent),
        cmocka_unit_test(test_stays_away),
        cmocka_unit_test(test_never_reached),
        cmocka_unit_test(test_clock_and_the_connections_end),
        cmocka_unit_test(test_the_run_ends_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
