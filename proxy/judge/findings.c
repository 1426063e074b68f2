/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings, kept and counted.
 */
#include "judge/findings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/words.h"
#include "rules/memory.h"

static void expect(struct findings *findings, const struct rule *rule, const struct step *step, const struct standing *standing)
{
    findings->expected = xrealloc(findings->expected, (findings->expected_count + 1) * sizeof *findings->expected);
    findings->expected[findings->expected_count++] =
        (struct expected){.rule = rule, .step = step, .standing = standing, .least = TIME_NEVER};
}

void findings_expect_rule(struct findings *findings, const struct rule *rule)
{
    for (size_t i = 0; i < rule->step_count; i++) {
        if (rule->steps[i].kind == STEP_EXPECTATION)
            expect(findings, rule, &rule->steps[i], NULL);
    }
}

void findings_expect_standing(struct findings *findings, const struct standing *standing)
{
    expect(findings, NULL, NULL, standing);
}

void findings_release(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->list[i].relay)
            ruleset_unref(findings->list[i].relay->set);
    }
    arena_free(findings->texts);
    free(findings->list);
    free(findings->expected);
}

static struct expected *expected_of(const struct findings *findings, const struct finding *finding)
{
    struct expected *expected = findings->expected;
    while (expected->step != finding->step || expected->standing != finding->standing)
        expected++;
    return expected;
}

static void keep(struct findings *findings, const struct finding *finding)
{
    if (findings->count == findings->capacity) {
        findings->capacity = findings->capacity ? 2 * findings->capacity : 64;
        findings->list = xrealloc(findings->list, findings->capacity * sizeof *findings->list);
    }
    if (!findings->texts)
        findings->texts = arena_new();
    struct finding *kept = &findings->list[findings->count++];
    *kept = *finding;
    kept->seen = arena_copy(findings->texts, finding->seen, strlen(finding->seen));
    if (finding->client)
        kept->client = arena_copy(findings->texts, finding->client, strlen(finding->client));
    if (finding->relay)
        ruleset_ref(finding->relay->set);
}

void findings_add(struct findings *findings, const struct finding *finding)
{
    struct expected *expected = expected_of(findings, finding);
    expected->counts[finding->outcome]++;
    findings->counts[finding->outcome]++;
    if (finding->outcome == OUTCOME_PASSED && finding->took != TIME_NEVER) {
        expected->least = finding->took < expected->least ? finding->took : expected->least;
        expected->most = finding->took > expected->most ? finding->took : expected->most;
    }
    if (findings->kept[finding->outcome] == FINDINGS_KEPT)
        return;
    findings->kept[finding->outcome]++;
    expected->kept[finding->outcome]++;
    keep(findings, finding);
}

static int compare(const void *left, const void *right, void *context)
{
    const struct findings *findings = context;
    const struct finding *a = left, *b = right;
    const struct expected *first = expected_of(findings, a), *second = expected_of(findings, b);
    if (first != second)
        return first < second ? -1 : 1;
    if (a->outcome != b->outcome)
        return a->outcome == OUTCOME_FAILED ? -1 : b->outcome == OUTCOME_FAILED ? 1 : a->outcome == OUTCOME_PASSED ? -1 : 1;
    if (a->relay != b->relay)
        return a->relay->index < b->relay->index ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

void findings_sort(struct findings *findings)
{
    if (findings->count > 0)
        qsort_r(findings->list, findings->count, sizeof *findings->list, compare, findings);
}

size_t findings_of(const struct findings *findings, const struct expected *expected, enum outcome outcome, const struct finding **first)
{
    size_t count = 0;
    *first = NULL;
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->list[i];
        if (finding->outcome != outcome || expected_of(findings, finding) != expected)
            continue;
        if (count++ == 0)
            *first = finding;
    }
    return count;
}

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[OUTCOMES] = {"never reached", "passed", "failed"};
    return names[outcome];
}

static const char *without_expect(const char *text)
{
    const char *word = "expect ";
    return strncmp(text, word, strlen(word)) == 0 ? text + strlen(word) : text;
}

const char *finding_expectation(const struct finding *finding)
{
    return without_expect(finding->standing ? finding->standing->text : finding->step->text);
}

const char *expected_text(const struct expected *expected)
{
    return without_expect(expected->standing ? expected->standing->text : expected->step->text);
}

const struct place *finding_place(const struct finding *finding)
{
    return finding->standing ? &finding->standing->place : &finding->step->place;
}

const struct place *expected_place(const struct expected *expected)
{
    return expected->standing ? &expected->standing->place : &expected->step->place;
}

const char *finding_rule(const struct finding *finding)
{
    return finding->rule ? finding->rule->name : "expect";
}

char *finding_connection(const struct finding *finding)
{
    return finding->relay ? words("%s #%" PRIu64, finding->relay->name, finding->number) : xstrdup("");
}

char *finding_line(const struct finding *finding)
{
    const struct place *place = finding_place(finding);
    char *connection = finding_connection(finding);
    char *line = words("%s  %s%s%s  %s: %s  (%s:%u)", outcome_name(finding->outcome), finding_rule(finding), *connection ? "  " : "",
        connection, finding_expectation(finding), finding->seen, place->file, place->line);
    free(connection);
    return line;
}
