/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fixture (see fixture.h).
 */
#include "fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/vocabulary.h"
#include "faults/table.h"
#include "relay/dial.h"
#include "rules/memory.h"

#define START (1000 * NS_PER_S)
#define TURNS_MOST 100000

static struct fixture *fixture_of(const struct worker *worker)
{
    return (struct fixture *)(uintptr_t)worker->timers.clock;
}

/* ---- the fake socket ---- */

static struct peer *peer_of(struct stream *stream)
{
    struct end *end = (struct end *)((char *)stream - offsetof(struct end, stream));
    struct fixture *fixture = fixture_of(stream->worker);

    for (size_t i = fixture->peer_count; i-- > 0;) {
        if (fixture->peers[i]->end == end) {
            return fixture->peers[i];
        }
    }
    fail_msg("a call on a socket that is closed");
    return NULL;
}

static void hears(struct peer *peer, const void *bytes, size_t length)
{
    if (peer->heard_length + length + 1 > peer->heard_capacity) {
        peer->heard_capacity = (peer->heard_length + length + 1) * 2;
        peer->heard = xrealloc(peer->heard, peer->heard_capacity);
    }
    memcpy(peer->heard + peer->heard_length, bytes, length);
    peer->heard_length += length;
    peer->heard[peer->heard_length] = '\0';
}

static ssize_t fake_read(struct stream *stream, void *bytes, size_t size, bool *urgent)
{
    struct peer *peer = peer_of(stream);
    size_t length = peer->said_length - peer->read;

    *urgent = false;
    if (length > 0) {
        length = length < size ? length : size;
        length = peer->cut > 0 && peer->cut < length ? peer->cut : length;
        if (peer->urgent > peer->read + 1 && peer->urgent <= peer->read + length) {
            length = peer->urgent - 1 - peer->read;
        } else if (peer->urgent == peer->read + 1) {
            length = 1;
            *urgent = true;
        }
        memcpy(bytes, peer->said + peer->read, length);
        peer->read += length;
        return (ssize_t)length;
    }
    if (peer->error != 0) {
        errno = peer->error;
        peer->error = 0;
        return -1;
    }
    if (peer->fin_said || peer->dead) {
        return 0;
    }
    errno = EAGAIN;
    return -1;
}

static ssize_t fake_write(struct stream *stream, const void *bytes, size_t size, unsigned flags)
{
    struct peer *peer = peer_of(stream);
    size_t length = size < peer->room ? size : peer->room;

    assert_false(peer->fin_heard);
    if (peer->dead) {
        errno = peer->error != 0 ? peer->error : EPIPE;
        peer->error = 0;
        return -1;
    }
    if (length == 0) {
        errno = EAGAIN;
        return -1;
    }
    if ((flags & PIECE_URGENT) != 0) {
        assert_int_equal(size, 1);
        hears(peer, "<urgent>", 8);
    }
    hears(peer, bytes, length);
    peer->room -= length;
    peer->writes++;
    peer->own_writes += (flags & PIECE_OWN_WRITE) != 0;
    return (ssize_t)length;
}

static void fake_send_fin(struct stream *stream)
{
    struct peer *peer = peer_of(stream);

    assert_false(peer->fin_heard);
    peer->fin_heard = true;
    hears(peer, "<fin>", 5);
}

static int fake_take_error(struct stream *stream)
{
    struct peer *peer = peer_of(stream);
    int error = peer->error;

    peer->error = 0;
    return error;
}

static bool fake_hung_up(struct stream *stream)
{
    return peer_of(stream)->hung_up;
}

static enum tcp_state fake_state(struct stream *stream)
{
    const struct peer *peer = peer_of(stream);
    bool fin_read = peer->fin_said && peer->read == peer->said_length;

    if (peer->dead) {
        return STATE_CLOSE;
    }
    if (!peer->fin_heard) {
        return fin_read ? STATE_CLOSE_WAIT : STATE_ESTABLISHED;
    }
    if (peer->keeps_fin) {
        return fin_read ? STATE_CLOSING : STATE_FIN_WAIT1;
    }
    return fin_read ? STATE_TIME_WAIT : STATE_FIN_WAIT2;
}

static size_t fake_unsent(struct stream *stream)
{
    return peer_of(stream)->unsent;
}

static size_t fake_unacked(struct stream *stream)
{
    return peer_of(stream)->unacked;
}

static uint64_t fake_round_trip(struct stream *stream)
{
    return peer_of(stream)->round_trip;
}

/* A list with all segments in it is <deaf>, any other <loses>, none <hears>; told when it changes. */
static int fake_lose(struct stream *stream, const struct loss *losses)
{
    struct peer *peer = peer_of(stream);
    const char *now = losses == NULL ? "<hears>" : "<loses>";

    for (const struct loss *loss = losses; loss != NULL; loss = loss->next) {
        now = loss->what == LOSS_SEGMENTS && loss->over == 0 ? "<deaf>" : now;
    }
    if (strcmp(now, peer->loses) != 0) {
        hears(peer, now, strlen(now));
        peer->loses = now;
    }
    return 0;
}

static bool fake_segments(struct stream *stream, struct segments *segments)
{
    *segments = peer_of(stream)->segments;
    return true;
}

static int fake_sequence(struct stream *stream, struct sequence *sequence)
{
    *sequence = peer_of(stream)->sequence;
    return 0;
}

static int fake_forge(struct stream *stream, int error)
{
    hears(peer_of(stream), error == 0 ? "<forged>" : "<unreachable>", error == 0 ? 8 : 13);
    return 0;
}

static void fake_clamp(struct stream *stream, struct clamp *clamp, uint32_t bytes)
{
    char text[32];

    (void)clamp;
    hears(peer_of(stream), text, (size_t)snprintf(text, sizeof(text), bytes > 0 ? "<window %u>" : "<window>", bytes));
}

static int fake_take_back(struct stream *stream, uint32_t bytes)
{
    (void)bytes;
    hears(peer_of(stream), "<taken back>", 12);
    return 0;
}

static int fake_forget(struct stream *stream)
{
    peer_of(stream)->dead = true;
    return 0;
}

static void fake_close(struct stream *stream, bool reset)
{
    struct peer *peer = peer_of(stream);

    if (reset) {
        hears(peer, "<rst>", 5);
    } else if (!peer->fin_heard && !peer->dead) {
        hears(peer, "<close>", 7);
    }
    peer->closed = true;
    peer->end = NULL;
}

static const struct stream_ops fake_ops = {
    .read = fake_read,
    .write = fake_write,
    .send_fin = fake_send_fin,
    .take_error = fake_take_error,
    .hung_up = fake_hung_up,
    .state = fake_state,
    .unsent = fake_unsent,
    .unacked = fake_unacked,
    .round_trip = fake_round_trip,
    .lose = fake_lose,
    .segments = fake_segments,
    .sequence = fake_sequence,
    .clamp = fake_clamp,
    .take_back = fake_take_back,
    .forget = fake_forget,
    .forge = fake_forge,
    .close = fake_close,
};

/* ---- links with peers ---- */

static struct peer *peer_new(struct fixture *fixture, struct link *link)
{
    struct peer *peer = xmalloc(sizeof(*peer));

    *peer = (struct peer){.fixture = fixture, .link = link, .room = SIZE_MAX, .loses = "<hears>"};
    hears(peer, "", 0);
    fixture->peers = xrealloc(fixture->peers, (fixture->peer_count + 1) * sizeof(struct peer *));
    fixture->peers[fixture->peer_count++] = peer;
    return peer;
}

/* In the place of end_open(): no socket, no event. */
void __wrap_end_open(struct end *end, int fd, int family, enum end_state state);

void __wrap_end_open(struct end *end, int fd, int family, enum end_state state)
{
    struct fixture *fixture = fixture_of(end->link->worker);
    struct peer *peer = end->side == SIDE_CLIENT ? fixture->client : fixture->server;

    (void)fd;
    end->state = state;
    end->stream = (struct stream){.ops = &fake_ops, .fd = -1, .tcp = family != AF_UNIX, .worker = end->link->worker};
    peer->end = end;
    peer->link = end->link;
}

struct dial {
    struct link *link;
};

void dial_start(struct link *link)
{
    link->dial = xmalloc(sizeof(*link->dial));
    link->dial->link = link;
    __wrap_end_open(&link->ends[SIDE_SERVER], -1, AF_INET, END_CONNECTING);
}

void dial_cancel(struct dial *dial)
{
    free(dial);
}

void dial_ready(struct dial *dial)
{
    struct link *link = dial->link;

    free(dial);
    link_connected(link, "server");
}

/* ---- what is told ---- */

static void hear_notice(struct observer *observer, const struct notice *notice)
{
    struct fixture *fixture = (struct fixture *)((char *)observer - offsetof(struct fixture, listener));
    struct told *told;

    if ((fixture->told_count & (fixture->told_count + 1)) == 0) { /* twice as many as there are */
        fixture->told = xrealloc(fixture->told, (fixture->told_count + 1) * 2 * sizeof(*told));
    }
    told = &fixture->told[fixture->told_count++];
    *told = (struct told){.kind = notice->kind, .at = notice->at - START, .number = notice->link == NULL ? 0 : notice->link->number,
        .side = notice->side, .bytes = notice->bytes, .firing = notice->firing, .error = notice->error,
        .step = notice->step == NULL ? -1 : (int)notice->step->index};
    snprintf(told->rule, sizeof(told->rule), "%s", notice->rule == NULL ? "" : notice->rule->name);
    snprintf(told->text, sizeof(told->text), "%s", notice->text == NULL ? "" : notice->text);
    for (size_t i = 0; notice->kind == NOTICE_CLOSED && i < fixture->peer_count; i++) {
        if (fixture->peers[i]->link == notice->link) {
            fixture->peers[i]->link = NULL;
        }
    }
}

const struct told *fixture_told(const struct fixture *fixture, enum notice_kind kind, size_t nth)
{
    for (size_t i = 0; i < fixture->told_count; i++) {
        if (fixture->told[i].kind == kind && --nth == 0) {
            return &fixture->told[i];
        }
    }
    return NULL;
}

int fixture_told_at(const struct fixture *fixture, enum notice_kind kind, size_t nth)
{
    const struct told *told = fixture_told(fixture, kind, nth);

    return told == NULL ? -1 : (int)(told->at / NS_PER_MS);
}

size_t fixture_count(const struct fixture *fixture, enum notice_kind kind)
{
    size_t count = 0;

    while (fixture_told(fixture, kind, count + 1) != NULL) {
        count++;
    }
    return count;
}

int fixture_count_rule(const struct fixture *fixture, enum notice_kind kind, const char *rule)
{
    int count = 0;

    for (size_t i = 0; i < fixture->told_count; i++) {
        count += fixture->told[i].kind == kind && strcmp(fixture->told[i].rule, rule) == 0;
    }
    return count;
}

/* ---- time ---- */

static uint64_t fixture_now(const struct clock *clock)
{
    return ((const struct fixture *)clock)->now;
}

/* As worker_run() does between two looks at the sockets, until nothing is left to do at this time. */
static void fixture_turn(struct fixture *fixture)
{
    for (int turns = 0;; turns++) {
        uint64_t next = timers_run(&fixture->worker->timers);

        worker_end_turn(fixture->worker);
        if (fixture->worker->again == NULL && (next > fixture->now || fixture->worker->timers.count == 0)
            && (fixture->worker->timers.count == 0 || fixture->worker->timers.heap[1]->at > fixture->now)) {
            return;
        }
        assert_true(turns < TURNS_MOST); /* else it spins */
    }
}

void fixture_pass(struct fixture *fixture, uint64_t ns)
{
    uint64_t until = fixture->now + ns;
    const struct timers *timers = &fixture->worker->timers;

    fixture_turn(fixture);
    while (timers->count > 0 && timers->heap[1]->at <= until) {
        fixture->now = timers->heap[1]->at;
        fixture_turn(fixture);
    }
    fixture->now = until;
}

void fixture_pass_ms(struct fixture *fixture, uint64_t ms)
{
    fixture_pass(fixture, ms * NS_PER_MS);
}

/* ---- life ---- */

/* rules_compile() reads files: this one is in memory. */
static struct ruleset *compile(const char *text, unsigned first_rule)
{
    struct diag *diag = diag_new();
    int fd = memfd_create("rules", 0);
    char path[32];
    const char *const files[] = {path};
    bool has_relay = strncmp(text, "relay ", 6) == 0;
    struct rules_input input = {.files = files, .file_count = 1, .listen = has_relay ? NULL : "127.0.0.1:0",
        .server = has_relay ? NULL : "127.0.0.1:1", .first_rule = first_rule};
    struct ruleset *rules;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    rules = rules_compile(&input, &vocabulary, diag);
    if (rules == NULL) {
        diag_print(diag, stderr, false);
    }
    diag_free(diag);
    close(fd);
    assert_non_null(rules);
    return rules;
}

struct fixture *fixture_seeded(const char *rules, uint64_t seed)
{
    struct fixture *fixture = xmalloc(sizeof(*fixture));

    *fixture = (struct fixture){
        .clock.now = fixture_now, .now = START, .rules = compile(rules == NULL ? "" : rules, 0), .listener.tell = hear_notice};
    fixture->worker = worker_new(&fixture->clock, FIXTURE_BUFFER);
    assert_non_null(fixture->worker);
    for (unsigned i = fixture->rules->relay_count; i-- > 0;) {
        fixture->relays[i] = (struct relay){.spec = &fixture->rules->relays[i], .users = 1, .worker = fixture->worker,
            .next = fixture->worker->relays, .index = (unsigned)i, .fd = -1};
        fixture->worker->relays = &fixture->relays[i];
    }
    worker_observe(fixture->worker, &fixture->listener);
    fixture->next_rule = (unsigned)fixture->rules->rule_count;
    if (fixture->rules->rule_count > 0) {
        commons_init(&fixture->commons);
        fixture->engine = engine_new(fixture->worker, &fixture->commons, seed, fault_kind_of);
        engine_start(fixture->engine, fixture->rules);
    }
    return fixture;
}

static struct roster_rule take_over(const struct fixture *fixture, const struct rule *rule, const struct scope *scope)
{
    for (size_t i = 0; i < fixture->engine->state_count; i++) {
        const struct rule_state *state = fixture->engine->states[i];

        if (strcmp(state->rule->name, rule->name) == 0 && strcmp(state->rule->text, rule->text) == 0) {
            return (struct roster_rule){.rule = state->rule, .scope = state->scope};
        }
    }
    return (struct roster_rule){.rule = rule, .scope = *scope};
}

void fixture_change_scoped(struct fixture *fixture, const char *rules, const struct scope *scope)
{
    struct ruleset *set = compile(rules, fixture->next_rule);
    struct roster_rule *list = xmalloc((set->rule_count + 1) * sizeof(*list));

    fixture->next_rule += (unsigned)set->rule_count;
    for (size_t i = 0; i < set->rule_count; i++) {
        list[i] = take_over(fixture, &set->rules[i], scope);
    }
    engine_change(fixture->engine, &(struct roster){.rules = list, .rule_count = set->rule_count});
    fixture_turn(fixture);
    free(list);
    ruleset_unref(set);
}

void fixture_change(struct fixture *fixture, const char *rules)
{
    fixture_change_scoped(fixture, rules, &(struct scope){0});
}

struct link *fixture_link(const struct fixture *fixture)
{
    return fixture->worker->links;
}

struct fixture *fixture_new(const char *rules)
{
    return fixture_seeded(rules, 42);
}

void fixture_free(struct fixture *fixture)
{
    while (fixture->worker->links != NULL) {
        link_drop(fixture->worker->links);
    }
    worker_end_turn(fixture->worker);
    engine_free(fixture->engine);
    assert_int_equal(fixture->worker->timers.count, 0);
    assert_int_equal(fixture->worker->link_count, 0);
    worker_free(fixture->worker);
    ruleset_unref(fixture->rules);
    for (size_t i = 0; i < fixture->peer_count; i++) {
        free(fixture->peers[i]->said);
        free(fixture->peers[i]->heard);
        free(fixture->peers[i]);
    }
    free(fixture->peers);
    free(fixture->told);
    free(fixture);
}

void fixture_open_at(struct fixture *fixture, unsigned relay, const char *client)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(40000 + fixture->peer_count))};

    assert_int_equal(inet_pton(AF_INET, client, &address.sin_addr), 1);
    fixture->client = peer_new(fixture, NULL);
    fixture->server = peer_new(fixture, NULL);
    link_open(&fixture->relays[relay], -1, (const struct sockaddr *)&address, sizeof(address));
    fixture_turn(fixture);
}

void fixture_open(struct fixture *fixture, const char *client)
{
    fixture_open_at(fixture, 0, client);
}

void fixture_accept(struct fixture *fixture)
{
    assert_non_null(fixture->server->link);
    link_ready(fixture->server->link, SIDE_SERVER);
    fixture_turn(fixture);
}

void fixture_refuse(struct fixture *fixture, int error)
{
    struct link *link = fixture->server->link;

    assert_non_null(link);
    fixture->server->dead = true;
    end_discard(&link->ends[SIDE_SERVER]);
    free(link->dial);
    link_refused(link, error, "server");
    fixture_turn(fixture);
}

void fixture_connect(struct fixture *fixture)
{
    fixture_open(fixture, "127.0.0.1");
    if (fixture->server->end != NULL) {
        fixture_accept(fixture);
    }
}

struct peer *fixture_peer(const struct fixture *fixture, size_t link, enum side side)
{
    assert_in_range(link, 1, fixture->peer_count / 2);
    return fixture->peers[(link - 1) * 2 + (side == SIDE_SERVER)];
}

void fixture_signal(struct fixture *fixture, const char *name)
{
    engine_signal(fixture->engine, name);
    fixture_turn(fixture);
}

/* ---- the applications ---- */

void peer_wake(struct peer *peer)
{
    if (peer->end != NULL) {
        link_ready(peer->end->link, peer->end->side);
    }
    fixture_turn(peer->fixture);
}

void peer_say_bytes(struct peer *peer, const void *bytes, size_t length)
{
    peer->said = xrealloc(peer->said, peer->said_length + length);
    memcpy(peer->said + peer->said_length, bytes, length);
    peer->said_length += length;
    peer_wake(peer);
}

void peer_say(struct peer *peer, const char *text)
{
    peer_say_bytes(peer, text, strlen(text));
}

void peer_say_urgent(struct peer *peer, const char *text)
{
    peer->urgent = peer->said_length + strlen(text);
    peer_say(peer, text);
}

void peer_fin(struct peer *peer)
{
    peer->fin_said = true;
    peer_wake(peer);
}

void peer_fail(struct peer *peer, int error)
{
    peer->dead = true;
    peer->error = error;
    peer_wake(peer);
}

/* What the kernel says of an RST depends on whether a FIN came before it: EPIPE if so. */
void peer_reset(struct peer *peer)
{
    peer_fail(peer, peer->fin_said ? EPIPE : ECONNRESET);
}

void peer_take(struct peer *peer, size_t room)
{
    peer->room = room;
    peer_wake(peer);
}

void peer_ack_fin(struct peer *peer)
{
    peer->keeps_fin = false;
    peer_wake(peer);
}
