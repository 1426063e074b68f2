/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counting, poking, and keeping events.
 */
#include "control/monitor.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "control/metrics.h"
#include "engine/draw.h"
#include "relay/link.h"
#include "relay/relay.h"
#include "rules/memory.h"

#define KEPT_MOST ((size_t)2 << 20) /* bytes of events */

struct kept {
    char *bytes; /* entries: a struct entry_head, and its line */
    size_t length, capacity;
};

struct entry_head {
    uint64_t relay, link;
    size_t length;
};

struct monitor {
    struct observer observer;
    struct monitor_counts counts;
    struct seen_links seen;
    uint64_t start;
    struct inbox *inbox; /* NULL: nobody listens yet */
    struct message *poke;
    atomic_bool poked;
    _Atomic uint64_t wanted; /* kinds of notices, a bit each */
    atomic_bool wants_events;

    pthread_mutex_t lock; /* of what follows */
    struct kept kept;
    uint64_t lost;
};

_Static_assert(NOTICE_KINDS <= 64, "a kind of notice is a bit");

/* ---- counts ---- */

static size_t find_place(struct monitor_counts *counts, const char *name)
{
    size_t free_place = counts->relay_count;

    for (size_t i = 0; i < counts->relay_count; i++) {
        if (counts->relays[i].name == NULL) {
            free_place = i;
        } else if (strcmp(counts->relays[i].name, name) == 0) {
            return i;
        }
    }
    if (free_place == counts->relay_count) {
        counts->relays = xrealloc(counts->relays, ++counts->relay_count * sizeof(*counts->relays));
    }
    counts->relays[free_place] = (struct relay_count){.name = xstrdup(name)};
    return free_place;
}

/* Found by its index: this is asked for each read and write. */
static struct relay_count *count_of(struct monitor_counts *counts, const struct relay *relay)
{
    if (relay->index >= counts->place_count) {
        size_t count = 2 * (size_t)relay->index + 8;

        counts->places = xrealloc(counts->places, count * sizeof(*counts->places));
        memset(counts->places + counts->place_count, 0, (count - counts->place_count) * sizeof(*counts->places));
        counts->place_count = count;
    }
    if (counts->places[relay->index] == 0) {
        counts->places[relay->index] = find_place(counts, relay->spec->name) + 1;
    }
    return &counts->relays[counts->places[relay->index] - 1];
}

/* A relay that is gone for good is no longer told of. */
static void forget(struct monitor_counts *counts, const struct relay *relay)
{
    struct relay_count *gone = count_of(counts, relay);

    counts->places[relay->index] = 0;
    free(gone->name);
    *gone = (struct relay_count){.name = NULL};
}

static void count_word(struct word_counts *counts, const char *word, size_t length)
{
    for (size_t i = 0; i < counts->count; i++) {
        if (counts->list[i].length == length && memcmp(counts->list[i].word, word, length) == 0) {
            counts->list[i].count++;
            return;
        }
    }
    counts->list = xrealloc(counts->list, (counts->count + 1) * sizeof(*counts->list));
    counts->list[counts->count++] = (struct word_count){.word = word, .length = length, .count = 1};
}

/* How long the last bytes took from one socket to the other. Where rules are at work, that is their doing. */
static void count_delay(struct monitor_counts *counts, const struct notice *notice)
{
    uint64_t delay;
    size_t class = 0;

    if (notice->link == NULL || notice->link->rules != NULL) {
        return;
    }
    delay = notice->at - notice->link->flows[side_other(notice->side)].heard_at;
    while (class < MONITOR_DELAYS - 1 && delay > metrics_delays[class]) {
        class++;
    }
    counts->delays[class]++;
    counts->delay_sum += delay;
    counts->delay_count++;
}

static void count(struct monitor *monitor, const struct notice *notice)
{
    struct monitor_counts *counts = &monitor->counts;

    if (notice->kind == NOTICE_RECEIVED) {
        count_of(counts, notice->relay)->received[notice->side] += notice->bytes;
    } else if (notice->kind == NOTICE_DELIVERED) {
        count_of(counts, notice->relay)->delivered[notice->side] += notice->bytes;
        count_delay(counts, notice);
    } else if (notice->kind == NOTICE_OPENED) {
        count_of(counts, notice->relay)->opened++;
    } else if (notice->kind == NOTICE_CLOSED) {
        count_of(counts, notice->relay)->closed++;
        count_word(&counts->endings, notice->text, strlen(notice->text));
        seen_forget(&monitor->seen, notice->link);
    } else if (notice->kind == NOTICE_STATE && notice->link != NULL) {
        seen_note(&monitor->seen, notice->link, notice->side, notice->sighting);
    } else if (notice->kind == NOTICE_RULE_FIRED) {
        counts->firings++;
    } else if (notice->kind == NOTICE_ACTION_STARTED) {
        const char *syntax = notice->step->action.effect.row->syntax;

        count_word(&counts->actions, syntax, strcspn(syntax, " "));
    } else if (notice->kind == NOTICE_RELAY_CLOSED && !notice->relay->replaced) {
        forget(counts, notice->relay);
    }
}

const struct monitor_counts *monitor_counts(const struct monitor *monitor)
{
    return &monitor->counts;
}

const struct seen_links *monitor_seen(const struct monitor *monitor)
{
    return &monitor->seen;
}

/* ---- events ---- */

uint64_t monitor_relay(const char *name)
{
    return draw_key_text(0, name);
}

static void keep(struct monitor *monitor, const struct notice *notice)
{
    struct record record = record_of_notice(notice, monitor->start);
    struct entry_head head = {.relay = notice->relay != NULL ? monitor_relay(notice->relay->spec->name) : 0, .link = notice->number};
    struct kept *kept = &monitor->kept;

    pthread_mutex_lock(&monitor->lock);
    if (kept->length + sizeof(head) + RECORD_LINE > KEPT_MOST) {
        monitor->lost++;
    } else {
        if (kept->length + sizeof(head) + RECORD_LINE > kept->capacity) {
            kept->capacity = kept->capacity * 2 + sizeof(head) + RECORD_LINE;
            kept->bytes = xrealloc(kept->bytes, kept->capacity);
        }
        head.length = record_line(&record, kept->bytes + kept->length + sizeof(head)) - 1; /* without its end */
        memcpy(kept->bytes + kept->length, &head, sizeof(head));
        kept->length += sizeof(head) + head.length;
    }
    pthread_mutex_unlock(&monitor->lock);
}

uint64_t monitor_take(struct monitor *monitor, void (*tell)(struct watchers *watchers, const struct monitor_event *event),
    struct watchers *watchers)
{
    struct kept kept;
    uint64_t lost;

    pthread_mutex_lock(&monitor->lock);
    kept = monitor->kept;
    lost = monitor->lost;
    monitor->kept = (struct kept){.bytes = NULL};
    monitor->lost = 0;
    pthread_mutex_unlock(&monitor->lock);
    for (size_t at = 0; at < kept.length;) {
        struct entry_head head;

        memcpy(&head, kept.bytes + at, sizeof(head));
        at += sizeof(head);
        tell(watchers, &(struct monitor_event){.relay = head.relay, .link = head.link, .line = kept.bytes + at, .length = head.length});
        at += head.length;
    }
    free(kept.bytes);
    return lost;
}

/* ---- pokes ---- */

void monitor_poked(struct monitor *monitor)
{
    atomic_store(&monitor->poked, false);
}

void monitor_want(struct monitor *monitor, uint64_t kinds, bool events)
{
    atomic_store(&monitor->wanted, kinds);
    atomic_store(&monitor->wants_events, events);
}

static void tell(struct observer *observer, const struct notice *notice)
{
    struct monitor *monitor = (struct monitor *)(void *)observer;
    bool events = atomic_load_explicit(&monitor->wants_events, memory_order_relaxed);
    uint64_t wanted = atomic_load_explicit(&monitor->wanted, memory_order_relaxed);

    count(monitor, notice);
    if (events) {
        keep(monitor, notice);
    }
    if ((events || (wanted >> notice->kind & 1) != 0) && monitor->inbox != NULL && !atomic_exchange(&monitor->poked, true)) {
        inbox_post(monitor->inbox, monitor->poke);
    }
}

void monitor_report_to(struct monitor *monitor, struct inbox *inbox, struct message *poke)
{
    monitor->inbox = inbox;
    monitor->poke = poke;
}

/* ---- the whole ---- */

struct monitor *monitor_new(uint64_t start)
{
    struct monitor *monitor = xmalloc(sizeof(*monitor));

    *monitor = (struct monitor){.observer.tell = tell, .start = start};
    pthread_mutex_init(&monitor->lock, NULL);
    return monitor;
}

void monitor_free(struct monitor *monitor)
{
    if (monitor == NULL) {
        return;
    }
    for (size_t i = 0; i < monitor->counts.relay_count; i++) {
        free(monitor->counts.relays[i].name);
    }
    free(monitor->counts.relays);
    free(monitor->counts.places);
    seen_release(&monitor->seen);
    free(monitor->counts.endings.list);
    free(monitor->counts.actions.list);
    free(monitor->kept.bytes);
    pthread_mutex_destroy(&monitor->lock);
    free(monitor);
}

struct observer *monitor_observer(struct monitor *monitor)
{
    return &monitor->observer;
}
