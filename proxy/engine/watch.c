/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Watches: what each event of the language needs to be noticed (bytes, endings, silence), for one instance.
 */
#include "engine/watch.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "engine/instance.h"

static struct timers *watch_timers(const struct watch *watch)
{
    return &watch->instance->link->worker->timers;
}

bool watch_concerns(const struct watch *watch, enum side speaker)
{
    return watch->subject == SIDES_BOTH || (watch->subject == SIDES_CLIENT) == (speaker == SIDE_CLIENT);
}

static bool is_in_bytes(const struct watch *watch)
{
    return watch->purpose == WATCH_SILENCE || watch->deed == DEED_SENDS_BYTES || watch->deed == DEED_SENDS_TEXT
        || watch->deed == DEED_ABOUT_TO_SEND;
}

static bool is_in_tls(const struct watch *watch)
{
    return watch->purpose != WATCH_SILENCE && watch->deed >= DEED_SENDS_MESSAGE && watch->deed <= DEED_ABORTS;
}

bool watch_looks(const struct watch *watch, enum side speaker)
{
    return is_in_tls(watch) && watch_concerns(watch, speaker);
}

bool watch_reads(const struct watch *watch, enum side speaker)
{
    return is_in_bytes(watch) && watch_concerns(watch, speaker);
}

bool watch_holds_back(const struct watch *watch)
{
    return (watch->deed == DEED_ABOUT_TO_SEND || watch->deed == DEED_ABOUT_MESSAGE || watch->deed == DEED_ABOUT_ALERT
               || watch->deed == DEED_ABOUT_RECORD)
        && watch->purpose != WATCH_DEED;
}

static bool is_in_flow(const struct watch *watch)
{
    return is_in_bytes(watch) || is_in_tls(watch) || watch->deed == DEED_SENDS_FIN || watch->deed == DEED_CLOSES
        || watch->deed == DEED_RESETS || watch->deed == DEED_SILENT;
}

/* The deed's first value; every deed that has one has it first. */
static const struct value *watch_value(const struct watch *watch)
{
    return &watch->phrase->values[0];
}

static uint64_t watch_draw(struct watch *watch)
{
    struct instance *instance = watch->instance;
    uint64_t key = draw_key_text(draw_key_number(instance->key, watch->step == NULL ? 0 : watch->step->index + 1), "watch");

    return draw_range(key, watch->draws++, &watch_value(watch)->range, instance->turn);
}

static void watch_init_detectors(struct watch *watch)
{
    if (watch->purpose == WATCH_SILENCE) {
        return;
    }
    if (watch->deed == DEED_SENDS_BYTES) {
        uint64_t amount = watch_draw(watch);

        detector_init_amount(&watch->detectors[SIDE_CLIENT], amount);
        detector_init_amount(&watch->detectors[SIDE_SERVER], amount);
    } else if (is_in_bytes(watch)) {
        detector_init_text(&watch->detectors[SIDE_CLIENT], &watch_value(watch)->text);
        detector_init_text(&watch->detectors[SIDE_SERVER], &watch_value(watch)->text);
    }
}

/* Since when it is silent: one side, both (the last byte of the two), or either (whichever has been silent longer). */
static uint64_t last_heard(const struct watch *watch)
{
    uint64_t client = watch->instance->gates[SIDE_CLIENT].heard_at, server = watch->instance->gates[SIDE_SERVER].heard_at;
    uint64_t earlier = client < server ? client : server, later = client < server ? server : client;

    if (watch->subject != SIDES_BOTH) {
        return watch->subject == SIDES_CLIENT ? client : server;
    }
    return watch->phrase->row->table == ROW_EVENT ? later : earlier;
}

static void watch_silence_over(struct timer *timer)
{
    struct watch *watch = (struct watch *)((char *)timer - offsetof(struct watch, silence));
    struct link *link = watch->instance->link;
    uint64_t due = last_heard(watch) + watch->silent_for;

    if (due > timers_now(watch_timers(watch))) { /* something was said meanwhile */
        timer_set(watch_timers(watch), timer, due);
        return;
    }
    watch->silence_counts = false;
    link_cork(link);
    instance_hit(watch->instance, watch);
    link_uncork(link);
    link_again(link);
}

static void watch_count_silence(struct watch *watch)
{
    watch->silence_counts = true;
    watch->silent_for = watch_draw(watch);
    timer_set(watch_timers(watch), &watch->silence, last_heard(watch) + watch->silent_for);
}

struct watch *watch_new(struct instance *instance, enum watch_purpose purpose, enum sides subject, const struct phrase *phrase,
    const struct step *step)
{
    struct watch *watch = calloc(1, sizeof(*watch));

    if (watch == NULL) {
        abort();
    }
    *watch = (struct watch){.next = instance->watches, .instance = instance, .purpose = purpose, .subject = subject, .phrase = phrase,
        .step = step, .deed = purpose == WATCH_SILENCE ? DEED_SENDS_BYTES : (enum deed)phrase->row->id,
        .silence = {.fire = watch_silence_over}};
    instance->watches = watch;
    watch_init_detectors(watch);
    for (int speaker = SIDE_CLIENT; speaker <= SIDE_SERVER; speaker++) {
        if (is_in_flow(watch) && watch_concerns(watch, (enum side)speaker)) {
            gate_open(&instance->gates[speaker]);
        }
    }
    if (watch->deed == DEED_SILENT) {
        watch_count_silence(watch);
    }
    return watch;
}

void watch_free(struct watch *watch)
{
    struct watch **place = &watch->instance->watches;

    while (*place != watch) {
        place = &(*place)->next;
    }
    *place = watch->next;
    timer_cancel(watch_timers(watch), &watch->silence);
    detector_release(&watch->detectors[SIDE_CLIENT]);
    detector_release(&watch->detectors[SIDE_SERVER]);
    free(watch);
}

bool watch_find(struct watch *watch, enum side speaker, const uint8_t *bytes, size_t length, struct hit *hit)
{
    if (watch->purpose == WATCH_SILENCE) {
        *hit = (struct hit){0};
        return length > 0;
    }
    return detector_find(&watch->detectors[speaker], bytes, length, hit);
}

void watch_take(struct watch *watch, enum side speaker, const uint8_t *bytes, size_t length)
{
    if (watch->purpose != WATCH_SILENCE) {
        detector_take(&watch->detectors[speaker], bytes, length);
    }
}

bool watch_is_missed(const struct watch *watch, enum side speaker)
{
    return watch->purpose == WATCH_DEED && (is_in_bytes(watch) || is_in_tls(watch)) && watch_concerns(watch, speaker)
        && !watch->instance->link->unspoken;
}

bool watch_is_abort(const struct watch *watch, enum side speaker)
{
    return watch->deed == DEED_ABORTS && watch_is_missed(watch, speaker) && look_is_abort(watch->instance->look, speaker);
}

uint64_t watch_position(const struct watch *watch, enum side speaker)
{
    return is_in_tls(watch) ? watch->instance->look->view.readers[speaker].records.position : watch->detectors[speaker].position;
}

uint64_t watch_undecided(const struct watch *watch, enum side speaker)
{
    uint64_t decided =
        is_in_tls(watch) ? watch->instance->look->view.readers[speaker].decided : detector_decided(&watch->detectors[speaker]);

    return watch_position(watch, speaker) - decided;
}

static bool aborts(const struct watch *watch, enum side speaker)
{
    const struct look *look = watch->instance->look;

    return watch->deed == DEED_ABORTS && watch->purpose != WATCH_DEED && look_is_abort(look, speaker)
        && !look->view.readers[speaker].aborted;
}

/* FIN and RST are told to the judge by themselves; TLS's endings as all of TLS. */
static bool may_see_ending(const struct watch *watch, enum side speaker)
{
    return !watch->ended[speaker] && !watch->instance->link->unspoken && (watch->purpose != WATCH_DEED || is_in_tls(watch))
        && watch->purpose != WATCH_SILENCE && watch_concerns(watch, speaker);
}

static bool is_alert_of(const struct watch *watch, enum side speaker)
{
    const struct value *wanted = watch_value(watch);

    return !wanted->present || wanted->code == watch->instance->link->flows[speaker].alert;
}

bool watch_is_ending(const struct watch *watch, enum side speaker, enum ending ending)
{
    if (!may_see_ending(watch, speaker)) {
        return false;
    }
    switch (ending) {
    case ENDING_CLOSE_NOTIFY: return watch->deed == DEED_ABOUT_NOTIFY;
    case ENDING_ALERT: return watch->deed == DEED_ABOUT_ALERT && is_alert_of(watch, speaker);
    case ENDING_FIN: return watch->deed == DEED_CLOSES || watch->deed == DEED_SENDS_FIN || aborts(watch, speaker);
    case ENDING_RST: return watch->deed == DEED_CLOSES || watch->deed == DEED_RESETS || aborts(watch, speaker);
    }
    return false;
}

bool watch_is_behind_ending(const struct watch *watch, enum side speaker, enum ending ending)
{
    if (!may_see_ending(watch, speaker)) {
        return false;
    }
    switch (ending) {
    case ENDING_CLOSE_NOTIFY: return watch->deed == DEED_SENDS_NOTIFY;
    case ENDING_ALERT: return watch->deed == DEED_SENDS_ALERT && is_alert_of(watch, speaker);
    case ENDING_FIN:
    case ENDING_RST: break;
    }
    return false;
}

void watch_restart(struct watch *watch, enum side speaker)
{
    if (watch->deed == DEED_SENDS_BYTES && watch->purpose != WATCH_SILENCE) {
        watch->detectors[speaker].amount = watch_draw(watch);
    }
    detector_restart(&watch->detectors[speaker]);
}

void watch_heard(struct watch *watch, enum side speaker)
{
    if (watch->deed == DEED_SILENT && watch_concerns(watch, speaker) && !watch->silence_counts) {
        watch_count_silence(watch);
    }
}
