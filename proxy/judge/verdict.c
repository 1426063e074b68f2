/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verdict, for a shell and for people.
 */
#include "judge/verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "judge/words.h"
#include "rules/memory.h"

#define LISTED_FAILED 20 /* of one expectation, before the rest is counted */
#define LISTED_OTHER 5   /* passed or never reached ones; more are folded into one line */

bool verdict_is_missing(const struct judge *judge, const struct rule *rule)
{
    return judge_rule_is_due(judge, rule) && !rule->by_chance && !judge_rule_happened(judge, rule);
}

char *verdict_missing(const struct judge *judge, const struct rule *rule)
{
    uint64_t firings = judge_firings(judge, rule);
    if (firings == 0)
        return words("rule %s never fired: no connection did what it waits for", rule->name);
    return words("rule %s fired %" PRIu64 " time%s, but none of its actions could be felt", rule->name, firings, firings == 1 ? "" : "s");
}

char *verdict_command(const struct run_end *end)
{
    if (WIFSIGNALED(end->status))
        return words("was killed by SIG%s", sigabbrev_np(WTERMSIG(end->status)) ? sigabbrev_np(WTERMSIG(end->status)) : "?");
    return words("exited with status %d", WEXITSTATUS(end->status));
}

static bool rules_missing(const struct judge *judge)
{
    for (size_t i = 0; i < judge_rule_count(judge); i++) {
        if (verdict_is_missing(judge, judge_rule(judge, i)))
            return true;
    }
    return false;
}

int verdict_exit_code(struct judge *judge, const struct run_end *end)
{
    if (end->trouble)
        return VERDICT_TROUBLE;
    if (judge_findings(judge)->counts[OUTCOME_FAILED] > 0)
        return VERDICT_FAILED;
    if (end->command && end->status != 0)
        return VERDICT_COMMAND_FAILED;
    return rules_missing(judge) ? VERDICT_NEVER_FIRED : VERDICT_WELL;
}

/* --- for people -------------------------------------------------------------------------------------------------------------------- */

struct page {
    FILE *out;
    bool colour;
    int rule_width, connection_width;
};

static void paint(const struct page *page, enum outcome outcome, const char *text)
{
    static const char *const colours[OUTCOMES] = {"33", "32", "31"}; /* yellow, green, red */
    if (page->colour)
        fprintf(page->out, "\033[%sm%-13s\033[0m", colours[outcome], text);
    else
        fprintf(page->out, "%-13s", text);
}

static void print_line(const struct page *page, const struct expected *expected, enum outcome outcome, const char *who, const char *seen)
{
    const struct place *place = expected_place(expected);
    paint(page, outcome, outcome_name(outcome));
    fprintf(page->out, "  %-*s  %-*s  %s: %s  (%s:%u)\n", page->rule_width, expected->rule ? expected->rule->name : "expect",
            page->connection_width, who, expected_text(expected), seen, place->file, place->line);
}

static bool all_alike(const struct finding *findings, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (strcmp(findings[i].seen, findings[0].seen) != 0)
            return false;
    }
    return true;
}

static void print_folded(
    const struct page *page, const struct expected *expected, enum outcome outcome, const struct finding *first, size_t kept)
{
    char *who = words("%" PRIu64 " connections", expected->counts[outcome]);
    char *connection = finding_connection(first);
    char *seen;
    if (outcome == OUTCOME_PASSED && expected->least <= expected->most)
        seen = words("after %s to %s", words_time(expected->least).text, words_time(expected->most).text);
    else if (all_alike(first, kept))
        seen = xstrdup(first->seen);
    else
        seen = words("for example %s: %s", connection, first->seen);
    print_line(page, expected, outcome, who, seen);
    free(seen);
    free(connection);
    free(who);
}

static void print_outcome(const struct page *page, const struct findings *findings, const struct expected *expected, enum outcome outcome)
{
    const struct finding *first;
    size_t kept = findings_of(findings, expected, outcome, &first);
    uint64_t count = expected->counts[outcome];
    if (kept == 0)
        return;
    if (outcome != OUTCOME_FAILED && count > LISTED_OTHER) {
        print_folded(page, expected, outcome, first, kept);
        return;
    }
    size_t listed = kept < LISTED_FAILED ? kept : LISTED_FAILED;
    for (size_t i = 0; i < listed; i++) {
        char *connection = finding_connection(&first[i]);
        print_line(page, expected, outcome, connection, first[i].seen);
        free(connection);
    }
    if (count > listed) {
        char *who = words("%" PRIu64 " more", count - listed);
        print_line(page, expected, outcome, who, "likewise");
        free(who);
    }
}

static struct page lay_out(FILE *out, const struct findings *findings, bool colour)
{
    struct page page = {.out = out, .colour = colour};
    for (size_t i = 0; i < findings->count; i++) {
        char *connection = finding_connection(&findings->list[i]);
        int rule = (int)strlen(finding_rule(&findings->list[i])), width = (int)strlen(connection);
        page.rule_width = rule > page.rule_width ? rule : page.rule_width;
        page.connection_width = width > page.connection_width ? width : page.connection_width;
        free(connection);
    }
    return page;
}

static void print_missing(FILE *out, const struct judge *judge)
{
    for (size_t i = 0; i < judge_rule_count(judge); i++) {
        const struct rule *rule = judge_rule(judge, i);
        if (!verdict_is_missing(judge, rule))
            continue;
        char *missing = verdict_missing(judge, rule);
        fprintf(out, "%s  (%s:%u)\n", missing, rule->place.file, rule->place.line);
        free(missing);
    }
}

/* "3 close_notify", behind a comma if it is not the first; nothing for 0. */
static void print_count(FILE *out, uint64_t count, const char *what, const char **comma)
{
    if (count == 0)
        return;
    fprintf(out, "%s%" PRIu64 " %s", *comma, count, what);
    *comma = ", ";
}

/* TLS that relays have spoken: how each side ended it. Nothing where there was none. */
static void print_tls(FILE *out, const struct tally *tally)
{
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        char *start = words("TLS was ended by the %s: ", side_name(side));
        const char *comma = start;
        print_count(out, tally->tls[side].close_notify, "close_notify", &comma);
        print_count(out, tally->tls[side].bare_fin, "bare FIN", &comma);
        print_count(out, tally->tls[side].reset, "RST", &comma);
        print_count(out, tally->tls[side].aborted, "in the handshake", &comma);
        for (unsigned alert = 0; alert < TALLY_ALERTS; alert++) {
            char *name = alert_name(alert) ? words("alert %s", alert_name(alert)) : words("alert %u", alert);
            print_count(out, tally->tls[side].alerts[alert], name, &comma);
            free(name);
        }
        if (comma != start)
            fputc('\n', out);
        free(start);
    }
}

static void print_summary(FILE *out, struct judge *judge, const struct run_end *end)
{
    const struct tally *tally = judge_tally(judge);
    const uint64_t *counts = judge_findings(judge)->counts;
    uint64_t all = counts[OUTCOME_PASSED] + counts[OUTCOME_FAILED] + counts[OUTCOME_NEVER_REACHED];
    fprintf(out, "%" PRIu64 " connection%s, %" PRIu64 " byte%s, rules fired %" PRIu64 " time%s", tally->links, tally->links == 1 ? "" : "s",
            tally->bytes, tally->bytes == 1 ? "" : "s", tally->firings, tally->firings == 1 ? "" : "s");
    if (all > 0)
        fprintf(out, "; %" PRIu64 " finding%s: %" PRIu64 " passed, %" PRIu64 " failed, %" PRIu64 " never reached", all, all == 1 ? "" : "s",
                counts[OUTCOME_PASSED], counts[OUTCOME_FAILED], counts[OUTCOME_NEVER_REACHED]);
    fputc('\n', out);
    print_tls(out, tally);
    if (end->command && end->status != 0) {
        char *how = verdict_command(end);
        fprintf(out, "the command %s: %s\n", how, end->command);
        free(how);
    }
}

void verdict_print(FILE *out, struct judge *judge, const struct run_end *end, bool colour)
{
    const struct findings *findings = judge_findings(judge);
    struct page page = lay_out(out, findings, colour);
    for (size_t i = 0; i < findings->expected_count; i++) {
        print_outcome(&page, findings, &findings->expected[i], OUTCOME_FAILED);
        print_outcome(&page, findings, &findings->expected[i], OUTCOME_PASSED);
        print_outcome(&page, findings, &findings->expected[i], OUTCOME_NEVER_REACHED);
    }
    print_missing(out, judge);
    print_summary(out, judge, end);
}
