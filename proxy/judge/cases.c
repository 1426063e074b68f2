/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verdict as test cases.
 */
#include "judge/cases.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "judge/words.h"
#include "rules/memory.h"

static void add(struct cases *cases, struct test_case one)
{
    if (cases->count == cases->capacity) {
        cases->capacity = cases->capacity ? 2 * cases->capacity : 64;
        cases->list = xrealloc(cases->list, cases->capacity * sizeof *cases->list);
    }
    cases->list[cases->count++] = one;
}

static void add_finding(struct cases *cases, const struct finding *finding)
{
    const char *expectation = finding_expectation(finding);
    add(cases, (struct test_case){
        .outcome = finding->outcome,
        .suite = finding_place(finding)->file,
        .group = finding_rule(finding),
        .name = finding->relay ? words("%s/%" PRIu64 ": %s", finding->relay->name, finding->number, expectation) : xstrdup(expectation),
        .message = xstrdup(finding->seen),
        .took = finding->took,
        .place = finding_place(finding),
    });
}

static void add_uncounted(struct cases *cases, const struct expected *expected, enum outcome outcome)
{
    uint64_t more = expected->counts[outcome] - expected->kept[outcome];
    if (more == 0)
        return;
    add(cases, (struct test_case){
        .outcome = outcome,
        .suite = expected_place(expected)->file,
        .group = expected->rule ? expected->rule->name : "expect",
        .name = words("%" PRIu64 " more connections: %s", more, expected_text(expected)),
        .message = words("%s on %" PRIu64 " more connections", outcome_name(outcome), more),
        .took = TIME_NEVER,
        .place = expected_place(expected),
    });
}

static void add_rule(struct cases *cases, const struct judge *judge, const struct rule *rule)
{
    if (rule->by_chance)
        return;
    bool missing = verdict_is_missing(judge, rule);
    add(cases, (struct test_case){
        .outcome = missing ? OUTCOME_FAILED : OUTCOME_PASSED,
        .suite = rule->place.file,
        .group = rule->name,
        .name = xstrdup("the rule fires"),
        .message = missing ? verdict_missing(judge, rule) : words("it did, on %" PRIu64 " occasions", judge_firings(judge, rule)),
        .took = TIME_NEVER,
        .place = &rule->place,
    });
}

static void add_command(struct cases *cases, const struct run_end *end)
{
    if (!end->command)
        return;
    add(cases, (struct test_case){
        .outcome = end->status == 0 ? OUTCOME_PASSED : OUTCOME_FAILED,
        .suite = "command",
        .group = "command",
        .name = xstrdup(end->command),
        .message = verdict_command(end),
        .took = end->lasted,
    });
}

/* All of one file. */
static void add_suite(struct cases *cases, struct judge *judge, const char *file)
{
    const struct findings *findings = judge_findings(judge);
    for (size_t i = 0; i < judge_rule_count(judge); i++) {
        const struct rule *rule = judge_rule(judge, i);
        if (strcmp(rule->place.file, file) == 0)
            add_rule(cases, judge, rule);
    }
    for (size_t i = 0; i < findings->count; i++) {
        if (strcmp(finding_place(&findings->list[i])->file, file) == 0)
            add_finding(cases, &findings->list[i]);
    }
    for (size_t i = 0; i < findings->expected_count; i++) {
        if (strcmp(expected_place(&findings->expected[i])->file, file) != 0)
            continue;
        for (enum outcome outcome = 0; outcome < OUTCOMES; outcome++)
            add_uncounted(cases, &findings->expected[i], outcome);
    }
}

static bool is_new(const char *const *files, size_t count, const char *file)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(files[i], file) == 0)
            return false;
    }
    return true;
}

struct cases cases_of(struct judge *judge, const struct run_end *end)
{
    const struct findings *findings = judge_findings(judge);
    const char **files = xmalloc((judge_rule_count(judge) + findings->expected_count + 1) * sizeof *files);
    struct cases cases = {.list = NULL};
    size_t count = 0;
    for (size_t i = 0; i < judge_rule_count(judge); i++) {
        const struct rule *rule = judge_rule(judge, i);
        if (is_new(files, count, rule->place.file))
            files[count++] = rule->place.file;
    }
    for (size_t i = 0; i < findings->expected_count; i++) {
        if (is_new(files, count, expected_place(&findings->expected[i])->file))
            files[count++] = expected_place(&findings->expected[i])->file;
    }
    for (size_t i = 0; i < count; i++)
        add_suite(&cases, judge, files[i]);
    add_command(&cases, end);
    free(files);
    return cases;
}

void cases_release(struct cases *cases)
{
    for (size_t i = 0; i < cases->count; i++) {
        free(cases->list[i].name);
        free(cases->list[i].message);
    }
    free(cases->list);
    *cases = (struct cases){.list = NULL};
}
