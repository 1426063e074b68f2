/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attempts in a hash table by client; each is let in, turned away, or found to have given up.
 */
#include "relay/attempt.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "kernel/sockets.h"
#include "relay/address.h"
#include "relay/link.h"
#include "relay/meeting.h"
#include "relay/relay.h"
#include "relay/worker.h"

#define BUCKETS_LEAST 64

/* A client of this machine is looked at after this time, and then less and less often. */
#define LOOK_FIRST (5 * NS_PER_MS)
#define LOOK_LAST (100 * NS_PER_MS)

/* A SYN is repeated after a second, and later after twice the pause before (RFC 6298); who lets so much more pass has given up. */
#define REPEATED_AFTER NS_PER_S
#define LATE_BY (2 * NS_PER_S)

/* Whoever has been connected returns from connect() within this time, and so much later for each other that wants his processor. */
#define FRESH (10 * NS_PER_MS)
#define TURN (3 * NS_PER_MS)

/* Our kernel repeats its answer for about a minute. */
#define ANSWER_PATIENCE (70 * NS_PER_S)

/* An error that arrives while connect() still holds the socket is not heard: it is said once more. */
#define SAY_AGAIN (2 * NS_PER_MS)
#define REMEMBERED (3 * NS_PER_S)

struct attempts {
    struct relay *relay;
    struct attempt **buckets;
    size_t bucket_count, count;
    size_t let_in; /* so many are ATTEMPT_LET_IN */
    struct sockets *sockets; /* to look for clients; NULL: none was to be had, and the silence of those who are held has to do */
};

static struct timers *attempts_timers(const struct attempts *attempts)
{
    return &attempts->relay->worker->timers;
}

static uint64_t now_of(const struct attempt *attempt)
{
    return timers_now(attempts_timers(attempt->among));
}

static void set_timer(struct attempt *attempt, uint64_t ns)
{
    timer_set(attempts_timers(attempt->among), &attempt->timer, now_of(attempt) + ns);
}

/* ---- the table ---- */

static struct attempt **bucket_of(const struct attempts *attempts, const uint8_t *host, uint16_t port)
{
    uint64_t hash = port;

    for (size_t i = 0; i < 16; i++) {
        hash = (hash ^ host[i]) * UINT64_C(0x100000001b3);
    }
    return &attempts->buckets[(hash ^ hash >> 29) % attempts->bucket_count];
}

/* IPv4 addresses are the same whether they are mapped or not. */
static uint16_t take_apart(const struct sockaddr_storage *client, uint8_t host[16])
{
    const uint8_t *bytes;
    size_t length = address_host(client, &bytes);

    memset(host, 0, 16);
    memcpy(host + 16 - length, bytes, length);
    return client->ss_family == AF_INET ? ((const struct sockaddr_in *)client)->sin_port : ((const struct sockaddr_in6 *)client)->sin6_port;
}

static struct attempt *find(const struct attempts *attempts, const uint8_t *host, uint16_t port)
{
    struct attempt *attempt = *bucket_of(attempts, host, port);

    while (attempt != NULL && (attempt->port != port || memcmp(attempt->host, host, sizeof(attempt->host)) != 0)) {
        attempt = attempt->next;
    }
    return attempt;
}

bool attempts_can_look(const struct attempts *attempts)
{
    return attempts->sockets != NULL;
}

bool attempts_expect(const struct attempts *attempts)
{
    return attempts->let_in > 0;
}

struct attempt *attempts_find(struct attempts *attempts, const struct sockaddr_storage *client)
{
    uint8_t host[16];
    uint16_t port = take_apart(client, host);

    return find(attempts, host, port);
}

static void make_buckets(struct attempts *attempts, size_t count)
{
    struct attempt **old = attempts->buckets;
    size_t old_count = attempts->bucket_count;

    attempts->buckets = calloc(count, sizeof(*attempts->buckets));
    if (attempts->buckets == NULL) {
        abort();
    }
    attempts->bucket_count = count;
    for (size_t i = 0; i < old_count; i++) {
        for (struct attempt *attempt = old[i], *next; attempt != NULL; attempt = next) {
            struct attempt **bucket = bucket_of(attempts, attempt->host, attempt->port);

            while (*bucket != NULL) { /* the newest of a client stays in front */
                bucket = &(*bucket)->next;
            }
            next = attempt->next;
            attempt->next = NULL;
            *bucket = attempt;
        }
    }
    free(old);
}

static int stop_polling(struct attempt *attempt)
{
    poller_remove(attempt->among->relay->worker->poller, attempt->fd, &attempt->polled);
    return attempt->fd;
}

/* Somebody less is to come from the listening socket. */
static void expect_no_more(struct attempt *attempt)
{
    if (attempt->state == ATTEMPT_LET_IN) {
        attempt->among->let_in--;
        if (attempt->porch == NULL) {
            relay_let_through(attempt->among->relay, false);
        }
    }
}

static void attempt_free(struct attempt *attempt)
{
    struct attempt **place = bucket_of(attempt->among, attempt->host, attempt->port);

    while (*place != attempt) {
        place = &(*place)->next;
    }
    *place = attempt->next;
    attempt->among->count--;
    expect_no_more(attempt);
    if (attempt->state == ATTEMPT_MET) {
        worker_close_later(attempt->among->relay->worker, stop_polling(attempt));
    }
    timer_cancel(attempts_timers(attempt->among), &attempt->timer);
    free(attempt->syn);
    free(attempt);
}

/* ---- who has given up ---- */

/* The client's own socket, if it is on this machine: 1, 0, or -1: there is no telling. */
static int see_client(const struct attempts *attempts, const struct syn *syn, struct socket_seen *seen)
{
    struct socket_pair pair = {.local = syn->client, .remote = syn->local};

    return attempts->sockets != NULL ? sockets_find(attempts->sockets, &pair, false, seen) : -1;
}

static int find_client(const struct attempts *attempts, const struct syn *syn)
{
    struct socket_seen seen;

    return see_client(attempts, syn, &seen);
}

/* Who was ignored was found a while ago, and may be somewhere else by now: 1, 0, or -1: there is no telling. */
static int is_still_calling(const struct attempts *attempts, const struct syn *syn)
{
    struct socket_seen seen;
    int found = see_client(attempts, syn, &seen);

    return found == 1 ? seen.state == STATE_SYN_SENT && (uint32_t)seen.inode == syn_sequence(syn) : found;
}

/* Else its silence tells that it has given up; one that is ignored is not heard. */
static uint64_t silent_until(const struct attempt *attempt)
{
    uint64_t pause = attempt->pause > REPEATED_AFTER ? attempt->pause : REPEATED_AFTER;

    return attempt->porch != NULL ? attempt->heard_at + 2 * pause + LATE_BY : TIME_NEVER;
}

static void look_after_waiting(struct attempt *attempt)
{
    if (now_of(attempt) >= silent_until(attempt) || (attempt->here && find_client(attempt->among, attempt->syn) == 0)) {
        link_gave_up(attempt->link);
        return;
    }
    set_timer(attempt, attempt->look_pause);
    attempt->look_pause = attempt->look_pause * 2 < LOOK_LAST ? attempt->look_pause * 2 : LOOK_LAST;
}

/* One that is ignored says no to nobody: it is looked for, as others are let through for its sake. */
static void look_after_let_in(struct attempt *attempt)
{
    if (attempt->porch == NULL && find_client(attempt->among, attempt->syn) != 0) {
        set_timer(attempt, LOOK_LAST);
    } else {
        link_gave_up(attempt->link);
    }
}

/* As long as it is there it would be found again. */
static void look_after_ignored(struct attempt *attempt)
{
    if (find_client(attempt->among, attempt->syn) == 0) {
        attempt_free(attempt);
    } else {
        set_timer(attempt, LOOK_LAST);
    }
}

static void look_after_turned_away(struct attempt *attempt)
{
    uint64_t last = attempt->error == ETIMEDOUT ? silent_until(attempt) : attempt->heard_at + REMEMBERED, now = now_of(attempt);

    if (attempt->porch == NULL) {
        look_after_ignored(attempt);
        return;
    }
    if (now >= last) {
        attempt_free(attempt);
        return;
    }
    if (attempt->error != ETIMEDOUT) {
        porch_turn_away(attempt->porch, attempt->syn, attempt->error);
    }
    set_timer(attempt, last - now);
}

static void attempt_look(struct timer *timer)
{
    struct attempt *attempt = (struct attempt *)((char *)timer - offsetof(struct attempt, timer));

    switch (attempt->state) {
    case ATTEMPT_HELD:
        look_after_waiting(attempt);
        break;
    case ATTEMPT_LET_IN:
        look_after_let_in(attempt);
        break;
    case ATTEMPT_MET:
        link_gave_up(attempt->link);
        break;
    case ATTEMPT_OVER:
        look_after_turned_away(attempt);
        break;
    case ATTEMPT_CONNECTED:
        link_again(attempt->link);
        break;
    }
}

/* ---- what is done with one ---- */

bool attempt_is_kept(const struct attempt *attempt)
{
    return attempt->lost > 0 || attempt->held > 0 || attempt->unheard;
}

/* Our socket has got there, or hears that nobody is there any more. One that is connected and reset already is connected. */
static void attempt_met(struct polled *polled, unsigned says)
{
    struct attempt *attempt = (struct attempt *)((char *)polled - offsetof(struct attempt, polled));
    int error = 0;
    socklen_t length = sizeof(error);

    if ((says & (POLLER_WRITE | POLLER_ERROR)) == 0) {
        return;
    }
    (void)getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error == 0 || error == ECONNRESET || error == EPIPE) {
        link_accepted(attempt->link, stop_polling(attempt), error);
    } else {
        link_gave_up(attempt->link);
    }
}

/* False: it has to be let in. */
static bool attempt_meet(struct attempt *attempt)
{
    const struct relay *relay = attempt->among->relay;
    int fd = meeting_begin(relay, attempt->syn);

    if (fd < 0) {
        return false;
    }
    if (poller_add(relay->worker->poller, fd, &attempt->polled) < 0) {
        close(fd);
        return false;
    }
    attempt->fd = fd;
    attempt->state = ATTEMPT_MET;
    return true;
}

void attempt_let_in(struct attempt *attempt)
{
    attempt->wanted = true;
    if (attempt->state == ATTEMPT_HELD && !attempt_is_kept(attempt) && attempt->unanswered == 0) {
        set_timer(attempt, ANSWER_PATIENCE);
        if (!attempt->here || !attempt_meet(attempt)) {
            attempt->state = ATTEMPT_LET_IN;
            attempt->among->let_in++;
            if (attempt->porch != NULL) {
                porch_let_in(attempt->porch, attempt->syn);
            } else {
                relay_let_through(attempt->among->relay, true); /* its next SYN */
                set_timer(attempt, LOOK_LAST);
            }
        }
    }
}

/* A rule has let go of it, or its SYN has come again. */
static void attempt_go_on(struct attempt *attempt)
{
    bool wanted = attempt->wanted;

    if (attempt->state != ATTEMPT_HELD || attempt_is_kept(attempt)) {
        return;
    }
    link_go_on(attempt->link); /* which may end one that is not wanted yet */
    if (wanted) {
        attempt_let_in(attempt);
    }
}

void attempt_lose(struct attempt *attempt, bool lose)
{
    if (lose) {
        attempt->lost++;
        attempt->unheard = true;
    } else {
        attempt->lost--; /* and goes on with the next SYN */
    }
}

void attempt_hold(struct attempt *attempt, bool answer, bool hold)
{
    unsigned *holds = answer ? &attempt->unanswered : &attempt->held;

    if (hold) {
        ++*holds;
    } else {
        --*holds;
        attempt_go_on(attempt);
    }
}

void attempt_accepted(struct attempt *attempt, int fd)
{
    expect_no_more(attempt);
    attempt->state = ATTEMPT_CONNECTED;
    attempt->connected_at = now_of(attempt);
    timer_cancel(attempts_timers(attempt->among), &attempt->timer);
    free(attempt->syn);
    attempt->syn = NULL;
    porch_let_go(fd);
}

static bool has_spoken(const struct link *link)
{
    return link->flows[SIDE_CLIENT].heard_at > link->opened_at || link->ends[SIDE_CLIENT].fin_received;
}

static uint64_t fresh_for(void)
{
    struct sysinfo info;

    return sysinfo(&info) == 0 ? FRESH + TURN * (info.loads[0] >> SI_LOAD_SHIFT) / (uint64_t)get_nprocs() : FRESH;
}

bool attempt_is_fresh(struct attempt *attempt)
{
    uint64_t age, limit;

    if (attempt->state != ATTEMPT_CONNECTED || has_spoken(attempt->link)) {
        return false;
    }
    age = now_of(attempt) - attempt->connected_at;
    limit = fresh_for();
    if (age < limit) {
        set_timer(attempt, limit - age);
    }
    return age < limit;
}

bool attempt_can_hear(const struct attempt *attempt, int error)
{
    return attempt->porch != NULL || error == ETIMEDOUT || attempt->among->relay->refusals > 0;
}

void attempt_turn_away(struct attempt *attempt, int error)
{
    if (attempt->porch == NULL && error != ETIMEDOUT) { /* should the relay take SYNs before that client has heard, it is a new one */
        attempt_free(attempt);
        return;
    }
    attempt->link = NULL;
    attempt->state = ATTEMPT_OVER;
    attempt->error = error;
    if (error != ETIMEDOUT) {
        porch_turn_away(attempt->porch, attempt->syn, error);
    }
    set_timer(attempt, SAY_AGAIN);
}

void attempt_forget(struct attempt *attempt)
{
    attempt_free(attempt);
}

bool attempt_opens_fast(const struct attempt *attempt)
{
    return syn_opens_fast(attempt->syn);
}

size_t attempt_data(const struct attempt *attempt, const uint8_t **data)
{
    return syn_data(attempt->syn, data);
}

const struct sockaddr_storage *attempt_local(const struct attempt *attempt)
{
    return &attempt->syn->local;
}

/* ---- who knocks ---- */

static struct attempt *attempt_new(struct attempts *attempts, struct porch *porch, const struct syn *syn)
{
    struct attempt *attempt = calloc(1, sizeof(*attempt)), **bucket;
    size_t size = offsetof(struct syn, tcp) + syn->length;

    if (attempt == NULL) {
        abort();
    }
    *attempt = (struct attempt){.among = attempts, .porch = porch, .state = ATTEMPT_HELD, .sequence = syn_sequence(syn),
        .heard_at = timers_now(attempts_timers(attempts)), .here = porch == NULL || find_client(attempts, syn) == 1,
        .polled = {.ready = attempt_met}, .timer = {.fire = attempt_look}, .look_pause = 2 * LOOK_FIRST};
    attempt->syn = malloc(size);
    if (attempt->syn == NULL) {
        abort();
    }
    memcpy(attempt->syn, syn, size);
    attempt->port = take_apart(&syn->client, attempt->host);
    if (attempts->count >= attempts->bucket_count) {
        make_buckets(attempts, attempts->bucket_count * 2);
    }
    bucket = bucket_of(attempts, attempt->host, attempt->port);
    attempt->next = *bucket;
    *bucket = attempt;
    attempts->count++;
    set_timer(attempt, LOOK_FIRST);
    return attempt;
}

static void attempt_knock(struct attempt *attempt)
{
    uint64_t now = now_of(attempt);

    attempt->pause = now - attempt->heard_at;
    attempt->heard_at = now;
    switch (attempt->state) {
    case ATTEMPT_HELD:
        if (attempt->lost == 0 && attempt->unheard) {
            attempt->unheard = false;
            attempt_go_on(attempt);
        }
        break;
    case ATTEMPT_LET_IN:
        if (attempt->porch != NULL) {
            porch_let_in(attempt->porch, attempt->syn);
        }
        break;
    case ATTEMPT_OVER:
        if (attempt->error != ETIMEDOUT) { /* then its SYN was held */
            porch_turn_away(attempt->porch, attempt->syn, attempt->error);
        }
        break;
    case ATTEMPT_MET: /* our own SYN is repeated by the kernel */
    case ATTEMPT_CONNECTED:
        break;
    }
}

/* He waits in the listening socket's queue, as at any server that is slow to accept; false: or calls again. */
static bool let_wait(struct porch *porch, const struct syn *syn)
{
    if (porch != NULL) {
        porch_let_in(porch, syn);
    }
    return porch != NULL;
}

bool attempts_hear(struct attempts *attempts, struct porch *porch, const struct syn *syn)
{
    struct relay *relay = attempts->relay;
    struct attempt *attempt = attempts_find(attempts, &syn->client);
    struct sockaddr_storage client;
    socklen_t length;
    int calling;

    if (attempt != NULL && attempt->sequence == syn_sequence(syn)) {
        attempt_knock(attempt);
        return true;
    }
    if (porch == NULL && (calling = is_still_calling(attempts, syn)) != 1) {
        return calling == 0;
    }
    if (attempt != NULL && attempt->state == ATTEMPT_OVER) {
        attempt_forget(attempt);
    } else if (attempt != NULL && attempt->state != ATTEMPT_CONNECTED) {
        link_gave_up(attempt->link); /* and tries anew from the same port */
    }
    if (!relay_has_room(relay)) {
        return let_wait(porch, syn);
    }
    length = address_for_family(relay->address.ss_family, &syn->client, &client); /* as accept() names it */
    link_attempt(relay, attempt_new(attempts, porch, syn), (const struct sockaddr *)&client, length);
    return true;
}

/* ---- the whole ---- */

static void end_attempt(struct attempt *attempt)
{
    if (attempt->state == ATTEMPT_HELD) {
        link_turn_away(attempt->link, ECONNREFUSED, NULL);
    } else if (attempt->state == ATTEMPT_LET_IN || attempt->state == ATTEMPT_MET) {
        link_gave_up(attempt->link);
    }
}

void attempts_end(struct attempts *attempts)
{
    for (size_t i = 0; i < attempts->bucket_count; i++) {
        for (struct attempt *attempt = attempts->buckets[i], *next; attempt != NULL; attempt = next) {
            next = attempt->next;
            end_attempt(attempt);
        }
    }
    for (size_t i = 0; i < attempts->bucket_count; i++) {
        for (struct attempt *attempt = attempts->buckets[i]; attempt != NULL; attempt = attempt->next) {
            timer_cancel(attempts_timers(attempts), &attempt->timer);
        }
    }
}

struct attempts *attempts_new(struct relay *relay)
{
    struct attempts *attempts = calloc(1, sizeof(*attempts));

    if (attempts == NULL) {
        abort();
    }
    attempts->relay = relay;
    attempts->sockets = sockets_open();
    make_buckets(attempts, BUCKETS_LEAST);
    return attempts;
}

void attempts_free(struct attempts *attempts)
{
    if (attempts == NULL) {
        return;
    }
    for (size_t i = 0; i < attempts->bucket_count; i++) {
        while (attempts->buckets[i] != NULL) {
            attempt_free(attempts->buckets[i]);
        }
    }
    sockets_close(attempts->sockets);
    free(attempts->buckets);
    free(attempts);
}
