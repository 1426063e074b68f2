/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A link's life, and what an ending on one side means for the other.
 */
#include "relay/link.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/fast_open.h"
#include "relay/absence.h"
#include "relay/address.h"
#include "relay/attempt.h"
#include "relay/crew.h"
#include "relay/dial.h"
#include "relay/inlet.h"
#include "relay/proxy_header.h"
#include "relay/relay.h"
#include "relay/worker.h"
#include "rules/memory.h"

void link_tell_wanted(struct link *link, struct notice *notice)
{
    notice->link = link;
    notice->relay = link->relay;
    notice->number = link->number;
    notice->client = &link->client;
    if (notice->at == 0) {
        notice->at = timers_now(&link->worker->timers);
    }
    worker_tell(link->worker, notice);
}

static void list_add(struct link **list, struct link *link)
{
    link->previous = NULL;
    link->next = *list;
    if (link->next != NULL) {
        link->next->previous = link;
    }
    *list = link;
}

static void list_remove(struct link **list, struct link *link)
{
    if (link->previous == NULL) {
        *list = link->next;
    } else {
        link->previous->next = link->next;
    }
    if (link->next != NULL) {
        link->next->previous = link->previous;
    }
}

/* Numbered, and counted among the relay's, but nothing on its worker yet. */
static struct link *link_new(struct relay *relay, struct worker *worker, const struct sockaddr *client, socklen_t length)
{
    struct link *link = calloc(1, sizeof(*link));

    if (link == NULL) {
        abort();
    }
    link->worker = worker;
    link->relay = relay;
    link->number = ++relay->last_number;
    link->opened_at = timers_now(&worker->timers);
    for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        link->ends[side].link = link->flows[side].link = link;
        link->ends[side].side = link->flows[side].speaker = (enum side)side;
        link->ends[side].stream.fd = -1;
        link->flows[side].heard_at = link->opened_at;
    }
    memcpy(&link->client, client, length < sizeof(link->client) ? length : sizeof(link->client));
    relay->open_count++;
    relay_begin_work(relay);
    return link;
}

static void link_enlist(struct link *link)
{
    struct worker *worker = link->worker;
    const struct layer_kit *kit = link->relay->kit;

    for (int side = SIDE_CLIENT; kit != NULL && side <= SIDE_SERVER; side++) {
        link->ends[side].layer = kit->make(kit, &link->ends[side]);
    }
    list_add(&worker->links, link);
    if (++worker->link_count >= WORKER_CROWD) {
        worker->crowded = true;
    }
    worker_has_young(worker);
}

/* In front of everything else that the server gets. */
static void link_introduce(struct link *link)
{
    uint8_t bytes[PROXY_HEADER_MOST];
    struct piece header = {.bytes = bytes};

    struct sockaddr_storage own = {0};
    socklen_t length = sizeof(own);

    if (link->attempt != NULL) {
        own = *attempt_local(link->attempt);
    } else if (link->relay->spec->proxy != PROXY_NONE) {
        (void)getsockname(link->ends[SIDE_CLIENT].stream.fd, (struct sockaddr *)&own, &length);
    }
    header.length = proxy_header_write(link->relay->spec->proxy, &own, &link->client, bytes);
    if (header.length > 0) {
        end_put(&link->ends[SIDE_SERVER], &header);
        link->introduction = header.length;
    }
}

static void move_bytes(struct end *end, struct queue *from, size_t bytes)
{
    struct piece front;

    while (bytes > 0 && queue_front(from, bytes, &front)) {
        size_t length = front.length;

        end_put(end, &front);
        queue_consume(from, length);
        bytes -= length;
    }
}

/* Rules begin here. */
static void link_begin(struct link *link)
{
    char client_text[LINK_CLIENT_TEXT];

    link_introduce(link);
    link_cork(link);
    link_client_text(link, client_text, sizeof(client_text));
    link_tell(link, (struct notice){.kind = NOTICE_OPENED, .at = link->opened_at, .text = client_text});
    link_uncork(link);
}

bool link_may_open_fast(const struct link *link)
{
    return link->opens_fast && link->rules == NULL && link->ends[SIDE_CLIENT].layer == NULL && link->ends[SIDE_SERVER].layer == NULL;
}

/* What came in the client's SYN, before the server is dialled. */
static void link_hear_syn(struct link *link)
{
    struct flow *flow = &link->flows[SIDE_CLIENT];
    const uint8_t *data;
    size_t length;

    if (!link_may_open_fast(link)) {
        return;
    }
    if (link->attempt == NULL) {
        flow->drained = false;
        flow_read(flow);
    } else if ((length = attempt_data(link->attempt, &data)) > 0) {
        flow_hear_early(flow, data, length);
    }
}

/* On its own worker: one that was accepted before its server is asked. */
static void link_start(struct link *link, int fd)
{
    link_enlist(link);
    end_open(&link->ends[SIDE_CLIENT], fd, link->client.ss_family, END_OPEN);
    end_start_layer(&link->ends[SIDE_CLIENT]);
    link_begin(link);
    link_hear_syn(link);
    link_go_on(link);
    link_again(link);
}

/* A link on its way from the first worker, which has accepted it, to its own. */
struct hand_over {
    struct message message;
    struct link *link;
    int fd;
};

static void hand_over_run(struct message *message)
{
    struct hand_over *hand_over = (struct hand_over *)((char *)message - offsetof(struct hand_over, message));

    atomic_fetch_sub_explicit(&hand_over->link->worker->crew->arriving, 1, memory_order_relaxed);
    link_start(hand_over->link, hand_over->fd);
    free(hand_over);
}

static void link_hand_over(struct link *link, int fd, struct chooser *chooser)
{
    struct hand_over *hand_over = xmalloc(sizeof(*hand_over));

    if (chooser != NULL) {
        chooser->choose(chooser, link);
    }
    *hand_over = (struct hand_over){.message.run = hand_over_run, .link = link, .fd = fd};
    atomic_fetch_add_explicit(&link->worker->crew->arriving, 1, memory_order_relaxed);
    inbox_post(&link->worker->inbox, &hand_over->message);
}

void link_client_text(const struct link *link, char *text, size_t size)
{
    address_text((const struct sockaddr *)&link->client, sizeof(link->client), text, size);
}

void link_open(struct relay *relay, int fd, const struct sockaddr *client, socklen_t length)
{
    struct worker *first = relay->worker, *worker = first->crew != NULL ? crew_choose(first->crew) : first;
    struct link *link = link_new(relay, worker, client, length);

    link->opens_fast = relay->opens_fast && fast_open_was_asked(fd);
    if (worker == first) {
        link_start(link, fd);
    } else {
        link_hand_over(link, fd, first->chooser);
    }
}

/* On the first worker, where its relay and its attempt are. */
void link_attempt(struct relay *relay, struct attempt *attempt, const struct sockaddr *client, socklen_t length)
{
    struct link *link = link_new(relay, relay->worker, client, length);

    link_enlist(link);
    link->attempt = attempt;
    attempt->link = link;
    link->ends[SIDE_CLIENT].state = END_HELD;
    link->turned_away = relay->refusals > 0;
    link->opens_fast = relay->opens_fast && attempt_opens_fast(attempt);
    link_begin(link);
    if (link->turned_away) {
        link_turn_away(link, ECONNREFUSED, NULL);
    } else if (link->attempt != NULL) {
        link_hear_syn(link);
    }
    link_go_on(link);
    link_again(link);
}

void link_go_on(struct link *link)
{
    struct end *client = &link->ends[SIDE_CLIENT], *server = &link->ends[SIDE_SERVER];

    if (client->state == END_GONE) {
        end_close(server); /* a rule reset the client: nobody is left to dial for */
    } else if (client->state == END_HELD && attempt_is_kept(link->attempt)) {
        return;
    } else if (server->state == END_NONE && link->dial == NULL) {
        dial_start(link);
    } else if (client->state == END_HELD && server->state == END_GONE) {
        attempt_let_in(link->attempt); /* accepted without server */
    }
}

void link_accepted(struct link *link, int fd, int error)
{
    struct end *client = &link->ends[SIDE_CLIENT];

    attempt_accepted(link->attempt, fd);
    end_open(client, fd, link->client.ss_family, END_OPEN);
    client->error = error;
    if (link->grown) {
        end_keep_alive(client);
    }
    end_start_layer(client);
    link_tell(link, (struct notice){.kind = NOTICE_ACCEPTED});
    end_flush(client);
    link_again(link);
}

void link_wants_client(struct link *link)
{
    struct end *client = &link->ends[SIDE_CLIENT];
    struct attempt *attempt = link->attempt;

    if (client->rst_due && client->by == NULL && client->out.bytes == 0 && !client->fin_due && link->refusal != 0 && !attempt->wanted
        && attempt_can_hear(attempt, link->refusal)) {
        link_turn_away(link, link->refusal, NULL); /* the server's own answer, and no rule has put anything in front of it */
    } else {
        attempt_let_in(attempt);
    }
}

void link_turn_away(struct link *link, int error, const struct rule *by)
{
    struct end *client = &link->ends[SIDE_CLIENT];

    if (client->state == END_OPEN && link->attempt == NULL) { /* it got past us: what comes nearest */
        link_reset_side(link, SIDE_CLIENT, by);
        end_close(&link->ends[SIDE_SERVER]);
    }
    if (client->state != END_HELD || link->attempt->state != ATTEMPT_HELD) {
        return;
    }
    attempt_turn_away(link->attempt, error);
    link->attempt = NULL;
    client->by = by;
    end_close(client);
    end_close(&link->ends[SIDE_SERVER]);
    link_tell(link, (struct notice){.kind = NOTICE_TURNED_AWAY, .error = error, .rule = by});
    link_again(link);
}

/* As on a direct connection: one that is only being dialled hears nothing of it. */
void link_gave_up(struct link *link)
{
    struct end *client = &link->ends[SIDE_CLIENT], *server = &link->ends[SIDE_SERVER];

    attempt_forget(link->attempt);
    link->attempt = NULL;
    link->gave_up = true;
    link_cork(link);
    link_tell(link, (struct notice){.kind = NOTICE_GAVE_UP, .side = SIDE_CLIENT});
    end_close(client);
    flow_enter_ending(&link->flows[SIDE_CLIENT], ENDING_RST);
    if (server->state == END_CONNECTING || server->state == END_NONE) {
        end_close(server);
    }
    link_uncork(link);
    link_again(link);
}

/* What waited for the server goes behind what rules put there now: the place of `server accepts` is in front of all that it gets. */
static void link_let_wait(struct link *link, const char *address)
{
    struct end *server = &link->ends[SIDE_SERVER];
    struct queue waiting = server->out;
    size_t introduction = link->introduction > link->in_syn ? link->introduction - link->in_syn : 0;
    bool due[] = {[ENDING_CLOSE_NOTIFY] = server->notify_due, [ENDING_ALERT] = server->alert_due, [ENDING_FIN] = server->fin_due,
        [ENDING_RST] = server->rst_due};

    server->out = (struct queue){0};
    server->notify_due = server->alert_due = server->fin_due = server->rst_due = false;
    queue_consume(&waiting, link->in_syn);
    move_bytes(server, &waiting, introduction);
    end_flush(server); /* in front of a layer's own bytes */
    end_start_layer(server);
    link_cork(link);
    link_tell(link, (struct notice){.kind = NOTICE_CONNECTED, .text = address});
    if (link->in_syn > 0) {
        end_has_taken(server, link->in_syn);
    }
    move_bytes(server, &waiting, waiting.bytes);
    for (enum ending ending = ENDING_CLOSE_NOTIFY; ending <= ENDING_RST; ending++) {
        if (due[ending]) {
            end_put_ending(server, ending);
        }
    }
    link_uncork(link);
}

void link_connected(struct link *link, const char *address)
{
    link->dial = NULL;
    link->ends[SIDE_SERVER].state = END_OPEN;
    inlet_open(&link->ends[SIDE_SERVER]);
    if (link->grown) {
        end_keep_alive(&link->ends[SIDE_SERVER]);
    }
    link_let_wait(link, address);
    if (link->ends[SIDE_CLIENT].state == END_HELD) {
        attempt_let_in(link->attempt);
    }
    link_again(link);
}

/* An RST in the place of a side that cannot send one. Rules may keep or change it, but it is not that side's deed, nor a rule's. */
static void link_answer(struct link *link, enum side gone)
{
    struct end *other = &link->ends[side_other(gone)];

    if (!other->rst_due && !other->closed_on) {
        other->by = NULL;
    }
    link->unspoken = true;
    flow_enter_ending(&link->flows[gone], ENDING_RST);
    link->unspoken = false;
}

void link_refused(struct link *link, int error, const char *address)
{
    struct end *client = &link->ends[SIDE_CLIENT];

    link->dial = NULL;
    if (link->worker == link->relay->worker) {
        absence_begin(link->relay, error);
    }
    link->refusal = error != 0 ? error : EHOSTUNREACH; /* a name without address */
    end_close(&link->ends[SIDE_SERVER]);
    link_cork(link);
    link_tell(link, (struct notice){.kind = NOTICE_REFUSED, .error = error, .text = address});
    if (!client->fin_due && !client->closed_on && (client->state == END_OPEN || client->state == END_HELD)) {
        link_answer(link, SIDE_SERVER);
    }
    link_uncork(link);
    link_again(link);
}

void link_cork(struct link *link)
{
    link->corked++;
}

void link_uncork(struct link *link)
{
    assert(link->corked > 0);
    if (--link->corked > 0) {
        return;
    }
    for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        struct end *end = &link->ends[side];

        if (end_waits(end) > 0 || end->notify_due || end->alert_due || end->fin_due || end->rst_due || end->deaf_due) {
            end_flush(end);
        }
    }
}

void link_ready(struct link *link, enum side side)
{
    link->flows[side].drained = false;
    link_writable(link, side);
}

void link_writable(struct link *link, enum side side)
{
    struct end *end = &link->ends[side];

    if (end->state == END_CONNECTING) {
        dial_ready(link->dial);
        return;
    }
    if (end->state != END_OPEN) {
        return;
    }
    if (end_waits(end) > 0 || end->rst_due || end->layer != NULL) {
        end_flush(end); /* there may be room again for its flow, which is then read later in this turn */
    }
    flow_read(&link->flows[side]);
    end_check_fin(end);
    link_settle(link);
}

void link_is_grown(struct link *link)
{
    link->grown = true;
    end_keep_alive(&link->ends[SIDE_CLIENT]);
    end_keep_alive(&link->ends[SIDE_SERVER]);
}

void link_continue(struct link *link)
{
    end_flush(&link->ends[SIDE_CLIENT]);
    end_flush(&link->ends[SIDE_SERVER]);
    for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        flow_read(&link->flows[side]);
        end_check_fin(&link->ends[side]);
    }
    link_settle(link);
}

void link_again(struct link *link)
{
    if (!link->wants_again && !link->finished) {
        link->wants_again = true;
        link->again_next = link->worker->again;
        link->worker->again = link;
    }
}

void link_said_to_gone(struct link *link, enum side gone)
{
    struct flow *flow = &link->flows[gone];
    const struct end *end = &link->ends[gone];

    if (flow->answered || end->timed_out || link->ends[side_other(gone)].state == END_GONE || (link->no_server && gone == SIDE_SERVER)) {
        return;
    }
    flow->answered = true;
    link_answer(link, gone);
}

/* A direct connection has nobody who asks a closed socket: what it said before its FIN still arrives. */
static bool only_answers_us(struct end *end)
{
    return end->fin_received && end->stream.ops->was_asked != NULL && end->stream.ops->was_asked(&end->stream);
}

void link_source_dead(struct link *link, enum side side)
{
    struct end *end = &link->ends[side];
    struct end *other = &link->ends[side_other(side)];

    if (end->state != END_OPEN) {
        return;
    }
    if (end_was_reset(end) && !only_answers_us(end)) {
        end->rst_received = true;
        link_tell(link, (struct notice){.kind = NOTICE_RST_RECEIVED, .side = side, .error = end->error});
        if (!other->rst_due && !other->closed_on) {
            other->by = NULL;
        }
        if (!end->closed_on) { /* a rule has parted them before: the other side finds out by itself */
            flow_enter_ending(&link->flows[side], ENDING_RST);
        }
    } else if (!end_was_reset(end)) {
        /* A machine that is gone says nothing, so nothing is said for it: the other application has its own keepalive and deadlines. */
        end->timed_out = true;
        link_tell(link, (struct notice){.kind = NOTICE_TIMED_OUT, .side = side, .error = end->error});
        other->deaf_due = true;
    }
    end_close(end);
    link_again(link);
}

static const char *link_ending(const struct link *link)
{
    const struct end *client = &link->ends[SIDE_CLIENT], *server = &link->ends[SIDE_SERVER];

    if (link->gave_up) {
        return "the client gave up";
    }
    if (client->rst_received || server->rst_received) {
        return client->rst_received ? "the client reset it" : "the server reset it";
    }
    if (client->by != NULL || server->by != NULL) {
        return "a rule ended it";
    }
    if ((client->fin_acked && server->fin_acked) || (client->fin_received && server->fin_received)) {
        return "both said goodbye";
    }
    return "the server could not be reached";
}

static void link_finish(struct link *link, const char *why)
{
    struct worker *worker = link->worker;

    if (link->dial != NULL) {
        dial_cancel(link->dial);
        link->dial = NULL;
    }
    end_close(&link->ends[SIDE_CLIENT]);
    end_close(&link->ends[SIDE_SERVER]);
    if (link->attempt != NULL) {
        attempt_forget(link->attempt);
        link->attempt = NULL;
    }
    link_tell(link, (struct notice){.kind = NOTICE_CLOSED, .text = why});
    list_remove(&worker->links, link);
    list_add(&worker->finished, link);
    link->finished = true;
    if (--worker->link_count == 0) {
        timer_cancel(&worker->timers, &worker->adult);
    }
    link->relay->open_count--;
}

void link_settle(struct link *link)
{
    bool over = true;

    if (link->finished) {
        return;
    }
    for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        over = end_is_over(&link->ends[side]) && over;
    }
    if (over) {
        link_finish(link, link_ending(link));
    }
}

void link_close(struct link *link, const char *why)
{
    link_finish(link, why);
}

void link_drop(struct link *link)
{
    link_finish(link, "the run ended");
}

void link_wake(struct link *link, enum side side)
{
    link->flows[side].drained = false;
    link_again(link);
}

void link_free(struct link *link)
{
    struct link **place = &link->worker->again;

    while (link->wants_again && *place != NULL) {
        if (*place == link) {
            *place = link->again_next;
            break;
        }
        place = &(*place)->again_next;
    }
    end_release(&link->ends[SIDE_CLIENT]);
    end_release(&link->ends[SIDE_SERVER]);
    relay_end_work(link->relay);
    free(link->choice);
    free(link);
}

void link_skip_server(struct link *link)
{
    if (link->ends[SIDE_SERVER].state == END_NONE) {
        link->no_server = true;
        end_close(&link->ends[SIDE_SERVER]);
    }
}

void link_close_side(struct link *link, enum side side, const struct rule *by)
{
    struct end *end = &link->ends[side];

    end->by = by;
    if (end->closed_on || end->state == END_GONE) {
        return;
    }
    if (end->state == END_NONE) {
        end_close(end);
        return;
    }
    end->closed_on = true;
    link_tell(link, (struct notice){.kind = NOTICE_CLOSED_ON, .side = side, .rule = by});
}

void link_reset_side(struct link *link, enum side side, const struct rule *by)
{
    link->ends[side].by = by;
    end_reset_now(&link->ends[side]);
}

void link_stop_reading(struct link *link, enum side side, bool stop)
{
    struct end *end = &link->ends[side];

    if (stop) {
        end->not_read++;
    } else if (end->not_read > 0) {
        end->not_read--;
    }
    if (end->not_read == 0) {
        link_again(link);
    }
}

void link_lose_syn(struct link *link, bool lose)
{
    if (link->attempt != NULL) {
        attempt_lose(link->attempt, lose);
    }
}

void link_hold_syn(struct link *link, enum side side, bool hold)
{
    if (link->attempt != NULL) {
        attempt_hold(link->attempt, side == SIDE_SERVER, hold);
    }
}
