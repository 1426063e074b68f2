/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judging while rules come and go: what is undecided of a rule that goes is decided then, what was found stays, and only what was there
 * from the start is due.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "judge/verdict.h"
#include "tests/unit/stage.h"

/* The rules and standing expectations of the stage from `first_rule` and `first_standing` on. */
static void change(struct stage *stage, size_t first_rule, size_t first_standing)
{
    struct roster_rule rules[4];
    const struct standing *standings[4];
    struct roster roster = {.rules = rules, .standings = standings};

    for (size_t i = first_rule; i < stage->rules->rule_count; i++)
        rules[roster.rule_count++] = (struct roster_rule){.rule = &stage->rules->rules[i]};
    for (size_t i = first_standing; i < stage->rules->standing_count; i++)
        standings[roster.standing_count++] = &stage->rules->standings[i];
    judge_change(stage->judge, &roster, stage->now);
}

static void test_rule_goes(void **state)
{
    struct stage *stage = stage_watching(WATCH("client closes within 5s"));

    (void)state;
    stage_at(stage, 3);
    change(stage, 1, 0);
    stage_check(stage, "r", 1, OUTCOME_NEVER_REACHED, "the rule ended 4.000 s before its time was over");
    assert_false(judge_rule_is_due(stage->judge, &stage->rules->rules[0]));
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT); /* too late to count */
    assert_int_equal(judge_findings(stage->judge)->counts[OUTCOME_PASSED], 0);
    stage_finish(stage);
    assert_int_equal(judge_findings(stage->judge)->counts[OUTCOME_NEVER_REACHED], 1);
    stage_end(stage);
}

static void test_rule_stands(void **state)
{
    struct stage *stage = stage_watching(WATCH("client closes within 5s"));

    (void)state;
    stage_at(stage, 3);
    change(stage, 0, 0);
    assert_null(stage_finding(stage, "r", 1));
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    stage_check(stage, "r", 1, OUTCOME_PASSED, "after 1.000 s");
    stage_finish(stage);
    stage_end(stage);
}

static void test_never_passes(void **state)
{
    struct stage *stage = stage_watching(WATCH("client never resets"));

    (void)state;
    stage_at(stage, 3);
    change(stage, 1, 0);
    stage_check(stage, "r", 1, OUTCOME_PASSED, "not until the rule ended");
    stage_finish(stage);
    stage_end(stage);
}

/* What comes later may fire or not; what was there at the start is due. */
static void test_due(void **state)
{
    struct stage *stage = stage_begin("a.rule", "rule first { when client sends 1 byte then reset }\n"
                                                "rule second { when client sends 1 byte then reset }\n");
    const struct rule *first = &stage->rules->rules[0], *second = &stage->rules->rules[1];

    (void)state;
    assert_true(verdict_is_missing(stage->judge, first));
    change(stage, 1, 0);
    assert_false(verdict_is_missing(stage->judge, first));
    assert_true(verdict_is_missing(stage->judge, second));
    change(stage, 0, 0);
    assert_false(verdict_is_missing(stage->judge, first)); /* it came back later */
    stage_fire(stage, 1, "first", 1);
    assert_int_equal(judge_firings(stage->judge, first), 1);
    stage_finish(stage);
    stage_end(stage);
}

static void test_standing_goes(void **state)
{
    struct stage *stage = stage_begin("a.rule", "expect no CLOSE_WAIT longer than 1s\n");

    (void)state;
    stage_open(stage, 0, 1, "10.0.0.1");
    stage_tell(stage, 1, NOTICE_FIN_ACKED, SIDE_CLIENT);
    stage_at(stage, 3);
    stage_tell(stage, 1, NOTICE_FIN_RECEIVED, SIDE_CLIENT);
    change(stage, 0, 1);
    assert_int_equal(judge_findings(stage->judge)->counts[OUTCOME_FAILED], 1);
    stage_finish(stage);
    assert_int_equal(judge_findings(stage->judge)->counts[OUTCOME_FAILED], 1); /* once */
    stage_end(stage);
}

static void test_relay_goes(void **state)
{
    struct stage *stage = stage_watching(WATCH("client reconnects within 5s"));

    (void)state;
    stage_at(stage, 3);
    stage_tell(stage, 1, NOTICE_CLOSED, SIDE_CLIENT);
    assert_null(stage_finding(stage, "r", 1));
    observers_tell(&stage->bench, &(struct notice){.kind = NOTICE_RELAY_CLOSED, .relay = &stage->relays[0], .at = stage->now});
    stage_check(stage, "r", 1, OUTCOME_NEVER_REACHED, "the relay ended 4.000 s before its time was over");
    stage_finish(stage);
    stage_end(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule_goes),
        cmocka_unit_test(test_rule_stands),
        cmocka_unit_test(test_never_passes),
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_standing_goes),
        cmocka_unit_test(test_relay_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
