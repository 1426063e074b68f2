/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metrics: gathered from worker to worker, and printed at home.
 */
#include "control/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/call.h"
#include "control/control.h"
#include "control/desk.h"
#include "control/door.h"
#include "control/watchers.h"
#include "judge/judge.h"
#include "relay/crew.h"
#include "relay/link.h"
#include "relay/worker.h"
#include "rules/memory.h"

const struct metric_row metric_rows[METRIC_COUNT] = {
#define X(id, row_name, row_type, row_labels, row_help) \
    [METRIC_##id] = {.name = row_name, .type = row_type, .labels = row_labels, .help = row_help},
    METRICS(X)
#undef X
};

const uint64_t metrics_delays[MONITOR_DELAYS - 1] = {10 * NS_PER_US, 100 * NS_PER_US, NS_PER_MS, 10 * NS_PER_MS, 100 * NS_PER_MS, NS_PER_S};

#define STATES (STATE_CLOSING + 1)

/* The sums over all workers. */
struct metrics {
    struct errand errand; /* first */
    struct call *call;
    struct monitor_counts counts;
    uint64_t states[2][STATES];
    uint64_t close_wait[2], oldest[2]; /* ns */
    uint64_t findings[OUTCOMES];
    uint64_t sent_at, lag[CREW_MOST];
    size_t workers;
};

/* ---- gathering, on the workers' threads ---- */

static void add_relay(struct monitor_counts *sum, const struct relay_count *count)
{
    size_t place = 0;

    while (place < sum->relay_count && strcmp(sum->relays[place].name, count->name) != 0) {
        place++;
    }
    if (place == sum->relay_count) {
        sum->relays = xrealloc(sum->relays, (place + 1) * sizeof(*sum->relays));
        sum->relays[sum->relay_count++] = (struct relay_count){.name = xstrdup(count->name)};
    }
    sum->relays[place].opened += count->opened;
    sum->relays[place].closed += count->closed;
    for (int side = 0; side <= 1; side++) {
        sum->relays[place].received[side] += count->received[side];
        sum->relays[place].delivered[side] += count->delivered[side];
    }
}

static void add_words(struct word_counts *sum, const struct word_counts *counts)
{
    for (size_t i = 0; i < counts->count; i++) {
        const struct word_count *count = &counts->list[i];
        size_t place = 0;

        while (place < sum->count
               && (sum->list[place].length != count->length || memcmp(sum->list[place].word, count->word, count->length) != 0)) {
            place++;
        }
        if (place == sum->count) {
            sum->list = xrealloc(sum->list, (place + 1) * sizeof(*sum->list));
            sum->list[sum->count++] = (struct word_count){.word = count->word, .length = count->length};
        }
        sum->list[place].count += count->count;
    }
}

static void add_links(struct metrics *sum, const struct worker *worker)
{
    uint64_t now = timers_now(&worker->timers);

    for (struct link *link = worker->links; link != NULL; link = link->next) {
        for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
            struct end *end = &link->ends[side];

            if (end->state == END_OPEN && end->stream.ops != NULL) {
                sum->states[side][end->stream.ops->state(&end->stream) % STATES]++;
            }
            if (end->fin_acked && !end->fin_received && end->state != END_GONE) {
                uint64_t age = now - end->fin_acked_at;

                sum->close_wait[side]++;
                sum->oldest[side] = age > sum->oldest[side] ? age : sum->oldest[side];
            }
        }
    }
}

static void gather(struct errand *errand, struct station *station)
{
    struct metrics *sum = (struct metrics *)(void *)errand;
    const struct monitor_counts *counts = monitor_counts(station->monitor);
    uint64_t now = clock_monotonic.now(&clock_monotonic);

    sum->lag[sum->workers++] = now - sum->sent_at;
    for (size_t i = 0; i < counts->relay_count; i++) {
        if (counts->relays[i].name != NULL) {
            add_relay(&sum->counts, &counts->relays[i]);
        }
    }
    add_words(&sum->counts.endings, &counts->endings);
    add_words(&sum->counts.actions, &counts->actions);
    for (size_t i = 0; i < MONITOR_DELAYS; i++) {
        sum->counts.delays[i] += counts->delays[i];
    }
    sum->counts.delay_sum += counts->delay_sum;
    sum->counts.delay_count += counts->delay_count;
    sum->counts.firings += counts->firings;
    for (enum outcome outcome = 0; station->judge != NULL && outcome < OUTCOMES; outcome++) {
        sum->findings[outcome] += judge_tally(station->judge)->findings[outcome];
    }
    add_links(sum, station->worker);
    sum->sent_at = clock_monotonic.now(&clock_monotonic);
}

/* ---- printing ---- */

static void begin(FILE *out, enum metric metric)
{
    const struct metric_row *row = &metric_rows[metric];

    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name, row->type);
}

/* A label's value: backslash, quote and line end are escaped. */
static void print_value(FILE *out, const char *value, size_t length)
{
    for (size_t i = 0; i < length && value[i] != '\0'; i++) {
        if (value[i] == '\n') {
            fputs("\\n", out);
        } else {
            fprintf(out, "%s%c", value[i] == '"' || value[i] == '\\' ? "\\" : "", value[i]);
        }
    }
}

static void number(FILE *out, enum metric metric, uint64_t value)
{
    begin(out, metric);
    fprintf(out, "%s %" PRIu64 "\n", metric_rows[metric].name, value);
}

static void labelled(FILE *out, enum metric metric, const char *value, size_t length, uint64_t count)
{
    fprintf(out, "%s{%.*s=\"", metric_rows[metric].name, (int)strcspn(metric_rows[metric].labels, ","), metric_rows[metric].labels);
    print_value(out, value, length);
    fprintf(out, "\"} %" PRIu64 "\n", count);
}

static void print_words(FILE *out, enum metric metric, const struct word_counts *counts)
{
    begin(out, metric);
    for (size_t i = 0; i < counts->count; i++) {
        labelled(out, metric, counts->list[i].word, counts->list[i].length, counts->list[i].count);
    }
}

static void print_bytes(FILE *out, enum metric metric, const struct metrics *sum)
{
    begin(out, metric);
    for (size_t i = 0; i < sum->counts.relay_count; i++) {
        const struct relay_count *relay = &sum->counts.relays[i];

        for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
            fprintf(out, "%s{relay=\"", metric_rows[metric].name);
            print_value(out, relay->name, strlen(relay->name));
            fprintf(out, "\",side=\"%s\"} %" PRIu64 "\n", side_name(side),
                metric == METRIC_RECEIVED ? relay->received[side] : relay->delivered[side]);
        }
    }
}

static void print_relays(FILE *out, const struct metrics *sum)
{
    const struct monitor_counts *counts = &sum->counts;

    begin(out, METRIC_LINKS);
    for (size_t i = 0; i < counts->relay_count; i++) {
        labelled(out, METRIC_LINKS, counts->relays[i].name, strlen(counts->relays[i].name), counts->relays[i].opened);
    }
    begin(out, METRIC_OPEN);
    for (size_t i = 0; i < counts->relay_count; i++) {
        labelled(out, METRIC_OPEN, counts->relays[i].name, strlen(counts->relays[i].name),
            counts->relays[i].opened - counts->relays[i].closed);
    }
    print_words(out, METRIC_ENDED, &counts->endings);
    print_bytes(out, METRIC_RECEIVED, sum);
    print_bytes(out, METRIC_DELIVERED, sum);
}

static void print_ends(FILE *out, const struct metrics *sum)
{
    begin(out, METRIC_STATES);
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        for (unsigned state = STATE_ESTABLISHED; state < STATES; state++) {
            if (sum->states[side][state] > 0) {
                fprintf(out, "%s{side=\"%s\",state=\"%s\"} %" PRIu64 "\n", metric_rows[METRIC_STATES].name, side_name(side),
                    tcp_state_name((enum tcp_state)state), sum->states[side][state]);
            }
        }
    }
    begin(out, METRIC_CLOSE_WAIT);
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        labelled(out, METRIC_CLOSE_WAIT, side_name(side), SIZE_MAX, sum->close_wait[side]);
    }
    begin(out, METRIC_CLOSE_WAIT_AGE);
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        fprintf(out, "%s{side=\"%s\"} %.3f\n", metric_rows[METRIC_CLOSE_WAIT_AGE].name, side_name(side),
            (double)sum->oldest[side] / NS_PER_S);
    }
}

static void print_delays(FILE *out, const struct monitor_counts *counts)
{
    const char *name = metric_rows[METRIC_DELAY].name;
    uint64_t sum = 0;

    begin(out, METRIC_DELAY);
    for (size_t i = 0; i < MONITOR_DELAYS - 1; i++) {
        sum += counts->delays[i];
        fprintf(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, (double)metrics_delays[i] / NS_PER_S, sum);
    }
    fprintf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n%s_count %" PRIu64 "\n", name, counts->delay_count, name,
        (double)counts->delay_sum / NS_PER_S, name, counts->delay_count);
}

/* The bytes of one direction; what comes in on one side goes out on the other. */
static uint64_t toxi_bytes(const struct metrics *sum, enum metric metric, const char *relay, enum side speaker)
{
    for (size_t i = 0; i < sum->counts.relay_count; i++) {
        const struct relay_count *count = &sum->counts.relays[i];

        if (strcmp(count->name, relay) == 0) {
            return metric == METRIC_TOXI_RECEIVED ? count->received[speaker] : count->delivered[side_other(speaker)];
        }
    }
    return 0;
}

static void print_toxi_label(FILE *out, const char *label, const char *value)
{
    fprintf(out, ",%s=\"", label);
    print_value(out, value, strlen(value));
    fputc('"', out);
}

static void print_toxi(FILE *out, enum metric metric, const struct metrics *sum)
{
    const struct part_list *list = &control_desk(sum->errand.control)->list;

    begin(out, metric);
    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; j < 2 * list->parts[i]->relay_count; j++) {
            const struct part_relay *relay = &list->parts[i]->relays[j / 2];
            enum side speaker = j % 2 == 0 ? SIDE_CLIENT : SIDE_SERVER;

            fprintf(out, "%s{direction=\"%s\"", metric_rows[metric].name, speaker == SIDE_CLIENT ? "upstream" : "downstream");
            print_toxi_label(out, "listener", relay->text);
            print_toxi_label(out, "proxy", relay->spec->name);
            print_toxi_label(out, "upstream", relay->spec->server.text);
            fprintf(out, "} %" PRIu64 "\n", toxi_bytes(sum, metric, relay->spec->name, speaker));
        }
    }
}

static void print_rest(FILE *out, const struct metrics *sum)
{
    static const char *const outcomes[OUTCOMES] = {"never_reached", "passed", "failed"};
    const struct part_list *list = &control_desk(sum->errand.control)->list;
    uint64_t relays = 0, rules = 0;

    begin(out, METRIC_FINDINGS);
    for (enum outcome outcome = 0; outcome < OUTCOMES; outcome++) {
        labelled(out, METRIC_FINDINGS, outcomes[outcome], SIZE_MAX, sum->findings[outcome]);
    }
    begin(out, METRIC_LAG);
    for (size_t i = 0; i < sum->workers; i++) {
        fprintf(out, "%s{worker=\"%zu\"} %.6f\n", metric_rows[METRIC_LAG].name, i, (double)sum->lag[i] / NS_PER_S);
    }
    for (size_t i = 0; i < list->count; i++) {
        relays += list->parts[i]->relay_count;
        rules += list->parts[i]->rule_count;
    }
    number(out, METRIC_FIRED, sum->counts.firings);
    number(out, METRIC_RELAYS, relays);
    number(out, METRIC_RULES, rules);
    number(out, METRIC_REQUESTS, door_requests(control_door(sum->errand.control)));
    number(out, METRIC_VISITORS, door_visitors(control_door(sum->errand.control)));
    number(out, METRIC_LISTENERS, watchers_listening(control_watchers(sum->errand.control)));
    number(out, METRIC_EVENTS_LOST, watchers_lost(control_watchers(sum->errand.control)));
}

static void metrics_free(struct metrics *sum)
{
    for (size_t i = 0; i < sum->counts.relay_count; i++) {
        free(sum->counts.relays[i].name);
    }
    free(sum->counts.relays);
    free(sum->counts.endings.list);
    free(sum->counts.actions.list);
    free(sum);
}

static void print(struct errand *errand)
{
    struct metrics *sum = (struct metrics *)(void *)errand;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL) {
        abort();
    }
    print_relays(out, sum);
    print_ends(out, sum);
    print_words(out, METRIC_ACTIONS, &sum->counts.actions);
    print_delays(out, &sum->counts);
    print_rest(out, sum);
    print_toxi(out, METRIC_TOXI_RECEIVED, sum);
    print_toxi(out, METRIC_TOXI_SENT, sum);
    fclose(out);
    call_reply_text(sum->call, 200, "text/plain; version=0.0.4; charset=utf-8", text, length);
    free(text);
    metrics_free(sum);
}

void metrics_handler(struct call *call)
{
    struct metrics *sum = xmalloc(sizeof(*sum));

    *sum = (struct metrics){.errand = {.control = call->control, .work = gather, .home = print}, .call = call,
        .sent_at = clock_monotonic.now(&clock_monotonic)};
    errand_send(&sum->errand);
}
