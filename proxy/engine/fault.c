/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What faults may call: passing on and keeping, draws, actions on ends, acknowledgements. The faults themselves are in faults/.
 */
#include "engine/fault.h"

#include <stdlib.h>
#include <string.h>

#include "engine/action.h"
#include "engine/cut.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/outlet.h"
#include "kernel/segments.h"
#include "kernel/sockets.h"
#include "relay/relay.h"
#include "relay/squeeze.h"
#include "tls/tls.h"

#define ACK_PAUSE NS_PER_MS
#define ACK_TRIES 100

static struct fault *fault_of(struct filter *filter)
{
    return (struct fault *)((char *)filter - offsetof(struct fault, filter));
}

static struct timers *fault_timers(const struct fault *fault)
{
    return &(fault->link != NULL ? fault->link->worker : fault->relay->worker)->timers;
}

/* The rule's place in the flow that goes to this fault's side. */
static struct gate *gate_towards(const struct fault *fault)
{
    return &fault->instance->gates[side_other(fault->side)];
}

/* ---- as a filter ---- */

static void fault_data(struct filter *filter, const struct piece *piece)
{
    struct fault *fault = fault_of(filter);

    if (fault->done || fault->kind->data == NULL) {
        filter_pass(filter, piece);
    } else {
        fault->kind->data(fault, piece);
    }
}

static void fault_ending(struct filter *filter, enum ending ending)
{
    struct fault *fault = fault_of(filter);

    if (fault->done || fault->kind->ending == NULL) {
        filter_pass_ending(filter, ending);
    } else {
        fault->kind->ending(fault, ending);
    }
}

static const struct filter_ops flow_fault_ops = {.data = fault_data, .ending = fault_ending};

/* A side that is not read: what was read behind the place already. */
static void unread_data(struct filter *filter, const struct piece *piece)
{
    struct fault *fault = fault_of(filter);

    if (fault->done) {
        filter_pass(filter, piece);
    } else {
        fault_keep(fault, piece);
    }
}

static void unread_ending(struct filter *filter, enum ending ending)
{
    struct fault *fault = fault_of(filter);

    if (fault->done || ending == ENDING_RST) {
        filter_pass_ending(filter, ending);
    } else {
        fault_keep_ending(fault, ending);
    }
}

static const struct filter_ops unread_ops = {.data = unread_data, .ending = unread_ending};

static struct end *fault_end(const struct fault *fault)
{
    return &fault->link->ends[fault->side];
}

/* ---- in the inlet ---- */

void fault_pass_segment(struct fault *fault, struct segment *segment)
{
    inlet_pass(&fault->inlet, segment);
}

void fault_double_segment(struct fault *fault, const struct segment *segment)
{
    inlet_double(&fault->inlet, segment);
}

void fault_lose_segment(struct fault *fault, struct segment *segment)
{
    inlet_drop(&fault->inlet, segment);
}

static void fault_segment(struct inlet_hook *hook, struct segment *segment)
{
    struct fault *fault = (struct fault *)((char *)hook - offsetof(struct fault, inlet));
    struct link *link = fault->link;

    if (fault->done) {
        fault_pass_segment(fault, segment);
        return;
    }
    link_cork(link);
    fault->kind->segment(fault, segment);
    link_uncork(link);
    link_again(link);
}

/* ---- life ---- */

static void fault_wake(struct timer *timer)
{
    struct fault *fault = (struct fault *)((char *)timer - offsetof(struct fault, wake));
    struct link *link = fault->link;

    if (link == NULL) {
        fault->kind->timer(fault);
        return;
    }
    link_cork(link);
    fault->kind->timer(fault);
    link_uncork(link);
    link_again(link);
}

struct fault *fault_new(const struct fault_kind *kind, struct action_run *run, enum side side)
{
    struct fault *fault = calloc(1, kind->size > sizeof(*fault) ? kind->size : sizeof(*fault));
    struct instance *instance = run->instance;
    uint64_t key;

    if (fault == NULL) {
        abort();
    }
    key = draw_key_number(draw_key_number(instance->key, run->step->index + 1), (uint64_t)side);
    *fault = (struct fault){.kind = kind, .phrase = &run->step->action.effect, .instance = instance, .run = run, .link = instance->link,
        .side = side, .filter = {.ops = &flow_fault_ops}, .wake = {.fire = fault_wake}, .inlet = {.segment = fault_segment}};
    fault->key = draw_key_number(key, instance->firings);
    return fault;
}

struct fault *fault_new_for_relay(const struct fault_kind *kind, const struct phrase *phrase, struct relay *relay)
{
    struct fault *fault = calloc(1, kind->size > sizeof(*fault) ? kind->size : sizeof(*fault));

    if (fault == NULL) {
        abort();
    }
    *fault = (struct fault){.kind = kind, .phrase = phrase, .relay = relay, .wake = {.fire = fault_wake}};
    return fault;
}

/* What is behind its place goes on. */
static void fault_leave_line(struct fault *fault)
{
    if (fault->in_line != NULL) {
        fault->in_line = NULL;
        end_hold_back(fault_end(fault), false);
    }
}

void fault_free(struct fault *fault)
{
    fault_leave_line(fault);
    timer_cancel(fault_timers(fault), &fault->wake);
    timer_cancel(fault_timers(fault), &fault->ack);
    if (fault->kind->release != NULL) {
        fault->kind->release(fault);
    }
    queue_clear(&fault->kept);
    outlet_leave(fault);
    inlet_leave(&fault->inlet);
    if (fault->filter.flow != NULL) {
        gate_remove(&fault->instance->gates[fault->filter.flow->speaker], &fault->filter);
    }
    free(fault);
}

void fault_happened(struct fault *fault)
{
    if (!fault->happened) {
        fault->happened = true;
        if (fault->run != NULL) {
            action_felt(fault->run);
        }
    }
}

void fault_finish(struct fault *fault)
{
    fault->done = true;
    timer_cancel(fault_timers(fault), &fault->wake);
}

/* It was done within a write of the end's: what comes of that may end the end. */
static void tell_done(struct timer *timer)
{
    struct fault *fault = (struct fault *)((char *)timer - offsetof(struct fault, ack));
    struct link *link = fault->link;

    link_cork(link);
    action_fault_done(fault->run);
    link_uncork(link);
    link_again(link);
}

void fault_done(struct fault *fault)
{
    if (!fault->done && fault->at_outlet) {
        fault_finish(fault);
        fault->ack.fire = tell_done;
        timer_set(fault_timers(fault), &fault->ack, fault_now(fault));
    } else if (!fault->done) {
        fault_finish(fault);
        if (fault->run != NULL) {
            action_fault_done(fault->run);
        }
    }
}

void fault_time_starts(struct fault *fault)
{
    if (fault->run != NULL) {
        action_time_starts(fault->run);
    }
}

uint64_t fault_now(const struct fault *fault)
{
    return timers_now(fault_timers(fault));
}

void fault_wake_at(struct fault *fault, uint64_t at)
{
    timer_set(fault_timers(fault), &fault->wake, at);
}

/* ---- passing and keeping ---- */

void fault_pass(struct fault *fault, const struct piece *piece)
{
    if (fault->at_outlet) {
        outlet_pass(fault, piece);
    } else {
        filter_pass(&fault->filter, piece);
    }
}

void fault_pass_ending(struct fault *fault, enum ending ending)
{
    filter_pass_ending(&fault->filter, ending);
}

void fault_keep(struct fault *fault, const struct piece *piece)
{
    queue_append(&fault->kept, piece);
    filter_keep(&fault->filter, fault->kept.memory);
}

void fault_keep_ending(struct fault *fault, enum ending ending)
{
    fault->endings |= 1u << ending;
}

size_t fault_kept(const struct fault *fault)
{
    return fault->kept.bytes;
}

void fault_let_go(struct fault *fault, size_t bytes)
{
    struct queue going = {0};
    struct piece front;

    queue_move(&fault->kept, &going, bytes < fault->kept.bytes ? bytes : fault->kept.bytes);
    filter_keep(&fault->filter, fault->kept.memory);
    while (queue_front(&going, SIZE_MAX, &front)) {
        size_t length = front.length;

        front.stamp = fault_now(fault);
        filter_pass(&fault->filter, &front);
        queue_consume(&going, length);
    }
}

/* One piece of what was read in several; an urgent byte ends it. Returns its length, 0 if nothing is kept. */
static size_t gather(struct fault *fault, size_t bytes, struct piece *piece)
{
    struct piece front;

    *piece = (struct piece){.bytes = malloc(bytes), .stamp = fault_now(fault)};
    if (piece->bytes == NULL) {
        abort();
    }
    while (piece->length < bytes && (piece->flags & PIECE_URGENT) == 0 && queue_front(&fault->kept, bytes - piece->length, &front)) {
        memcpy(piece->bytes + piece->length, front.bytes, front.length);
        piece->length += front.length;
        piece->flags |= front.flags;
        queue_consume(&fault->kept, front.length);
    }
    return piece->length;
}

void fault_let_go_front(struct fault *fault, size_t bytes, unsigned flags)
{
    struct piece piece;
    size_t length = 1;

    while (bytes > 0 && length > 0) {
        length = gather(fault, bytes, &piece);
        piece.flags |= flags;
        filter_pass(&fault->filter, &piece);
        free(piece.bytes);
        bytes -= length;
    }
    filter_keep(&fault->filter, fault->kept.memory);
}

void fault_let_go_ending(struct fault *fault)
{
    unsigned endings = fault->endings;

    fault->endings = 0;
    for (enum ending ending = ENDING_CLOSE_NOTIFY; ending <= ENDING_RST; ending++) {
        if ((endings & 1u << ending) != 0) {
            filter_pass_ending(&fault->filter, ending);
        }
    }
}

void fault_let_go_all(struct fault *fault)
{
    fault_let_go(fault, fault->kept.bytes);
    fault_let_go_ending(fault);
}

void *fault_shared(struct fault *fault, size_t size)
{
    return common_memory(fault->instance->state->common, fault, size);
}

void fault_shared_lock(struct fault *fault)
{
    pthread_mutex_lock(&fault->instance->state->common->lock);
}

void fault_shared_unlock(struct fault *fault)
{
    pthread_mutex_unlock(&fault->instance->state->common->lock);
}

/* ---- records ---- */

struct tls_records fault_records(const struct fault *fault, size_t *in_front)
{
    const struct gate *gate = &fault->instance->gates[fault->side];
    struct tls_records records = fault->instance->look->view.readers[fault->side].records;

    *in_front = 0;
    if (fault->at_outlet) {
        return fault->instance->look->outlets[fault->side].before;
    }
    for (struct filter *filter = gate->filter.next; filter != NULL && filter != &fault->filter; filter = filter->next) {
        *in_front += filter->ops == &flow_fault_ops || filter->ops == &unread_ops ? fault_of(filter)->kept.bytes : 0;
    }
    tls_records_step_back(&records, gate->held.bytes);
    return records;
}

bool fault_is_plain(const struct fault *fault)
{
    return fault->link->ends[fault->side].layer != NULL || fault->link->ends[side_other(fault->side)].layer != NULL;
}

/* ---- draws ---- */

uint64_t fault_draw(struct fault *fault, const struct range *range)
{
    return draw_range(fault->key, fault->uses++, range, fault->instance == NULL ? 0 : fault->instance->turn);
}

bool fault_draw_byte(const struct fault *fault, uint64_t offset, double share)
{
    return draw_unit(fault->key, offset) < share;
}

uint64_t fault_draw_at(const struct fault *fault, uint64_t offset, uint64_t bound)
{
    return draw_below(draw_key_text(fault->key, "at"), offset, bound);
}

/* ---- actions on ends ---- */

void fault_send(struct fault *fault, const struct piece *piece)
{
    struct gate *gate = gate_towards(fault);

    gate_open(gate);
    filter_pass(gate->tail, piece);
}

/* An ending in its place, and nothing of the flow behind it. */
static void end_in_line(struct fault *fault, enum ending ending, enum cut_kind kind)
{
    struct gate *gate = gate_towards(fault);

    gate_open(gate);
    fault_end(fault)->by = fault->instance->rule;
    filter_pass_ending(gate->tail, ending);
    cut_flow(fault->instance, side_other(fault->side), kind);
}

void fault_send_ending(struct fault *fault, enum ending ending)
{
    if (ending == ENDING_FIN) {
        end_in_line(fault, ending, CUT_DROPS);
        return;
    }
    end_in_line(fault, ending, CUT_IS_OVER);
    cut_flow(fault->instance, fault->side, CUT_SILENCES);
}

bool fault_speaks_tls(const struct fault *fault)
{
    return fault_end(fault)->layer != NULL;
}

bool fault_updates_keys(const struct fault *fault)
{
    return tls_updates_keys(fault_end(fault));
}

void fault_send_message(struct fault *fault, enum ending ending, unsigned alert)
{
    struct gate *gate = gate_towards(fault);

    gate_open(gate);
    if (ending == ENDING_ALERT) {
        fault_end(fault)->by = fault->instance->rule;
        gate->filter.flow->alert = alert;
    }
    filter_pass_ending(gate->tail, ending);
}

void fault_flaw_certificate(struct fault *fault, unsigned kind)
{
    (void)tls_flaw_certificate(fault_end(fault), kind);
}

void fault_refuse_resumption(struct fault *fault)
{
    (void)tls_refuse_resumption(&fault->link->ends[SIDE_CLIENT]);
}

void fault_request_certificate(struct fault *fault)
{
    (void)tls_request_certificate(&fault->link->ends[SIDE_CLIENT]);
}

void fault_close_side(struct fault *fault)
{
    struct end *end = fault_end(fault);
    bool has_socket = end->state == END_OPEN || end->state == END_CONNECTING || end->state == END_HELD; /* or will have one */

    link_close_side(fault->link, fault->side, fault->instance->rule);
    if (has_socket) {
        if (fault_speaks_tls(fault)) {
            fault_send_message(fault, ENDING_CLOSE_NOTIFY, 0);
        }
        end_in_line(fault, ENDING_FIN, CUT_IS_OVER);
    }
    cut_flow(fault->instance, fault->side, CUT_SILENCES);
}

void fault_reset_at_once(struct fault *fault)
{
    link_reset_side(fault->link, fault->side, fault->instance->rule);
    cut_flow(fault->instance, side_other(fault->side), CUT_IS_OVER);
    cut_flow(fault->instance, fault->side, CUT_SILENCES);
}

void fault_stop_reading(struct fault *fault)
{
    fault->filter.ops = &unread_ops;
    gate_add(&fault->instance->gates[fault->side], &fault->filter);
    link_stop_reading(fault->link, fault->side, true);
}

void fault_read_again(struct fault *fault)
{
    fault_let_go_all(fault);
    link_stop_reading(fault->link, fault->side, false);
}

void fault_vanish(struct fault *fault)
{
    end_vanish(fault_end(fault), true);
}

void fault_appear(struct fault *fault)
{
    end_vanish(fault_end(fault), false);
}

void fault_forget(struct fault *fault)
{
    struct end *end = fault_end(fault);

    end->by = fault->instance->rule;
    end_forget(end);
    cut_flow(fault->instance, side_other(fault->side), CUT_IS_OVER);
    cut_flow(fault->instance, fault->side, CUT_SILENCES);
}

void fault_lose(struct fault *fault, struct loss *loss)
{
    end_lose(fault_end(fault), loss);
}

void fault_lose_no_more(struct fault *fault, struct loss *loss)
{
    end_lose_no_more(fault_end(fault), loss);
}

void fault_squeeze(struct fault *fault, struct squeeze *squeeze)
{
    squeeze_join(fault_end(fault), squeeze);
}

void fault_squeeze_no_more(struct fault *fault, struct squeeze *squeeze)
{
    squeeze_leave(fault_end(fault), squeeze);
}

static bool has_socket(const struct end *end)
{
    return end->state == END_OPEN || end->state == END_CONNECTING;
}

bool fault_segments(const struct fault *fault, struct segments *segments)
{
    struct end *end = fault_end(fault);

    return has_socket(end) && end->stream.ops->segments(&end->stream, segments);
}

bool fault_origin(const struct fault *fault, const struct segments *segments, struct sequence *origin)
{
    struct end *end = fault_end(fault);

    if (end->state != END_OPEN || end->stream.ops->sequence(&end->stream, origin) < 0) {
        return false;
    }
    origin->send -= (uint32_t)segments->written;
    origin->receive -= (uint32_t)segments->received;
    return true;
}

void fault_without_server(struct fault *fault)
{
    link_skip_server(fault->link);
}

void fault_refuse(struct fault *fault, int error, bool refuse)
{
    if (fault->relay != NULL) {
        relay_refuse(fault->relay, refuse);
    } else if (refuse) {
        link_turn_away(fault->link, error, fault->instance->rule);
    }
}

void fault_lose_syn(struct fault *fault, bool lose)
{
    if (fault->relay != NULL) {
        relay_lose_syns(fault->relay, lose);
    } else {
        link_lose_syn(fault->link, lose);
    }
}

void fault_hold_syn(struct fault *fault, bool hold)
{
    link_hold_syn(fault->link, fault->side, hold);
}

/* ---- acknowledgement ---- */

static void fault_ask_ack(struct timer *timer)
{
    struct fault *fault = (struct fault *)((char *)timer - offsetof(struct fault, ack));

    if (fault->link->corked > 0 || !end_is_acknowledged(fault_end(fault))) {
        timer_set(fault_timers(fault), timer, fault_now(fault) + ACK_PAUSE);
        return;
    }
    fault_happened(fault);
    fault_done(fault);
}

void fault_settle(struct fault *fault)
{
    if (timer_is_set(&fault->ack) && fault_end(fault)->state == END_GONE) {
        fault_happened(fault);
    }
}

/* Its number must be that of the next byte: so when all that is in front of it is there, or, where nobody reads it, after a while. */
static void fault_act_in_line(struct timer *timer)
{
    struct fault *fault = (struct fault *)((char *)timer - offsetof(struct fault, ack));
    struct end *end = fault_end(fault);

    if (fault->link->corked > 0 || (!end_has_what_was_before(end) && fault->tries++ < ACK_TRIES)) {
        timer_set(fault_timers(fault), timer, fault_now(fault) + ACK_PAUSE);
        return;
    }
    if (end->state == END_OPEN && fault->in_line(end)) {
        fault_happened(fault);
    }
    fault_leave_line(fault);
    fault_done(fault);
}

static void fault_in_line(struct fault *fault, bool (*act)(struct end *end))
{
    fault->in_line = act;
    end_hold_back(fault_end(fault), true);
    fault->ack.fire = fault_act_in_line;
    timer_set(fault_timers(fault), &fault->ack, fault_now(fault));
}

static bool forge_rst(struct end *end)
{
    return end->stream.ops->forge(&end->stream, 0) == 0;
}

void fault_forge_rst(struct fault *fault)
{
    fault_in_line(fault, forge_rst);
}

/* Found first: it may be on another machine. */
static bool destroy(struct end *end)
{
    struct socket_pair pair;
    struct socket_seen seen;
    struct sockets *sockets = sockets_open();
    bool destroyed = sockets != NULL && socket_pair_facing(end->stream.fd, &pair) && sockets_find(sockets, &pair, false, &seen) == 1
                     && sockets_destroy(sockets, &pair) == 0;

    sockets_close(sockets);
    return destroyed;
}

void fault_destroy(struct fault *fault)
{
    fault_in_line(fault, destroy);
}

void fault_unreachable(struct fault *fault, int error)
{
    struct end *end = fault_end(fault);

    if (end->state == END_OPEN) {
        (void)end->stream.ops->forge(&end->stream, error);
    }
}

void fault_done_when_acknowledged(struct fault *fault)
{
    fault->ack.fire = fault_ask_ack;
    timer_set(fault_timers(fault), &fault->ack, fault_now(fault));
    fault_settle(fault);
}
