/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judge: each kind of expectation, when it passes, fails and is never reached, and in which words. What goes wrong on a real socket is the
 * end-to-end tests' business; here time stands still and nothing is left to chance.
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

/* Rules "r" that only watch: a `stays` for their first step would be judged as well. */
#define WATCH(expectation) "rule r { when client sends 1 byte expect " expectation " }\n"
#define SECOND(event, expectation) "rule r { " event " then hold server data for 1s expect " expectation " }\n"

/* A connection from 10.0.0.1 at 1 s, the server's answer at 1.1 s, and the rule r fires at 2 s. */
static struct stage *fired(const char *rules)
{
    struct stage *stage = stage_begin("test.rule", rules);
    stage_at(stage, 1);
    stage_open(stage, 0, 1, "10.0.0.1");
    stage_at(stage, 1.1);
    stage_tell(stage, 1, NOTICE_CONNECTED, SIDE_SERVER);
    stage_at(stage, 2);
    stage_fire(stage, 1, "r", 1);
    return stage;
}

/* The same, and the clock of its first step starts at 2 s. */
static struct stage *watching(const char *rules)
{
    struct stage *stage = fired(rules);
    stage_step(stage, 1, "r", 1, 0, NOTICE_EXPECTED);
    return stage;
}

static void close_at(struct stage *stage, double seconds)
{
    stage_at(stage, seconds);
    stage_tell(stage, 1, NOTICE_CLOSED, SIDE_CLIENT);
}

static void end(struct stage *stage, double seconds)
{
    stage_at(stage, seconds);
    stage_finish(stage);
    stage_end(stage);
}

static void check_at_end(struct stage *stage, double seconds, enum outcome outcome, const char *seen)
{
    stage_at(stage, seconds);
    stage_finish(stage);
    stage_check(stage, "r", 1, outcome, seen);
    stage_end(stage);
}

/* --- within ------------------------------------------------------------------------------------------------------------------------ */

static void test_closes_in_time(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client closes within 2s"));
    stage_at(stage, 2.412);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_SERVER); /* the other one's does not count */
    assert_int_equal(stage->told, 0);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    assert_int_equal(stage->told, 1);
    assert_string_equal(stage->last, "passed  r  relay #1  client closes within 2s: after 0.412 s  (test.rule:1)");
    assert_int_equal(stage_finding(stage, "r", 1)->took, 412 * NS_PER_MS);
    end(stage, 3);
}

static void test_rst_closes(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client closes within 2s"));
    stage_at(stage, 2.001);
    stage_tell(stage, 1, NOTICE_RST_RECEIVED, SIDE_CLIENT);
    check_at_end(stage, 3, OUTCOME_PASSED, "after 1.000 ms");
}

static void test_sits_in_close_wait(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client closes within 2s"));
    stage_at(stage, 2.5);
    stage_tell(stage, 1, NOTICE_FIN_SENT, SIDE_CLIENT);
    stage_at(stage, 2.503);
    stage_tell(stage, 1, NOTICE_FIN_ACKED, SIDE_CLIENT);
    stage_at(stage, 3.999);
    assert_int_equal(stage->told, 0);
    stage_at(stage, 4);
    assert_int_equal(stage->told, 1);
    check_at_end(stage, 9, OUTCOME_FAILED, "still CLOSE_WAIT after 2.000 s: our FIN was acknowledged at 2.503 s, no FIN or RST since");
}

static void test_does_not_close(void **state)
{
    (void)state;
    check_at_end(watching(WATCH("client closes within 2s")), 9, OUTCOME_FAILED, "no FIN or RST in 2.000 s");
    struct stage *stage = watching(WATCH("client closes within 2s"));
    stage_tell(stage, 1, NOTICE_FIN_SENT, SIDE_CLIENT);
    check_at_end(stage, 9, OUTCOME_FAILED, "no FIN or RST in 2.000 s: our FIN, sent at 2.000 s, is not acknowledged");
}

static void test_everything_since_the_firing_counts(void **state)
{
    (void)state;
    struct stage *stage = fired(SECOND("when server sends fin", "client closes within 2s"));
    stage_at(stage, 2.5);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_at(stage, 3);
    stage_step(stage, 1, "r", 1, 1, NOTICE_EXPECTED);
    check_at_end(stage, 9, OUTCOME_PASSED, "0.500 s after the rule fired, before the clock started");
}

static void test_clock_starts_late(void **state)
{
    (void)state;
    struct stage *stage = fired(SECOND("when server sends fin", "client closes within 2s"));
    stage_at(stage, 32);
    stage_step(stage, 1, "r", 1, 1, NOTICE_EXPECTED);
    stage_at(stage, 33.9);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    check_at_end(stage, 40, OUTCOME_PASSED, "after 1.900 s");
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
    check_at_end(stage, 9, outcome, seen);
}

static void test_fin_came_before(void **state)
{
    (void)state;
    fin_before("still FIN_WAIT2 after 2.000 s: its FIN came at 2.000 s, it has none of ours", OUTCOME_FAILED, NOTICE_ACTION_STARTED, false);
    fin_before("after 1.000 s", OUTCOME_PASSED, NOTICE_FIN_ACKED, false);
    fin_before("after 1.000 s", OUTCOME_PASSED, NOTICE_RST_RECEIVED, false);
    fin_before("after 1.000 s", OUTCOME_PASSED, NOTICE_GONE, false);
    fin_before("it was reset by the other side: what it does now cannot be seen", OUTCOME_NEVER_REACHED, NOTICE_GONE, true);
}

static void test_fin_told_after_the_firing_at_the_same_time(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client closes within 2s"));
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    assert_int_equal(stage->told, 0);
    stage_at(stage, 2.5);
    stage_tell(stage, 1, NOTICE_FIN_ACKED, SIDE_CLIENT);
    check_at_end(stage, 9, OUTCOME_PASSED, "after 0.500 s");
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
    check_at_end(stage, 3, OUTCOME_PASSED, "it had already when the rule fired");
}

static void test_timing_out_is_no_close(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client closes within 2s"));
    stage_at(stage, 3);
    stage_tell(stage, 1, NOTICE_TIMED_OUT, SIDE_CLIENT);
    stage_tell(stage, 1, NOTICE_GONE, SIDE_CLIENT);
    check_at_end(stage, 9, OUTCOME_FAILED, "no FIN or RST in 2.000 s: its machine no longer answers since 3.000 s");
}

static void test_reset_by_us_is_not_its_deed(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client closes within 2s"));
    stage_at(stage, 3);
    stage_tell_notice(stage, 1, (struct notice){.kind = NOTICE_RST_SENT, .side = SIDE_CLIENT, .rule = &stage->rules->rules[0]});
    stage_tell(stage, 1, NOTICE_GONE, SIDE_CLIENT);
    check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "rule r reset it: what it does now cannot be seen");
}

static void test_exit_is_no_close(void **state)
{
    (void)state;
    static const char *const rules[] = {WATCH("client closes within 2s"), WATCH("client sends fin within 2s"), WATCH("client stays open for 2s")};
    for (size_t i = 0; i < 3; i++) {
        struct stage *stage = watching(rules[i]);
        stage_at(stage, 3);
        stage->exiting = true;
        stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
        check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the application exited");
    }
    struct stage *stage = watching(WATCH("client never closes"));
    stage_at(stage, 3);
    stage->exiting = true;
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    close_at(stage, 4);
    check_at_end(stage, 9, OUTCOME_PASSED, "not until the connection ended");
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
        {WATCH("server sends fin within 2s"), NOTICE_FIN_RECEIVED, NOTICE_RST_RECEIVED, SIDE_SERVER, "no FIN in 2.000 s"},
        {WATCH("server accepts within 2s"), NOTICE_CONNECTED, NOTICE_DIALLING, SIDE_SERVER, "it did not accept in 2.000 s"},
        {WATCH("server refuses within 2s"), NOTICE_REFUSED, NOTICE_DIALLING, SIDE_SERVER, "it did not refuse in 2.000 s"},
        {WATCH("client is in CLOSE_WAIT within 2s"), NOTICE_FIN_ACKED, NOTICE_FIN_SENT, SIDE_CLIENT, "it was not in 2.000 s"},
        {WATCH("client is in FIN_WAIT2 within 2s"), NOTICE_FIN_RECEIVED, NOTICE_FIN_ACKED, SIDE_CLIENT,
         "it was not in 2.000 s: it is in CLOSE_WAIT"},
    };
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        struct stage *stage = watching(deeds[i].rules);
        stage_at(stage, 3);
        stage_tell(stage, 1, deeds[i].deed, deeds[i].side);
        check_at_end(stage, 9, OUTCOME_PASSED, "after 1.000 s");

        stage = watching(deeds[i].rules);
        stage_at(stage, 3);
        stage_tell(stage, 1, deeds[i].other, deeds[i].side);
        check_at_end(stage, 9, OUTCOME_FAILED, deeds[i].missing);
    }
}

static void test_the_other_answer_is_final(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("server accepts within 2s"));
    stage_tell(stage, 1, NOTICE_REFUSED, SIDE_SERVER);
    close_at(stage, 2.1);
    check_at_end(stage, 9, OUTCOME_FAILED, "it refused");
    stage = watching(WATCH("server refuses within 2s"));
    stage_tell(stage, 1, NOTICE_CONNECTED, SIDE_SERVER);
    check_at_end(stage, 9, OUTCOME_FAILED, "it accepted");
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
    check_at_end(stage, 3, OUTCOME_PASSED, "it had already when the rule fired");
}

static void test_bytes_are_the_engines_to_see(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("server sends \"HTTP/1.\" within 5s"));
    stage_at(stage, 3);
    stage_step(stage, 1, "r", 1, 0, NOTICE_DEED_SEEN);
    check_at_end(stage, 9, OUTCOME_PASSED, "after 1.000 s");
    check_at_end(watching(WATCH("client sends 1 MiB within 5s")), 9, OUTCOME_FAILED, "they did not come in 5.000 s");
    stage = watching(WATCH("client is silent for 3s within 10s"));
    stage_at(stage, 7);
    stage_step(stage, 1, "r", 1, 0, NOTICE_DEED_SEEN);
    check_at_end(stage, 9, OUTCOME_PASSED, "after 5.000 s");
}

/* The loop was busy: the deed is seen before the timer that should have fired first. */
static void test_late_is_late(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client closes within 2s"));
    stage->now += 2 * NS_PER_S + 1;
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_finish(stage);
    stage_check(stage, "r", 1, OUTCOME_FAILED, "no FIN or RST in 2.000 s");
    stage_end(stage);
    stage = watching(WATCH("client stays open for 2s"));
    stage->now += 2 * NS_PER_S + 1;
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_finish(stage);
    stage_check(stage, "r", 1, OUTCOME_PASSED, "it did");
    stage_end(stage);
}

/* --- later connections ------------------------------------------------------------------------------------------------------------- */

static void test_reconnects(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client reconnects within 5s"));
    close_at(stage, 3);
    stage_at(stage, 3.5);
    stage_open(stage, 0, 2, "10.0.0.2"); /* somebody else */
    assert_int_equal(stage->told, 0);
    stage_at(stage, 4);
    stage_open(stage, 0, 3, "10.0.0.1");
    check_at_end(stage, 9, OUTCOME_PASSED, "after 2.000 s");
    stage = watching(WATCH("client reconnects within 5s"));
    close_at(stage, 3);
    check_at_end(stage, 9, OUTCOME_FAILED, "no reconnect in 5.000 s");
}

static void test_a_reset_by_us_does_not_end_what_outlives_it(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client reconnects within 5s"));
    stage_tell(stage, 1, NOTICE_RST_SENT, SIDE_CLIENT);
    close_at(stage, 2);
    stage_at(stage, 3);
    stage_open(stage, 0, 2, "10.0.0.1");
    check_at_end(stage, 9, OUTCOME_PASSED, "after 1.000 s");
}

static void test_connects_to_another_relay(void **state)
{
    (void)state;
    const char *rules = "relay v6 { listen 127.0.0.1:0 server 127.0.0.1:1 }\nrelay v4 { listen 127.0.0.1:0 server 127.0.0.1:1 }\n"
                        "rule r { expect client connects to relay v4 within 300ms }\n";
    struct stage *stage = watching(rules);
    stage_at(stage, 2.1);
    stage_open(stage, 0, 2, "10.0.0.1");
    assert_int_equal(stage->told, 0);
    stage_at(stage, 2.25);
    stage_open(stage, 1, 3, "10.0.0.1");
    check_at_end(stage, 9, OUTCOME_PASSED, "after 0.250 s");
    check_at_end(watching(rules), 9, OUTCOME_FAILED, "no connect there in 0.300 s");
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
    struct stage *stage = watching(rules);
    reconnect(stage, 1, 1);
    check_at_end(stage, 20, OUTCOME_FAILED, "it reconnected 1 time in 10.000 s");
    stage = watching(rules);
    reconnect(stage, 2, 1);
    assert_int_equal(stage->told, 0); /* judged when the time is over */
    stage_at(stage, 12);
    assert_int_equal(stage->told, 1);
    check_at_end(stage, 20, OUTCOME_PASSED, "it reconnected 2 times in 10.000 s");
    stage = watching(rules);
    reconnect(stage, 3, 1);
    check_at_end(stage, 20, OUTCOME_PASSED, "it reconnected 3 times in 10.000 s");
    stage = watching(rules);
    reconnect(stage, 4, 1);
    assert_int_equal(stage->told, 1); /* at once */
    check_at_end(stage, 20, OUTCOME_FAILED, "it reconnected 4 times, that is too often");
}

static void test_growing_pauses_of_reconnects(void **state)
{
    (void)state;
    const char *rules = WATCH("client reconnects 4..10 times within 30s with growing pauses");
    struct stage *stage = watching(rules);
    static const double times[] = {2.1, 2.3, 2.7, 3.5, 5.1};
    for (unsigned i = 0; i < 5; i++) {
        stage_at(stage, times[i]);
        stage_open(stage, 0, 2 + i, "10.0.0.1");
    }
    check_at_end(stage, 40, OUTCOME_PASSED,
                 "it reconnected 5 times in 30.000 s; of 5 pauses the earlier half lasted 0.300 s, the later 2.400 s");
    stage = watching(rules);
    reconnect(stage, 4, 1);
    check_at_end(stage, 40, OUTCOME_FAILED,
                 "it reconnected 4 times in 30.000 s; of 4 pauses the earlier half lasted 2.000 s, the later 2.000 s, not 1.5 times as long");
    stage = watching(WATCH("client reconnects within 30s with growing pauses"));
    reconnect(stage, 3, 1);
    check_at_end(stage, 40, OUTCOME_FAILED, "it reconnected 3 times in 30.000 s; 3 pauses, at least 4 tell whether they grow");
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

/* --- never, stays ------------------------------------------------------------------------------------------------------------------ */

static void test_never(void **state)
{
    (void)state;
    const char *rules = WATCH("client never sends \"INSERT\"");
    struct stage *stage = watching(rules);
    close_at(stage, 5);
    assert_int_equal(stage->told, 1);
    check_at_end(stage, 9, OUTCOME_PASSED, "not until the connection ended");
    check_at_end(watching(rules), 9, OUTCOME_PASSED, "not until the run ended");
    stage = watching(rules);
    stage_at(stage, 2.5);
    stage_step(stage, 1, "r", 1, 0, NOTICE_DEED_SEEN);
    assert_int_equal(stage->told, 1);
    check_at_end(stage, 9, OUTCOME_FAILED, "it came after 0.500 s");
    stage = fired(SECOND("when server sends fin", "client never resets"));
    close_at(stage, 5);
    check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the connection ended before its clock started");
}

static void test_never_reconnects(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client never reconnects"));
    close_at(stage, 3);
    assert_int_equal(stage->told, 0); /* it still could */
    check_at_end(stage, 99, OUTCOME_PASSED, "not until the run ended");
    stage = watching(WATCH("client never reconnects"));
    close_at(stage, 3);
    stage_at(stage, 50);
    stage_open(stage, 0, 2, "10.0.0.1");
    check_at_end(stage, 99, OUTCOME_FAILED, "it reconnected after 48.000 s");
}

static void test_stays_open(void **state)
{
    (void)state;
    const char *rules = WATCH("client stays open for 29s");
    struct stage *stage = watching(rules);
    stage_at(stage, 30.9);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_SERVER);
    stage_at(stage, 31);
    assert_int_equal(stage->told, 1);
    check_at_end(stage, 40, OUTCOME_PASSED, "it did");
    stage = watching(rules);
    stage_at(stage, 30.9);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    check_at_end(stage, 40, OUTCOME_FAILED, "its FIN came after 28.900 s");
    stage = watching(rules);
    stage_at(stage, 3);
    stage_tell(stage, 1, NOTICE_RST_RECEIVED, SIDE_CLIENT);
    check_at_end(stage, 40, OUTCOME_FAILED, "its RST came after 1.000 s");
    stage = watching(rules);
    stage_at(stage, 3);
    stage_tell(stage, 1, NOTICE_RST_SENT, SIDE_CLIENT);
    check_at_end(stage, 40, OUTCOME_NEVER_REACHED, "it was reset by the other side: what it does now cannot be seen");
}

static void test_stays_silent(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client stays silent for 5s"));
    stage_at(stage, 3);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT); /* endings may come */
    check_at_end(stage, 9, OUTCOME_PASSED, "it did");
    stage = watching(WATCH("client stays silent for 5s"));
    stage_at(stage, 3);
    stage_step(stage, 1, "r", 1, 0, NOTICE_BYTE_SEEN);
    check_at_end(stage, 9, OUTCOME_FAILED, "a byte came after 1.000 s");
}

static void test_stays_away(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client stays away for 5s"));
    close_at(stage, 3);
    stage_at(stage, 7);
    assert_int_equal(stage->told, 1);
    stage_open(stage, 0, 2, "10.0.0.1"); /* late enough */
    check_at_end(stage, 9, OUTCOME_PASSED, "it did");
    stage = watching(WATCH("client stays away for 5s"));
    close_at(stage, 3);
    stage_at(stage, 6.9);
    stage_open(stage, 0, 2, "10.0.0.1");
    check_at_end(stage, 9, OUTCOME_FAILED, "it reconnected after 4.900 s");
}

/* --- never reached ----------------------------------------------------------------------------------------------------------------- */

static void test_never_reached(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client closes within 2s"));
    close_at(stage, 2.8);
    check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the connection ended 1.200 s before its time was over");
    stage = fired(SECOND("when server sends fin", "client closes within 2s"));
    close_at(stage, 2.8);
    check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the connection ended before its clock started");
    stage = watching(WATCH("client reconnects within 2s"));
    check_at_end(stage, 3, OUTCOME_NEVER_REACHED, "the run ended 1.000 s before its time was over");
    stage = fired(SECOND("when server sends fin", "client closes within 2s"));
    check_at_end(stage, 3, OUTCOME_NEVER_REACHED, "the run ended before its clock started");
}

/* What outlives the connection is not ended by it: its clock may start as the connection ends, or never. */
static void test_clock_and_the_connections_end(void **state)
{
    (void)state;
    const char *rules = SECOND("when server sends fin", "client reconnects within 2s");
    struct stage *stage = fired(rules);
    close_at(stage, 3);
    stage_step(stage, 1, "r", 1, 1, NOTICE_EXPECTED);
    check_at_end(stage, 9, OUTCOME_FAILED, "no reconnect in 2.000 s");
    stage = fired(rules);
    close_at(stage, 3);
    stage_at(stage, 5);
    assert_int_equal(stage->told, 1);
    check_at_end(stage, 9, OUTCOME_NEVER_REACHED, "the connection ended before its clock started");
    stage = fired(rules);
    close_at(stage, 3);
    stage_at(stage, 4);
    stage_open(stage, 0, 2, "10.0.0.1");
    check_at_end(stage, 9, OUTCOME_PASSED, "2.000 s after the rule fired, before the clock started");
}

static void test_the_run_ends_in_time(void **state)
{
    (void)state;
    struct stage *stage = watching(WATCH("client stays open for 2s"));
    stage->now += 2 * NS_PER_S; /* its timer has not fired yet */
    stage_finish(stage);
    stage_check(stage, "r", 1, OUTCOME_PASSED, "it did");
    stage_end(stage);
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
    check_at_end(stage, 10, OUTCOME_PASSED, "it did"); /* passed beats never reached */

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
    check_at_end(stage, 10, OUTCOME_FAILED, "its FIN came after 0.100 s");
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
    stage_check(stage, NULL, 0, OUTCOME_FAILED, "relay #3 client for 27.000 s, still; relay #2 client for 10.000 s, until 12.000 s");
    assert_string_equal(stage->last, "failed  expect  no CLOSE_WAIT longer than 10s: relay #3 client for 27.000 s, still; "
                                     "relay #2 client for 10.000 s, until 12.000 s  (test.rule:1)");
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
    assert_memory_equal(seen, "relay #6 client for 40.000 s, until 287.000 s; relay #12 client for 39.000 s,", 75);
    assert_non_null(strstr(seen, "for 31.000 s, until"));
    assert_null(strstr(seen, "for 30.000 s, until"));
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

    stage = fired(rules); /* fired, but its hold held nothing */
    stage_finish(stage);
    assert_int_equal(verdict_exit_code(stage->judge, &well), 4);
    stage_end(stage);

    stage = fired(rules);
    happen(stage);
    stage_finish(stage);
    assert_int_equal(verdict_exit_code(stage->judge, &well), 0);
    assert_int_equal(verdict_exit_code(stage->judge, &trouble), 3);
    stage_end(stage);

    stage = watching(WATCH("client closes within 2s")); /* no action: the event is enough */
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
    struct stage *stage = watching(WATCH("client closes within 2s"));
    stage_open(stage, 0, 2, "10.0.0.1");
    stage_tell_notice(stage, 1, (struct notice){.kind = NOTICE_DELIVERED, .side = SIDE_SERVER, .bytes = 500});
    stage_tell_notice(stage, 1, (struct notice){.kind = NOTICE_RECEIVED, .side = SIDE_SERVER, .bytes = 12});
    stage_tell_notice(stage, 1, (struct notice){.kind = NOTICE_DELIVERED, .side = SIDE_CLIENT, .bytes = 12});
    stage_at(stage, 5);
    close_at(stage, 5);
    const struct tally *tally = judge_tally(stage->judge);
    assert_int_equal(tally->links, 2);
    assert_int_equal(tally->open_links, 1);
    assert_int_equal(tally->bytes, 512);
    assert_int_equal(tally->firings, 1);
    assert_int_equal(tally->findings[OUTCOME_FAILED], 1);
    assert_int_equal(tally->findings[OUTCOME_PASSED], 0);
    end(stage, 6);
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
    struct stage *stage = watching(WATCH("client reconnects 4..5 times within 10s with growing pauses"));
    reconnect(stage, 1, 1);
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
        cmocka_unit_test(test_reconnects),
        cmocka_unit_test(test_a_reset_by_us_does_not_end_what_outlives_it),
        cmocka_unit_test(test_connects_to_another_relay),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_growing_pauses_of_reconnects),
        cmocka_unit_test(test_growing_pauses_and_jitter),
        cmocka_unit_test(test_never),
        cmocka_unit_test(test_never_reconnects),
        cmocka_unit_test(test_stays_open),
        cmocka_unit_test(test_stays_silent),
        cmocka_unit_test(test_stays_away),
        cmocka_unit_test(test_never_reached),
        cmocka_unit_test(test_clock_and_the_connections_end),
        cmocka_unit_test(test_the_run_ends_in_time),
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
