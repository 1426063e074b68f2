/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The place of a rule in a flow: finds the very byte at which a watch is hit, lets the rule act there, and goes on behind it.
 */
#include "engine/gate.h"

#include <stdio.h>

#include "engine/engine.h"
#include "engine/instance.h"

static struct gate *gate_of(struct filter *filter)
{
    return (struct gate *)((char *)filter - offsetof(struct gate, filter));
}

/* ---- its place in the chain ---- */

static void gate_data(struct filter *filter, const struct piece *piece);
static void gate_ending(struct filter *filter, enum ending ending);

static const struct filter_ops gate_ops = {.data = gate_data, .ending = gate_ending};

void gate_init(struct gate *gate, struct instance *instance, enum side speaker)
{
    *gate = (struct gate){.filter = {.ops = &gate_ops}, .instance = instance, .speaker = speaker, .heard_at = instance->link->opened_at};
    gate->tail = &gate->filter;
}

void gate_release(struct gate *gate)
{
    queue_clear(&gate->held);
    filter_remove(&gate->filter);
}

/* The filter that it stands behind, NULL at the front. */
static struct filter *gate_before(const struct gate *gate)
{
    struct filter *behind = NULL;

    for (const struct instance *other = gate->instance->among->first; other != gate->instance; other = other->next) {
        if (other->gates[gate->speaker].filter.flow != NULL) {
            behind = other->gates[gate->speaker].tail;
        }
    }
    return behind;
}

void gate_open(struct gate *gate)
{
    struct flow *flow = &gate->instance->link->flows[gate->speaker];

    if (gate->filter.flow != NULL) {
        return;
    }
    filter_insert(&gate->filter, flow, gate->instance->among->filling ? flow->last : gate_before(gate));
    gate->heard_at = gate->filter.flow->heard_at;
    gate->tail = &gate->filter;
}

void gate_add(struct gate *gate, struct filter *filter)
{
    gate_open(gate);
    filter_insert(filter, gate->filter.flow, gate->tail);
    gate->tail = filter;
}

void gate_remove(struct gate *gate, struct filter *filter)
{
    if (gate->tail == filter) {
        gate->tail = filter->previous;
    }
    filter_remove(filter);
}

static bool gate_is_needed(const struct gate *gate)
{
    for (const struct watch *watch = gate->instance->watches; watch != NULL; watch = watch->next) {
        if (watch_concerns(watch, gate->speaker)) {
            return true;
        }
    }
    return gate->tail != &gate->filter || gate->held.bytes > 0 || instance_looks(gate->instance);
}

void gate_tidy(struct gate *gate)
{
    if (gate->filter.flow != NULL && !gate_is_needed(gate)) {
        filter_remove(&gate->filter);
    }
}

/* ---- what it keeps back ---- */

static void gate_release_bytes(struct gate *gate, size_t bytes)
{
    struct queue going = {0};
    struct piece front;

    queue_move(&gate->held, &going, bytes < gate->held.bytes ? bytes : gate->held.bytes);
    filter_keep(&gate->filter, gate->held.memory);
    while (queue_front(&going, SIZE_MAX, &front)) {
        size_t length = front.length;

        filter_pass(&gate->filter, &front);
        queue_consume(&going, length);
    }
}

/* How many of the last bytes may still begin a match. */
static size_t gate_undecided(const struct gate *gate)
{
    uint64_t most = 0;

    for (const struct watch *watch = gate->instance->watches; watch != NULL; watch = watch->next) {
        if (watch_holds_back(watch) && (watch_reads(watch, gate->speaker) || watch_looks(watch, gate->speaker))) {
            uint64_t undecided = watch_undecided(watch, gate->speaker);

            most = undecided > most ? undecided : most;
        }
    }
    return (size_t)most;
}

void gate_let_go(struct gate *gate)
{
    size_t undecided = gate_undecided(gate);

    if (gate->held.bytes > undecided) {
        gate_release_bytes(gate, gate->held.bytes - undecided);
    }
}

/* ---- what it looks for ---- */

/* Finds the first byte of these at which a watch is hit, and marks all that are hit there. Returns how many bytes are in front of the
 * place; all of them if none is. */
static size_t gate_find(struct gate *gate, const uint8_t *bytes, size_t length)
{
    size_t behind = look_reach(gate->instance->look, gate->speaker, length);

    length = behind;
    for (struct watch *watch = gate->instance->watches; watch != NULL; watch = watch->next) {
        watch->due = watch_reads(watch, gate->speaker) && watch_find(watch, gate->speaker, bytes, length, &watch->hit);
        if (watch->due && watch->hit.behind < behind) {
            behind = watch->hit.behind;
        }
    }
    for (struct watch *watch = gate->instance->watches; watch != NULL; watch = watch->next) {
        watch->due = watch->due && watch->hit.behind == behind;
    }
    return behind;
}

/* Of those marked: first what acts in front of the match, then the one that was armed last. */
static struct watch *gate_next_due(const struct gate *gate)
{
    struct watch *next = NULL;

    for (struct watch *watch = gate->instance->watches; watch != NULL; watch = watch->next) {
        if (watch->due && (next == NULL || (watch_holds_back(watch) && !watch_holds_back(next)))) {
            next = watch;
        }
    }
    return next;
}

static bool gate_take(struct gate *gate, const uint8_t *bytes, size_t length)
{
    bool holds_back = false;

    for (struct watch *watch = gate->instance->watches; watch != NULL; watch = watch->next) {
        if (watch_reads(watch, gate->speaker)) {
            watch_take(watch, gate->speaker, bytes, length);
        }
        holds_back = holds_back || (watch_concerns(watch, gate->speaker) && watch_holds_back(watch));
    }
    if (gate->instance->look != NULL) {
        look_take(gate->instance->look, gate->speaker, bytes, length);
    }
    return holds_back;
}

static void tell_missed(const struct watch *watch, const char *why)
{
    instance_tell_deed(watch->instance, NOTICE_DEED_MISSED, watch->step, why);
}

/* What the bytes taken last mean to those that look into TLS; the first of it may be that the rule is for this link. */
static void gate_look(struct gate *gate)
{
    struct instance *instance = gate->instance;
    const struct look *look = instance->look;

    if (look == NULL) {
        return;
    }
    instance_decide(instance, false);
    for (struct watch *watch = instance->watches; watch != NULL; watch = watch->next) {
        watch->due = watch->due || look_is_hit(look, watch, gate->speaker);
        if (watch->purpose == WATCH_DEED && look_is_hidden(look, watch, gate->speaker)) {
            instance_tell_deed(instance, NOTICE_DEED_HIDDEN, watch->step, NULL);
        }
        if (watch->purpose == WATCH_DEED && look_is_over(look, watch, gate->speaker)) {
            tell_missed(watch, look_not_aborted(look, gate->speaker));
        }
    }
}

static struct piece piece_part(const struct piece *piece, size_t from, size_t length)
{
    struct piece part = *piece;

    part.bytes += from;
    part.length = length;
    if (from + length < piece->length) {
        part.flags &= ~(unsigned)PIECE_URGENT;
    }
    return part;
}

static void gate_forward(struct gate *gate, const struct piece *part, bool hold)
{
    if (hold || gate->held.bytes > 0) {
        queue_append(&gate->held, part);
        filter_keep(&gate->filter, gate->held.memory);
    } else {
        filter_pass(&gate->filter, part);
    }
}

/* The place: in front of the match, or behind the last byte that came. */
static void gate_go_to_place(struct gate *gate, const struct watch *watch)
{
    size_t behind = 0;

    if (watch_holds_back(watch)) {
        behind = (size_t)(watch_position(watch, gate->speaker) - watch->hit.start);
    }
    if (gate->held.bytes > behind) {
        gate_release_bytes(gate, gate->held.bytes - behind);
    }
}

static void gate_hit_due(struct gate *gate)
{
    struct watch *watch;

    while ((watch = gate_next_due(gate)) != NULL) {
        watch->due = false;
        gate_go_to_place(gate, watch);
        watch_restart(watch, gate->speaker);
        instance_free_over(gate->instance); /* a thousand firings in one read must not pile up in the chain */
        instance_hit(gate->instance, watch);
    }
}

static void gate_data(struct filter *filter, const struct piece *piece)
{
    struct gate *gate = gate_of(filter);
    size_t done = 0;

    gate->heard_at = piece->stamp;
    for (struct watch *watch = gate->instance->watches; watch != NULL; watch = watch->next) {
        watch_heard(watch, gate->speaker);
    }
    while (done < piece->length) {
        size_t behind = gate_find(gate, piece->bytes + done, piece->length - done);
        bool holds_back = gate_take(gate, piece->bytes + done, behind);
        struct piece part = piece_part(piece, done, behind);

        if (part.length > 0) {
            gate_forward(gate, &part, holds_back);
        }
        done += part.length;
        gate_look(gate);
        gate_hit_due(gate);
    }
    gate_let_go(gate);
}

/* To the expectations whose deed an ending is, or makes impossible. */
static void gate_tell_ending(struct gate *gate, enum ending ending)
{
    for (struct watch *watch = gate->instance->watches; watch != NULL; watch = watch->next) {
        if (watch_is_abort(watch, gate->speaker)) {
            snprintf(watch->how, sizeof(watch->how), "by its %s", ending == ENDING_FIN ? "FIN" : "RST");
            instance_hit(gate->instance, watch);
        } else if (watch_is_missed(watch, gate->speaker)) {
            tell_missed(watch, watch->deed == DEED_ABORTS ? look_not_aborted(gate->instance->look, gate->speaker) : NULL);
        }
    }
}

/* A hit may free any watch: so each is looked for anew. */
static void gate_hit_ending(struct gate *gate, enum ending ending, bool (*is)(const struct watch *, enum side, enum ending))
{
    struct watch *watch;

    do {
        for (watch = gate->instance->watches; watch != NULL && !is(watch, gate->speaker, ending); watch = watch->next) {
        }
        if (watch != NULL) {
            watch->ended[gate->speaker] = true;
            instance_hit(gate->instance, watch);
        }
    } while (watch != NULL);
}

static void gate_ending(struct filter *filter, enum ending ending)
{
    struct gate *gate = gate_of(filter);

    gate_release_bytes(gate, gate->held.bytes);
    instance_decide(gate->instance, gate->speaker == SIDE_CLIENT);
    if (ending == ENDING_FIN || ending == ENDING_RST) { /* behind the others no bytes come, but these do */
        gate_tell_ending(gate, ending);
    }
    gate_hit_ending(gate, ending, watch_is_ending);
    filter_pass_ending(filter, ending);
    if (ending == ENDING_CLOSE_NOTIFY || ending == ENDING_ALERT) {
        gate_hit_ending(gate, ending, watch_is_behind_ending);
    }
}
