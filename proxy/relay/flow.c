/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading what an application says, as far as there is room, and sending it down the chain. Endings of the source are found here.
 */
#include "relay/flow.h"

#include <errno.h>
#include <string.h>

#include "relay/hurry.h"
#include "relay/link.h"
#include "relay/worker.h"

/* Bytes in a row, and reads, before the other links of this turn come first. */
#define FLOW_FAIR_BYTES ((size_t)1024 * 1024)
#define FLOW_FAIR_READS 16

/* Less than that at a time is cheaper read than spliced. */
#define FLOW_SMALL ((size_t)16 * 1024)

struct end *flow_source(const struct flow *flow)
{
    return &flow->link->ends[flow->speaker];
}

struct end *flow_sink(const struct flow *flow)
{
    return &flow->link->ends[side_other(flow->speaker)];
}

/* Whether what comes next goes through a pipe, unseen. */
static bool flow_may_splice(const struct flow *flow)
{
    const struct end *source = flow_source(flow);
    enum splicing splicing = flow->link->worker->splicing;

    return (splicing == SPLICING_ALWAYS || (splicing == SPLICING_AUTO && flow->bulk >= FLOW_SPLICED)) && flow->first == NULL
        && flow->early == 0 && source->stream.ops->splice_in != NULL && (source->stream.says & POLLER_URGENT) == 0 && !source->closed_on
        && end_takes_pipes(flow_sink(flow));
}

/* From what came in one go. */
static void flow_learn(struct flow *flow, size_t got)
{
    if (got >= WORKER_SCRATCH) {
        flow->bulk += flow->bulk < FLOW_BULK_MOST;
    } else if (got < FLOW_SMALL) {
        flow->bulk -= flow->bulk > 0;
    }
}

static bool filters_have_room(const struct flow *flow)
{
    return flow->kept < flow->link->worker->buffer_limit;
}

bool flow_has_room(const struct flow *flow)
{
    size_t waits = end_waits(flow_sink(flow));

    return filters_have_room(flow) && (waits == 0 || (waits < FLOW_SINK_HIGH && !flow_may_splice(flow)));
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

/* So many bytes came, at this time. */
static void flow_heard(struct flow *flow, size_t length, uint64_t at)
{
    flow->bytes += length;
    flow->heard_at = at;
    link_tell(flow->link, (struct notice){.kind = NOTICE_RECEIVED, .side = flow->speaker, .at = at, .bytes = length});
}

void flow_hear_early(struct flow *flow, const uint8_t *bytes, size_t length)
{
    struct piece piece = {.bytes = flow->link->worker->scratch, .length = length, .stamp = flow->link->opened_at};

    memcpy(piece.bytes, bytes, length); /* filters may change it */
    flow->early = length;
    flow_heard(flow, length, piece.stamp);
    flow_enter(flow, &piece);
}

/* How many of these bytes were heard early. */
static size_t flow_knows(struct flow *flow, size_t length)
{
    size_t known = flow->early < length ? flow->early : length;

    flow->early -= known;
    return known;
}

static void flow_got(struct flow *flow, uint8_t *bytes, size_t length, bool urgent)
{
    struct piece piece = {.bytes = bytes, .length = length, .flags = urgent ? PIECE_URGENT : 0};

    piece.stamp = timers_now(&flow->link->worker->timers);
    flow_heard(flow, length, piece.stamp);
    if (flow_source(flow)->closed_on) {
        /* As after close(2): the kernel would answer this with RST. What was put in front of it still goes. */
        end_put_ending(flow_source(flow), ENDING_RST);
        return;
    }
    flow_enter(flow, &piece);
}

/* From the pipe on it is the sink's: nobody who hears of it changes a flow. */
static void flow_got_pipe(struct flow *flow, struct pipe *pipe, size_t length)
{
    flow_heard(flow, length, timers_now(&flow->link->worker->timers));
    end_put_pipe(flow_sink(flow), pipe, length);
    flow_learn(flow, length);
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
        hurry_begin(flow_sink(flow));
    }
}

/* The source gave no bytes: a FIN, an error, or nothing at the moment. */
static void flow_got_nothing(struct flow *flow, ssize_t got)
{
    struct end *source = flow_source(flow);

    if (got == 0 && source->error == 0) {
        flow_got_fin(flow);
    } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && source->error == 0) {
        flow->drained = true;
    } else {
        if (source->error == 0) {
            source->error = errno;
        }
        link_source_dead(flow->link, flow->speaker);
    }
}

/* One read. How many bytes came; 0: there is nothing more to be read now. */
static size_t flow_read_bytes(struct flow *flow)
{
    struct end *source = flow_source(flow);
    uint8_t *bytes = flow->link->worker->scratch;
    bool urgent;
    ssize_t got = source->stream.ops->read(&source->stream, bytes, WORKER_SCRATCH, &urgent);
    size_t known;

    if (got <= 0) {
        flow_got_nothing(flow, got);
        return 0;
    }
    flow->drained = source->stream.drained;
    known = flow_knows(flow, (size_t)got);
    if (known < (size_t)got) {
        flow_got(flow, bytes + known, (size_t)got - known, urgent);
    }
    flow_learn(flow, (size_t)got);
    return flow->drained ? 0 : (size_t)got;
}

/* One go by a pipe, likewise. */
static size_t flow_splice_once(struct flow *flow, struct pipe *pipe)
{
    struct end *source = flow_source(flow);
    ssize_t got = source->stream.ops->splice_in(&source->stream, pipe->in, PIPE_BYTES);

    if (got > 0) {
        flow_got_pipe(flow, pipe, (size_t)got);
        return (size_t)got;
    }
    pipes_give(&flow->link->worker->pipes, pipe, true);
    if ((source->stream.says & POLLER_URGENT) == 0) {
        flow_got_nothing(flow, got);
        return 0;
    }
    if (got < 0 && errno != EAGAIN && source->error == 0) {
        source->error = errno; /* the kernel tells it once, and what is behind the urgent byte can still be read */
    }
    return flow_read_bytes(flow);
}

/* As much as comes in one go, either way. */
static size_t flow_read_once(struct flow *flow)
{
    struct pipe *pipe;

    if (!flow_has_room(flow)) {
        flow_is_full(flow);
        return 0;
    }
    pipe = flow_may_splice(flow) ? pipes_take(&flow->link->worker->pipes) : NULL;
    return pipe != NULL ? flow_splice_once(flow, pipe) : flow_read_bytes(flow);
}

static bool flow_may_read(const struct flow *flow)
{
    const struct end *source = flow_source(flow);

    return source->state == END_OPEN && !source->fin_received && source->not_read == 0 && !source->deaf;
}

void flow_read(struct flow *flow)
{
    bool ruled = flow->first != NULL;
    size_t bytes = 0, got;
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
    while (flow_may_read(flow) && (got = flow_read_once(flow)) > 0) {
        bytes += got;
        if (++reads == FLOW_FAIR_READS || bytes >= FLOW_FAIR_BYTES) {
            link_again(flow->link);
            break;
        }
    }
    flow->reading = false;
    if (ruled) {
        link_uncork(flow->link);
    }
}
