/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One socket of ours: writes what waits, then the FIN, then the RST, and latches what its socket reports. Most of what a relay can get
 * wrong about TCP it would get wrong here.
 */
#include "relay/end.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "kernel/pipes.h"
#include "relay/attempt.h"
#include "relay/hurry.h"
#include "relay/inlet.h"
#include "relay/link.h"
#include "relay/relay.h"
#include "relay/socket.h"
#include "relay/squeeze.h"
#include "relay/worker.h"

static void end_tell(struct end *end, enum notice_kind kind, uint64_t bytes, int error)
{
    link_tell(end->link, (struct notice){.kind = kind, .side = end->side, .bytes = bytes, .error = error, .rule = end->by});
}

static void end_polled(struct polled *polled, unsigned says)
{
    struct end *end = (struct end *)((char *)polled - offsetof(struct end, polled));

    end->stream.says = says;
    if ((says & POLLER_READ) != 0) {
        link_ready(end->link, end->side);
    } else {
        link_writable(end->link, end->side);
    }
}

/* Whether it is allowed was asked when the rules were loaded. */
static void end_apply_losses(struct end *end)
{
    if (end->state == END_OPEN || end->state == END_CONNECTING) {
        (void)end->stream.ops->lose(&end->stream, end->losses);
    }
    if (end->link->grown) {
        end_keep_alive(end);
    }
}

void end_lose(struct end *end, struct loss *loss)
{
    struct loss **place = &end->losses;

    while (*place != NULL && *place != loss) {
        place = &(*place)->next;
    }
    if (*place == NULL) {
        loss->next = NULL;
        *place = loss;
    }
    end_apply_losses(end);
}

void end_lose_no_more(struct end *end, struct loss *loss)
{
    struct loss **place = &end->losses;

    while (*place != NULL && *place != loss) {
        place = &(*place)->next;
    }
    if (*place != NULL) {
        *place = loss->next;
        end_apply_losses(end);
    }
}

static bool notify_waits(const struct end *end)
{
    return end->notify_due && !end->notify_sent;
}

static bool ending_waits(const struct end *end)
{
    return (end->fin_due && !end->fin_sent) || notify_waits(end);
}

void end_hold_back(struct end *end, bool hold)
{
    if (hold && end->held_back++ == 0) {
        end->out_before = end->out.bytes;
        end->ending_before = ending_waits(end);
    } else if (!hold && end->held_back > 0 && --end->held_back == 0) {
        link_again(end->link);
    }
}

void end_vanish(struct end *end, bool vanish)
{
    if (vanish && end->vanished++ == 0) {
        end_hold_back(end, true);
        end_lose(end, &end->silence);
        link_stop_reading(end->link, end->side, true); /* a Unix socket has no segments to lose: it fills up */
    } else if (!vanish && end->vanished > 0 && --end->vanished == 0) {
        if (!end->deaf) {
            end_lose_no_more(end, &end->silence);
        }
        link_stop_reading(end->link, end->side, false);
        end_hold_back(end, false);
    }
}

void end_forget(struct end *end)
{
    end->forgotten = true;
    if (end->state == END_GONE || end->state == END_NONE) {
        end_close(end);
        return;
    }
    end->rst_due = true;
    if (end->link->corked == 0) {
        end_flush(end);
    }
}

void end_open(struct end *end, int fd, int family, enum end_state state)
{
    struct worker *worker = end->link->worker;

    end->state = state;
    end->stream = (struct stream){
        .ops = &socket_ops, .fd = fd, .tcp = family != AF_UNIX, .ipv6 = family == AF_INET6, .worker = worker,
        .late_acks = family != AF_UNIX && end->link->relay->spec->late_acks};
    if (end->stream.late_acks) {
        socket_acknowledge_late(&end->stream);
    }
    end->link->flows[end->side].drained = true; /* as far as is known: the poller looks at once */
    end->polled.ready = end_polled;
    if (poller_add(worker->poller, fd, &end->polled) < 0) {
        abort();
    }
    if (end->losses != NULL) {
        end_apply_losses(end);
    }
    squeeze_apply(end);
    inlet_open(end);
}

void end_keep_alive(struct end *end)
{
    if (end->state == END_OPEN && end->losses == NULL) {
        socket_keep_alive(&end->stream);
    }
}

void end_start_layer(struct end *end)
{
    if (end->layer != NULL && end->state == END_OPEN) {
        end->layer->ops->start(end->layer);
    }
}

bool end_check_error(struct end *end)
{
    if (end->error == 0 && end->state == END_OPEN) {
        end->error = end->stream.ops->take_error(&end->stream);
    }
    return end->error != 0;
}

bool end_was_reset(const struct end *end)
{
    return end->error == ECONNRESET || end->error == EPIPE || end->error == ENOTCONN || end->error == ECONNABORTED;
}

bool end_is_acknowledged(struct end *end)
{
    if (end->state == END_GONE) {
        return true;
    }
    if (end->state != END_OPEN || end_waits(end) > 0 || end->rst_due || (end->fin_due && !end->fin_acked)
        || notify_waits(end) || (end->alert_due && !end->alert_sent)) {
        return false;
    }
    return end->fin_acked || end->stream.ops->unacked(&end->stream) == 0;
}

bool end_has_what_was_before(struct end *end)
{
    if (end->state != END_OPEN) {
        return end->state == END_GONE;
    }
    if (end->piped + end->out_before > 0 || (end->ending_before && ending_waits(end)) || (end->fin_sent && !end->fin_acked)) {
        return false;
    }
    return end->fin_acked || end->stream.ops->unacked(&end->stream) == 0;
}

bool end_is_over(const struct end *end)
{
    return end->state == END_GONE || (end->fin_received && end->fin_acked);
}

static bool out_is_closed(const struct end *end)
{
    return end->alert_due || end->fin_due || end->fin_sent || end->rst_due;
}

size_t end_waits(const struct end *end)
{
    return end->piped + end->out.bytes;
}

/* The socket took so many bytes; or it did not take them all, and errno says why. */
static void end_wrote(struct end *end, size_t done, bool all)
{
    if (!all && errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS && end->error == 0) {
        end->error = errno; /* its own flow finds it when it has read what is left */
        link_again(end->link);
    }
    if (done > 0) {
        end->delivered += done;
        end_tell(end, NOTICE_DELIVERED, done, 0);
    }
}

void end_has_taken(struct end *end, size_t bytes)
{
    end_wrote(end, bytes, true);
}

/* As much of the piece as the socket takes now. */
static size_t end_write(struct end *end, const struct piece *piece)
{
    size_t done = 0;

    while (done < piece->length) {
        size_t length = piece->length - done;
        unsigned flags = piece->flags;
        ssize_t put;

        if ((flags & PIECE_URGENT) != 0 && length > 1) {
            length--; /* only the last byte is urgent, and it must be the last one of its call */
            flags &= ~(unsigned)PIECE_URGENT;
        }
        put = end->stream.ops->write(&end->stream, piece->bytes + done, length, flags);
        if (put < 0) {
            break;
        }
        done += (size_t)put;
    }
    end_wrote(end, done, done == piece->length);
    return done;
}

static void end_drop_pipe(struct end *end)
{
    if (end->pipe != NULL) {
        pipes_give(&end->link->worker->pipes, end->pipe, end->piped == 0);
        end->pipe = NULL;
        end->piped = 0;
    }
}

/* True: nothing is left in it. */
static bool end_write_pipe(struct end *end)
{
    size_t done = 0, waits = end->piped;

    while (done < waits) {
        ssize_t put = end->stream.ops->splice_out(&end->stream, end->pipe->out, waits - done);

        if (put < 0) {
            break;
        }
        done += (size_t)put;
    }
    end->piped -= done;
    if (end->piped == 0) {
        end_drop_pipe(end);
    }
    if (waits > 0) {
        end_wrote(end, done, done == waits);
    }
    return done == waits;
}

bool end_takes_pipes(const struct end *end)
{
    return end->state == END_OPEN && end->error == 0 && !out_is_closed(end) && end->link->corked == 0 && end->held_back == 0
        && end->stream.ops->splice_out != NULL;
}

void end_put_pipe(struct end *end, struct pipe *pipe, size_t bytes)
{
    assert(end->pipe == NULL && end->out.bytes == 0);
    end->pipe = pipe;
    end->piped = bytes;
    end_write_pipe(end);
}

void end_put(struct end *end, const struct piece *piece)
{
    struct piece rest = *piece;

    if (end->state == END_GONE) {
        link_said_to_gone(end->link, end->side);
        return;
    }
    if (out_is_closed(end)) {
        return;
    }
    if (end->state == END_OPEN && end_waits(end) == 0 && end->link->corked == 0 && !notify_waits(end) && end->held_back == 0) {
        size_t done = end_write(end, piece);

        rest.bytes += done;
        rest.length -= done;
    }
    rest.stamp = 0;
    queue_append(&end->out, &rest);
}

static void end_note_ending(struct end *end, enum ending ending)
{
    bool closed = out_is_closed(end);

    switch (ending) {
    case ENDING_CLOSE_NOTIFY:
        if (!closed && !end->notify_due) {
            end->notify_due = true;
            end->notify_behind = end->delivered + end->out.bytes;
        }
        break;
    case ENDING_ALERT:
        end->alert_due = end->alert_due || !closed;
        break;
    case ENDING_FIN:
        end->fin_due = end->fin_due || !closed || end->alert_due;
        break;
    case ENDING_RST:
        end->rst_due = true;
        break;
    }
}

void end_put_ending(struct end *end, enum ending ending)
{
    if (end->state == END_GONE) {
        if (ending != ENDING_RST) {
            link_said_to_gone(end->link, end->side);
        }
        return;
    }
    end_note_ending(end, ending);
    if (end->link->corked == 0) {
        end_flush(end);
    }
}

/* The flow that ends here. */
static struct flow *end_flow(const struct end *end)
{
    return &end->link->flows[side_other(end->side)];
}

/* False: it has to wait for the handshake. In plain text its meaning is a FIN's. */
static bool end_send_notify(struct end *end)
{
    if (end->layer == NULL) {
        end->fin_due = true;
    } else if (!end->layer->ops->send_close_notify(end->layer) && !end->closed_on && !end->rst_due) {
        return false;
    }
    end->notify_sent = true;
    return true;
}

/* How much of `out` may go now: what is in front of a close_notify, and of the cut of a path. */
static size_t out_to_write(const struct end *end)
{
    size_t most = notify_waits(end) ? (size_t)(end->notify_behind - end->delivered) : SIZE_MAX;

    return end->held_back > 0 && end->out_before < most ? end->out_before : most;
}

static bool end_write_out(struct end *end)
{
    struct piece front;
    bool all = end_write_pipe(end);

    while (all) {
        size_t most = out_to_write(end);

        if (notify_waits(end) && end->notify_behind == end->delivered && (end->held_back == 0 || end->ending_before)) {
            all = end_send_notify(end);
        } else if (queue_front(&end->out, most, &front)) {
            size_t length = front.length, done = end_write(end, &front);

            queue_consume(&end->out, done);
            end->out_before -= end->held_back > 0 ? done : 0;
            all = done == length;
        } else {
            break;
        }
    }
    flow_room_made(end_flow(end));
    return all;
}

static void end_send_fin(struct end *end)
{
    end->fin_sent = true;
    end->stream.ops->send_fin(&end->stream);
    end_tell(end, NOTICE_FIN_SENT, 0, 0);
    end_check_fin(end);
}

/* An alert is how TLS aborts; plain TCP's way is the RST. */
static void end_send_alert(struct end *end)
{
    end->alert_sent = true;
    if (end->layer == NULL) {
        end->rst_due = true;
    } else {
        end->layer->ops->send_alert(end->layer, end_flow(end)->alert);
    }
}

/* A direct server needs a moment between accepting and resetting, in which connect() returns. A layer would go on meanwhile. */
static bool rst_must_wait(const struct end *end)
{
    return end->side == SIDE_CLIENT && end->layer == NULL && end->link->attempt != NULL && attempt_is_fresh(end->link->attempt);
}

void end_flush(struct end *end)
{
    if (end->state != END_OPEN) {
        if (end->state == END_HELD && (end->out.bytes > 0 || out_is_closed(end))) {
            link_wants_client(end->link);
        }
        return;
    }
    if (end->layer != NULL) {
        end->layer->ops->advance(end->layer);
    }
    if (end->error == 0 && !end_write_out(end)) {
        if (end->rst_due) {
            hurry_begin(end);
        }
        return;
    }
    if (end->held_back > 0 && !end->ending_before) {
        return;
    }
    if (end->layer != NULL && end->by == NULL && end->error == 0 && end->layer->ops->is_behind(end->layer)) {
        return;
    }
    if (end->alert_due && !end->alert_sent && end->error == 0) {
        end_send_alert(end);
    }
    if (end->fin_due && !end->fin_sent && end->error == 0) {
        end->ending_before = false;
        end_send_fin(end);
    }
    if (end->state != END_OPEN || end->held_back > 0) { /* a rule that heard of it ended it */
        return;
    }
    if (end->rst_due) {
        /* A linger of 0 throws away what the kernel has not sent; what is on the wire arrives. */
        if (rst_must_wait(end)) {
            return;
        }
        if (end->error != 0 || end->stream.ops->unsent(&end->stream) == 0) {
            end_reset_now(end);
        } else {
            hurry_begin(end);
        }
    } else if (end->close_due && end->fin_sent && !end->stream.tcp) {
        end_close(end);
        end_close(&end->link->ends[side_other(end->side)]); /* nothing reaches it any more */
        link_again(end->link);
    } else if (end->deaf_due && !end->deaf) {
        end->deaf = true;
        end_lose(end, &end->silence);
    }
}

void end_check_fin(struct end *end)
{
    enum tcp_state state;

    if (!end->fin_sent || end->fin_acked || end->state != END_OPEN) {
        return;
    }
    state = end->stream.ops->state(&end->stream);
    if (end->stream.tcp ? state == STATE_FIN_WAIT2 || state == STATE_TIME_WAIT || state == STATE_CLOSE : true) {
        end->fin_acked = true;
        end->fin_acked_at = timers_now(&end->link->worker->timers);
        end_tell(end, NOTICE_FIN_ACKED, 0, 0);
    }
}

static void end_gone(struct end *end, bool reset)
{
    hurry_end(end);
    inlet_shut(end);
    end->stream.ops->close(&end->stream, reset);
    end->state = END_GONE;
    end_drop_pipe(end);
    queue_clear(&end->out);
    flow_room_made(end_flow(end));
}

void end_discard(struct end *end)
{
    end->stream.ops->close(&end->stream, false);
    end->state = END_NONE;
}

void end_reset_now(struct end *end)
{
    uint64_t lost = end_waits(end);

    if (end->state == END_OPEN && end->forgotten && end->stream.ops->forget(&end->stream) == 0) {
        end_close(end);
    } else if (end->state == END_OPEN && rst_must_wait(end)) {
        queue_clear(&end->out);
        end->rst_due = true;
    } else if (end->state == END_OPEN) {
        lost += end->stream.ops->unsent(&end->stream);
        end_gone(end, true);
        end_tell(end, NOTICE_RST_SENT, lost, 0);
    } else if (end->state == END_HELD) { /* as soon as there is a socket */
        queue_clear(&end->out);
        end->rst_due = true;
        link_wants_client(end->link);
    } else if (end->state == END_CONNECTING || end->state == END_NONE) {
        end_close(end);
    }
    link_again(end->link);
}

void end_close(struct end *end)
{
    if (end->state == END_OPEN || end->state == END_CONNECTING) {
        end_gone(end, false);
        end_tell(end, NOTICE_GONE, 0, 0);
    }
    end->state = END_GONE;
    queue_clear(&end->out);
}

void end_release(struct end *end)
{
    if (end->state == END_OPEN || end->state == END_CONNECTING) {
        end_gone(end, false);
    }
    hurry_end(end);
    queue_clear(&end->out);
    if (end->layer != NULL) {
        end->layer->ops->free(end->layer);
    }
}
