/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as JSON.
 */
#include "judge/json.h"

#include <jansson.h>
#include <sys/wait.h>

#include "judge/words.h"

#define VERSION 1

static void set_number(json_t *object, const char *name, uint64_t number)
{
    json_object_set_new(object, name, json_integer((json_int_t)number));
}

static void set_text(json_t *object, const char *name, const char *text)
{
    json_t *string = json_string(text); /* NULL if it is no UTF-8 */
    json_object_set_new(object, name, string ? string : json_string("(not UTF-8)"));
}

static void set_place(json_t *object, const struct place *place)
{
    set_text(object, "file", place->file);
    set_number(object, "line", place->line);
}

static json_t *outcomes(const uint64_t counts[OUTCOMES])
{
    json_t *object = json_object();
    set_number(object, "passed", counts[OUTCOME_PASSED]);
    set_number(object, "failed", counts[OUTCOME_FAILED]);
    set_number(object, "never_reached", counts[OUTCOME_NEVER_REACHED]);
    return object;
}

static json_t *finding_object(const struct finding *finding)
{
    static const char *const names[OUTCOMES] = {"never_reached", "passed", "failed"};
    json_t *object = json_object();
    set_text(object, "outcome", names[finding->outcome]);
    if (finding->rule)
        set_text(object, "rule", finding->rule->name);
    set_text(object, "expectation", finding_expectation(finding));
    set_place(object, finding_place(finding));
    if (finding->relay) {
        set_text(object, "relay", finding->relay->name);
        set_number(object, "link", finding->number);
    }
    if (finding->client)
        set_text(object, "client", finding->client);
    set_number(object, "at", finding->at / NS_PER_US);
    if (finding->took != TIME_NEVER)
        set_number(object, "took", finding->took / NS_PER_US);
    set_text(object, "seen", finding->seen);
    return object;
}

static json_t *finding_list(const struct findings *findings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < findings->count; i++)
        json_array_append_new(list, finding_object(&findings->list[i]));
    return list;
}

static json_t *expectation_list(const struct findings *findings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < findings->expected_count; i++) {
        const struct expected *expected = &findings->expected[i];
        json_t *object = json_object();
        if (expected->rule)
            set_text(object, "rule", expected->rule->name);
        set_text(object, "expectation", expected_text(expected));
        set_place(object, expected_place(expected));
        json_object_set_new(object, "findings", outcomes(expected->counts));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *rule_list(const struct judge *judge)
{
    json_t *list = json_array();
    for (size_t i = 0; i < judge_rule_count(judge); i++) {
        const struct rule *rule = judge_rule(judge, i);
        json_t *object = json_object();
        set_text(object, "rule", rule->name);
        set_place(object, &rule->place);
        set_number(object, "firings", judge_firings(judge, rule));
        json_object_set_new(object, "happened", json_boolean(judge_rule_happened(judge, rule)));
        json_object_set_new(object, "by_chance", json_boolean(rule->by_chance));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *command_object(const struct run_end *end)
{
    json_t *object = json_object();
    set_text(object, "command", end->command);
    if (WIFSIGNALED(end->status))
        set_number(object, "signal", (uint64_t)WTERMSIG(end->status));
    else
        set_number(object, "status", (uint64_t)WEXITSTATUS(end->status));
    return object;
}

void json_print(FILE *out, struct judge *judge, const struct run_end *end)
{
    const struct findings *findings = judge_findings(judge);
    const struct tally *tally = judge_tally(judge);
    json_t *report = json_object();
    set_number(report, "version", VERSION);
    set_number(report, "exit_code", (uint64_t)verdict_exit_code(judge, end));
    set_number(report, "lasted", end->lasted / NS_PER_US);
    set_number(report, "connections", tally->links);
    set_number(report, "bytes", tally->bytes);
    json_object_set_new(report, "summary", outcomes(findings->counts));
    json_object_set_new(report, "rules", rule_list(judge));
    json_object_set_new(report, "expectations", expectation_list(findings));
    json_object_set_new(report, "findings", finding_list(findings));
    if (end->command)
        json_object_set_new(report, "command", command_object(end));
    json_dumpf(report, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(report);
}
