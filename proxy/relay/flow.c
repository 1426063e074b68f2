/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading what an application says, as far as there is room, and sending it down the chain. Endings of the source are found here.
 */
#include "relay/flow.h"

#include <errno.h>

#include "relay/link.h"
#include "relay/worker.h"

/* Reads in a row before the other links of this turn come first. */
#define FLOW_FAIR_READS 16

struct end *flow_source(const struct flow *flow)
{
    return &flow->link->ends[flow->speaker];
}

struct end *flow_sink(const struct flow *flow)
{
    return &flow->link->ends[side_other(flow->speaker)];
}

static bool filters_have_room(const struct flow *flow)
{
    return flow->kept < flow->link->worker->buffer_limit;
}

bool flow_has_room(const struct flow *flow)
{
    return filters_have_room(flow) && flow_sink(flow)->out.bytes < FLOW_SINK_HIGH;
}

void flow_room_made(struct flow *flow)
{
    if (flow->starved && flow_has_room(flow)) {
        flow->starved = false;
        link_again(flow->link);
    }
}

void flow_enter(struct flow *flow, const struct piece *piece)
{
    if (flow->first != NULL) {
        flow->first->ops->data(flow->first, piece);
    } else {
        end_put(flow_sink(flow), piece);
    }
}

void flow_enter_ending(struct flow *flow, enum ending ending)
{
    if (flow->first != NULL) {
        flow->first->ops->ending(flow->first, ending);
    } else {
        end_put_ending(flow_sink(flow), ending);
    }
}

static void flow_got(struct flow *flow, size_t length, bool urgent)
{
    struct link *link = flow->link;
    struct piece piece = {.bytes = link->worker->scratch, .length = length, .flags = urgent ? PIECE_URGENT : 0};

    piece.stamp = timers_now(&link->worker->timers);
    flow->bytes += length;
    flow->heard_at = piece.stamp;
    link_tell(link, (struct notice){.kind = NOTICE_RECEIVED, .side = flow->speaker, .at = piece.stamp, .bytes = length});
    if (flow_source(flow)->closed_on) {
        /* As after close(2): the kernel would answer this with RST. What was put in front of it still goes. */
        end_put_ending(flow_source(flow), ENDING_RST);
        return;
    }
    flow_enter(flow, &piece);
}

/* What may follow a FIN: an RST, or, of a Unix socket, the close. */
static void flow_look_behind_fin(struct flow *flow)
{
    struct end *source = flow_source(flow);

    if (end_check_error(source)) {
        link_source_dead(flow->link, flow->speaker);
    } else if (source->state == END_OPEN && !source->hung_up && source->fin_received && source->stream.ops->hung_up(&source->stream)) {
        source->hung_up = true;
        flow_sink(flow)->close_due = true;
        link_again(flow->link);
    }
}

static void flow_got_fin(struct flow *flow)
{
    struct end *source = flow_source(flow);

    source->fin_received = true;
    link_tell(flow->link, (struct notice){.kind = NOTICE_FIN_RECEIVED, .side = flow->speaker});
    if (source->layer == NULL && flow_sink(flow)->layer != NULL) {
        flow_enter_ending(flow, ENDING_CLOSE_NOTIFY); /* in plain text a FIN is the whole goodbye */
    }
    flow_enter_ending(flow, ENDING_FIN);
    flow_look_behind_fin(flow); /* what came right behind it has no readiness of its own */
}

/* A buffer that fills up for rules' sake changes what the speaker sees: say so, once. */
static void flow_is_full(struct flow *flow)
{
    struct end *source = flow_source(flow);

    flow->starved = true;
    if (!filters_have_room(flow) && !flow->full_told) {
        flow->full_told = true;
        link_tell(flow->link, (struct notice){.kind = NOTICE_BUFFER_FULL, .side = flow->speaker, .bytes = flow->kept});
    }
    if (end_check_error(source) && end_was_reset(source) && filters_have_room(flow)) {
        /* The speaker is gone and the listener does not read: a direct connection would not wait for it. */
        end_hurry(flow_sink(flow));
    }
}

/* One read. False: there is nothing more to be read now. */
static bool flow_read_once(struct flow *flow)
{
    struct end *source = flow_source(flow);
    bool urgent;
    ssize_t got;

    if (!flow_has_room(flow)) {
        flow_is_full(flow);
        return false;
    }
    got = source->stream.ops->read(&source->stream, flow->link->worker->scratch, WORKER_SCRATCH, &urgent);
    if (got > 0) {
        flow->drained = source->stream.drained;
        flow_got(flow, (size_t)got, urgent);
        return !flow->drained;
    }
    if (got == 0 && source->error == 0) {
        flow_got_fin(flow);
        return false;
    }
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && source->error == 0) {
        flow->drained = true;
        return false;
    }
    if (source->error == 0) {
        source->error = errno;
    }
    link_source_dead(flow->link, flow->speaker);
    return false;
}

static bool flow_may_read(const struct flow *flow)
{
    const struct end *source = flow_source(flow);

    return source->state == END_OPEN && !source->fin_received && source->not_read == 0 && !source->deaf;
}

void flow_read(struct flow *flow)
{
    bool ruled = flow->first != NULL;
    int reads = 0;

    if (flow->reading || (flow->drained && flow_source(flow)->error == 0)) {
        return;
    }
    if (!flow_may_read(flow)) {
        if (flow_source(flow)->state == END_OPEN) {
            flow_look_behind_fin(flow);
        }
        return;
    }
    flow->reading = true;
    if (ruled) {
        link_cork(flow->link);
    }
    while (flow_may_read(flow) && flow_read_once(flow)) {
        if (++reads == FLOW_FAIR_READS) {
            link_again(flow->link);
            break;
        }
    }
    flow->reading = false;
    if (ruled) {
        link_uncork(flow->link);
    }
}
