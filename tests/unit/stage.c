/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stage.
 */
#include "stage.h"

#include <arpa/inet.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/vocabulary.h"
#include "rules/diag.h"
#include "rules/memory.h"

static uint64_t stage_now(const struct clock *clock)
{
    return ((const struct stage *)clock)->now;
}

static bool is_exit(struct judge_exits *exits, const struct notice *ending)
{
    const struct stage *stage = (const struct stage *)((const char *)exits - offsetof(struct stage, exits));
    assert_true(ending->kind == NOTICE_FIN_RECEIVED || ending->kind == NOTICE_RST_RECEIVED || ending->kind == NOTICE_STATE);
    return stage->exiting;
}

static void hear(struct observer *observer, const struct notice *notice)
{
    struct stage *stage = (struct stage *)((char *)observer - offsetof(struct stage, listener));
    assert_int_equal(notice->kind, NOTICE_FINDING);
    stage->told++;
    snprintf(stage->last, sizeof stage->last, "%s", notice->text);
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static struct ruleset *compile(const char *name, const char *text)
{
    struct diag *diag = diag_new();
    const char *const files[] = {name};
    struct rules_input input = {.files = files, .file_count = 1, .listen = "127.0.0.1:0", .server = "127.0.0.1:1"};
    if (strstr(text, "relay ") == text)
        input.listen = input.server = NULL;
    write_file(name, text);
    struct ruleset *rules = rules_compile(&input, &vocabulary, diag);
    if (!rules)
        diag_print(diag, stderr, false);
    diag_free(diag);
    assert_non_null(rules);
    return rules;
}

struct stage *stage_begin(const char *name, const char *rules)
{
    char folder[] = "/tmp/hangup-stage-XXXXXX";
    struct stage *stage = xmalloc(sizeof *stage);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    *stage = (struct stage){
        .clock.now = stage_now, .now = STAGE_START, .exits.is_exit = is_exit, .listener.tell = hear, .rules = compile(name, rules)};
    assert_int_equal(unlink(name), 0);
    assert_int_equal(rmdir(folder), 0);
    timers_init(&stage->timers, &stage->clock);
    for (unsigned i = 0; i < stage->rules->relay_count; i++) {
        stage->relays[i].spec = &stage->rules->relays[i];
        stage->relays[i].index = i;
    }
    observers_add(&stage->listeners, &stage->listener);
    stage->judge = judge_new(&(struct judge_options){
        .ruleset = stage->rules,
        .timers = &stage->timers,
        .start = STAGE_START,
        .exits = &stage->exits,
        .sees = true,
        .observers = &stage->listeners,
    });
    observers_add(&stage->bench, judge_tally_observer(stage->judge));
    observers_add(&stage->bench, judge_observer(stage->judge));
    return stage;
}

void stage_end(struct stage *stage)
{
    judge_free(stage->judge);
    observers_clear(&stage->listeners);
    observers_clear(&stage->bench);
    assert_int_equal(stage->timers.count, 0);
    timers_release(&stage->timers);
    ruleset_unref(stage->rules);
    free(stage);
    assert_int_equal(chdir("/"), 0);
}

void stage_at(struct stage *stage, double seconds)
{
    uint64_t until = STAGE_START + (uint64_t)(seconds * 1e6 + 0.5) * NS_PER_US;
    assert_true(until >= stage->now);
    while (stage->timers.count > 0 && stage->timers.heap[1]->at <= until) {
        if (stage->timers.heap[1]->at > stage->now)
            stage->now = stage->timers.heap[1]->at;
        timers_run(&stage->timers);
    }
    stage->now = until;
}

void stage_tell_notice(struct stage *stage, uint64_t link, struct notice notice)
{
    notice.at = stage->now;
    notice.link = &stage->links[link];
    notice.relay = notice.link->relay;
    notice.number = link;
    notice.client = &notice.link->client;
    observers_tell(&stage->bench, &notice);
}

void stage_open(struct stage *stage, unsigned relay, uint64_t number, const char *client)
{
    struct link *link = &stage->links[number];
    struct sockaddr_in *address = (struct sockaddr_in *)&link->client;
    char client_text[LINK_CLIENT_TEXT];

    *link = (struct link){.relay = &stage->relays[relay], .number = number, .opened_at = stage->now};
    address->sin_family = AF_INET;
    address->sin_port = htons((uint16_t)(40000 + number));
    assert_int_equal(inet_pton(AF_INET, client, &address->sin_addr), 1);
    snprintf(client_text, sizeof client_text, "%s:%u", client, (unsigned)(40000 + number));
    stage_tell_notice(stage, number, (struct notice){.kind = NOTICE_OPENED, .text = client_text});
}

void stage_tell(struct stage *stage, uint64_t link, enum notice_kind kind, enum side side)
{
    stage_tell_notice(stage, link, (struct notice){.kind = kind, .side = side});
}

static const struct rule *find_rule(const struct stage *stage, const char *name)
{
    for (size_t i = 0; i < stage->rules->rule_count; i++) {
        if (strcmp(stage->rules->rules[i].name, name) == 0)
            return &stage->rules->rules[i];
    }
    fail_msg("no rule %s", name);
    return NULL;
}

void stage_fire(struct stage *stage, uint64_t link, const char *rule, uint64_t firing)
{
    stage_tell_notice(
        stage, link, (struct notice){.kind = NOTICE_RULE_FIRED, .rule = find_rule(stage, rule), .firing = firing, .bytes = firing});
}

void stage_step(struct stage *stage, uint64_t link, const char *rule, uint64_t firing, unsigned step, enum notice_kind kind)
{
    const struct rule *found = find_rule(stage, rule);
    stage_tell_notice(stage, link, (struct notice){.kind = kind, .rule = found, .step = &found->steps[step], .firing = firing});
}

void stage_finish(struct stage *stage)
{
    judge_finish(stage->judge, stage->now);
}

const struct finding *stage_finding(const struct stage *stage, const char *rule, uint64_t link)
{
    const struct findings *findings = judge_findings(stage->judge);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->list[i];
        bool same = rule ? finding->rule && strcmp(finding->rule->name, rule) == 0 : finding->standing != NULL;
        if (same && finding->number == link)
            return finding;
    }
    return NULL;
}

void stage_check(const struct stage *stage, const char *rule, uint64_t link, enum outcome outcome, const char *seen)
{
    const struct finding *finding = stage_finding(stage, rule, link);
    assert_non_null(finding);
    assert_string_equal(finding->seen, seen);
    assert_string_equal(outcome_name(finding->outcome), outcome_name(outcome));
}

struct stage *stage_fired(const char *rules)
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

struct stage *stage_watching(const char *rules)
{
    struct stage *stage = stage_fired(rules);
    stage_step(stage, 1, "r", 1, 0, NOTICE_EXPECTED);
    return stage;
}

void stage_close_at(struct stage *stage, double seconds)
{
    stage_at(stage, seconds);
    stage_tell(stage, 1, NOTICE_CLOSED, SIDE_CLIENT);
}

void stage_end_at(struct stage *stage, double seconds)
{
    stage_at(stage, seconds);
    stage_finish(stage);
    stage_end(stage);
}

void stage_check_at_end(struct stage *stage, double seconds, enum outcome outcome, const char *seen)
{
    stage_at(stage, seconds);
    stage_finish(stage);
    stage_check(stage, "r", 1, outcome, seen);
    stage_end(stage);
}

void stage_check_golden(const char *name, const char *text)
{
    const char *folder = getenv("top_srcdir");
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/tests/golden/%s", folder ? folder : ".", name);
    FILE *file = fopen(path, getenv("UPDATE_GOLDEN") ? "w" : "r");
    if (!file)
        fail_msg("cannot open %s; set top_srcdir", path);
    if (getenv("UPDATE_GOLDEN")) {
        fputs(text, file);
        assert_int_equal(fclose(file), 0);
        return;
    }
    char *expected = xmalloc(1 << 20);
    size_t length = fread(expected, 1, (1 << 20) - 1, file);
    expected[length] = '\0';
    fclose(file);
    assert_string_equal(text, expected);
    free(expected);
}
