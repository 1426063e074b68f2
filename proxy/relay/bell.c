/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A count that is looked at by a timer, and SYNs made up from what the kernel tells of their senders.
 */
#include "relay/bell.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/loss.h"
#include "relay/address.h"
#include "relay/attempt.h"
#include "relay/callers.h"
#include "relay/relay.h"
#include "relay/worker.h"
#include "rules/memory.h"

/* Between two looks at the count: while clients come, and when none has come for a while. */
#define LOOK_OFTEN NS_PER_MS
#define LOOK_SELDOM (5 * NS_PER_MS)
#define A_WHILE NS_PER_S

/* Until those are asked for again for whom there was no room, or of whom the kernel did not say. */
#define OWED_AFTER (100 * NS_PER_MS)

/* A TCP header without options (RFC 9293, 3.1). */
#define TCP_HEADER 20
#define DATA_OFFSET 12
#define FLAGS 13
#define FLAG_SYN 0x02

struct bell {
    struct relay *relay;
    struct timer timer; /* the next look, while it hangs */
    bool hangs;
    uint32_t dropped; /* segments, at the last look */
    uint64_t rang_at, owed_at; /* ns; owed_at: TIME_NEVER if nothing is */
};

static uint64_t now_of(const struct bell *bell)
{
    return timers_now(&bell->relay->worker->timers);
}

static void set_timer(struct bell *bell)
{
    uint64_t now = now_of(bell), pause = now - bell->rang_at < A_WHILE ? LOOK_OFTEN : LOOK_SELDOM;

    timer_set(&bell->relay->worker->timers, &bell->timer, now + pause);
}

static void look(struct timer *timer)
{
    struct bell *bell = (struct bell *)((char *)timer - offsetof(struct bell, timer));
    uint32_t dropped = loss_count(bell->relay->fd);
    uint64_t now = now_of(bell);

    if (dropped != bell->dropped) {
        bell->rang_at = now;
    }
    if (dropped != bell->dropped || bell->owed_at <= now) {
        bell->dropped = dropped;
        bell->owed_at = TIME_NEVER;
        callers_ask(bell->relay->worker->callers);
    }
    set_timer(bell);
}

/* Whoever was dropped before, when a rule lost all SYNs, say, is asked for when his next one comes. */
void bell_hang(struct bell *bell)
{
    if (!bell->hangs) {
        bell->hangs = true;
        bell->dropped = loss_count(bell->relay->fd);
        set_timer(bell);
    }
}

void bell_take_down(struct bell *bell)
{
    bell->hangs = false;
    timer_cancel(&bell->relay->worker->timers, &bell->timer);
}

/* ---- who it was ---- */

/* His SYN, as far as anybody can tell: there is one for each socket. */
static void make_up(const struct socket_seen *caller, struct syn *syn)
{
    uint32_t sequence = htonl((uint32_t)caller->inode);
    uint16_t ports[2] = {htons(socket_port(&caller->pair.local)), htons(socket_port(&caller->pair.remote))};

    syn->client = caller->pair.local;
    syn->local = caller->pair.remote;
    syn->traffic_class = 0;
    syn->length = TCP_HEADER;
    memset(syn->tcp, 0, TCP_HEADER);
    memcpy(syn->tcp, ports, sizeof(ports));
    memcpy(syn->tcp + sizeof(ports), &sequence, sizeof(sequence));
    syn->tcp[DATA_OFFSET] = TCP_HEADER / 4 << 4;
    syn->tcp[FLAGS] = FLAG_SYN;
}

static bool calls(const struct socket_seen *caller, const struct relay *relay)
{
    return socket_port(&caller->pair.remote) == socket_port(&relay->address)
           && address_covers_host(&relay->address, &caller->pair.remote);
}

void bell_answer(struct bell *bell, const struct socket_list *callers)
{
    struct syn *syn = xmalloc(offsetof(struct syn, tcp) + TCP_HEADER);
    bool all = callers != NULL;

    for (size_t i = 0; callers != NULL && i < callers->count && bell->hangs; i++) {
        if (calls(&callers->list[i], bell->relay)) {
            make_up(&callers->list[i], syn);
            all = attempts_hear(bell->relay->attempts, NULL, syn) && all;
        }
    }
    if (!all) {
        bell->owed_at = now_of(bell) + OWED_AFTER;
    }
    free(syn);
}

/* ---- the whole ---- */

struct bell *bell_new(struct relay *relay)
{
    struct bell *bell = xmalloc(sizeof(*bell));

    *bell = (struct bell){.relay = relay, .timer = {.fire = look}, .owed_at = TIME_NEVER};
    return bell;
}

void bell_free(struct bell *bell)
{
    if (bell != NULL) {
        timer_cancel(&bell->relay->worker->timers, &bell->timer);
        free(bell);
    }
}
