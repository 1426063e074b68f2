/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listening, accepting, pausing at the descriptor limit, and refusing without losing the port.
 */
#include "relay/relay.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "kernel/fast_open.h"
#include "kernel/loss.h"
#include "relay/absence.h"
#include "relay/address.h"
#include "relay/attempt.h"
#include "relay/bell.h"
#include "relay/callers.h"
#include "relay/entrance.h"
#include "relay/link.h"
#include "relay/socket.h"
#include "relay/worker.h"
#include "rules/memory.h"

#define BACKLOG 4096
#define ACCEPTS_A_TURN 64
#define PAUSE (20 * NS_PER_MS)

static void relay_tell_error(struct relay *relay, enum notice_kind kind, int error)
{
    struct notice notice = {
        .kind = kind, .relay = relay, .text = relay->text, .error = error, .at = timers_now(&relay->worker->timers)};

    worker_tell(relay->worker, &notice);
}

static void relay_tell(struct relay *relay, enum notice_kind kind)
{
    relay_tell_error(relay, kind, 0);
}

static int relay_family(const struct relay *relay)
{
    return relay->address.ss_family;
}

static const char *relay_path(const struct relay *relay)
{
    return ((const struct sockaddr_un *)(const void *)&relay->address)->sun_path;
}

/* Nobody listens at a Unix socket's file that a dead process left behind. */
static bool file_is_stale(const struct relay *relay)
{
    struct stat file;
    int fd = socket_new(AF_UNIX);
    bool stale = fd >= 0 && lstat(relay_path(relay), &file) == 0 && S_ISSOCK(file.st_mode) &&
                 connect(fd, (const struct sockaddr *)&relay->address, relay->address_length) < 0 && errno == ECONNREFUSED;

    if (fd >= 0) {
        close(fd);
    }
    return stale;
}

/*
 * A socket bound to the relay's address. `shared`: beside the one that listens there at the moment; otherwise nobody else's may be there,
 * which is why the first one is bound without SO_REUSEPORT.
 */
static int relay_bind(struct relay *relay, bool shared)
{
    const struct sockaddr *address = (const struct sockaddr *)&relay->address;
    int fd = socket_new(relay_family(relay)), on = 1, error;

    if (fd < 0) {
        return -1;
    }
    if (relay_family(relay) != AF_UNIX) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (shared) {
            setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
        }
    }
    if (socket_prepare(fd, relay_family(relay), relay->spec->window, relay->spec->segments) == 0) {
        if (bind(fd, address, relay->address_length) == 0) {
            return fd;
        }
        if (errno == EADDRINUSE && relay_family(relay) == AF_UNIX && (shared || file_is_stale(relay))
            && unlink(relay_path(relay)) == 0 && bind(fd, address, relay->address_length) == 0) {
            return fd;
        }
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static bool somebody_waits(const struct relay *relay)
{
    struct pollfd look = {.fd = relay->fd, .events = POLLIN};

    return poll(&look, 1, 0) > 0;
}

bool relay_has_room(struct relay *relay)
{
    if (!worker_has_descriptors(relay->worker)) {
        relay_pause(relay, relay->worker);
        return false;
    }
    if (relay->paused) {
        relay->paused = false;
        relay_tell(relay, NOTICE_RELAY_RESUMED);
    }
    return true;
}

bool relay_holds_syns(const struct relay *relay)
{
    return relay->attempts != NULL && relay->bell == NULL;
}

/* Whether this is the client whose SYN was let in, or one of those who are ignored, and who got in beside such a one. */
static bool is_accepted(const struct relay *relay, const struct attempt *attempt)
{
    return attempt != NULL && (attempt->state == ATTEMPT_LET_IN || (attempt->state == ATTEMPT_HELD && relay->bell != NULL));
}

/* It was an attempt before, or, where no SYN is held, becomes a link now. */
static void relay_accepted(struct relay *relay, int fd, const struct sockaddr_storage *client, socklen_t length)
{
    struct attempt *attempt = relay->attempts != NULL ? attempts_find(relay->attempts, client) : NULL;

    if ((relay->deafened || relay->bell != NULL) && relay_family(relay) != AF_UNIX) { /* it inherits what its listening socket loses */
        (void)loss_apply(fd, relay_family(relay) == AF_INET6, NULL);
    }

    if (is_accepted(relay, attempt)) {
        link_accepted(attempt->link, fd, 0);
    } else {
        link_open(relay, fd, (const struct sockaddr *)client, length);
    }
}

/* False: nothing more to accept for now. */
static bool relay_accept(struct relay *relay)
{
    struct sockaddr_storage client = {0};
    socklen_t length = sizeof(client);
    bool expected = relay_holds_syns(relay) && attempts_expect(relay->attempts); /* it has its place already */
    int fd;

    if (!expected && !worker_has_descriptors(relay->worker)) {
        if (somebody_waits(relay)) {
            relay_pause(relay, relay->worker);
        }
        return false;
    }
    fd = accept4(relay->fd, (struct sockaddr *)&client, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            relay_pause(relay, relay->worker);
        }
        return errno == ECONNABORTED || errno == EINTR || errno == EPROTO;
    }
    if (relay->paused && !expected) {
        relay->paused = false;
        relay_tell(relay, NOTICE_RELAY_RESUMED);
    }
    client.ss_family = (sa_family_t)relay_family(relay); /* an unnamed Unix client has none */
    relay_accepted(relay, fd, &client, length);
    return true;
}

void relay_accept_all(struct relay *relay)
{
    while (relay_accept(relay)) {
    }
}

static void relay_ready(struct polled *polled, unsigned says)
{
    struct relay *relay = (struct relay *)((char *)polled - offsetof(struct relay, polled));
    int count = 0;

    (void)says;
    while (count++ < ACCEPTS_A_TURN && (relay->refusals == 0 || relay_holds_syns(relay)) && relay_accept(relay)) {
    }
}

static bool relay_poll(struct relay *relay)
{
    relay->polling = relay->polling || poller_add_level(relay->worker->poller, relay->fd, &relay->polled) == 0;
    return relay->polling;
}

static void relay_stop_polling(struct relay *relay)
{
    if (relay->polling) {
        poller_remove(relay->worker->poller, relay->fd, &relay->polled);
        relay->polling = false;
    }
}

/* The listening socket hears nothing: a rule wants it so, or it does not take SYNs before their servers have answered. */
static void relay_apply_losses(struct relay *relay)
{
    const struct loss all = {.what = LOSS_SEGMENTS};
    bool ignores = relay->bell != NULL && relay->let_through == 0;

    if (relay_family(relay) == AF_UNIX) {
        return;
    }
    (void)loss_apply(relay->fd, relay_family(relay) == AF_INET6, relay->losses > 0 || ignores ? &all : NULL);
    if (ignores && relay->losses == 0) {
        bell_hang(relay->bell);
    } else if (relay->bell != NULL) {
        bell_take_down(relay->bell);
    }
}

void relay_let_through(struct relay *relay, bool let)
{
    relay->let_through += let ? 1 : -1u;
    if (relay->listening) {
        relay_apply_losses(relay);
    }
    if (relay->listening && relay->let_through == 0 && relay->losses == 0) {
        callers_ask(relay->worker->callers); /* whose SYN the bell did not hear before it was taken down */
    }
}

void relay_lose_syns(struct relay *relay, bool lose)
{
    relay->deafened = true;
    relay->losses += lose ? 1 : -1u;
    if (relay->listening) {
        relay_apply_losses(relay);
    }
}

/* Whether sockets of other programs that ask for it may have the same port. */
static void relay_share_port(const struct relay *relay, int fd, bool share)
{
    int value = share;

    if (relay_family(relay) != AF_UNIX) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value));
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &value, sizeof(value));
    }
}

static bool relay_listen(struct relay *relay)
{
    relay->opens_fast = relay_family(relay) != AF_UNIX && fast_open_listen(relay->fd, BACKLOG, !relay_holds_syns(relay));
    if (relay->losses > 0 || relay->bell != NULL) {
        relay_apply_losses(relay);
    }
    if (listen(relay->fd, BACKLOG) < 0) {
        return false;
    }
    relay->listening = true;
    return relay_poll(relay);
}

static void relay_stop_refusing(struct relay *relay);

static void relay_resume(struct timer *timer)
{
    struct relay *relay = (struct relay *)((char *)timer - offsetof(struct relay, resume));

    if (relay->listening) {
        relay_poll(relay);
    } else if (relay->refusals == 0) {
        relay_stop_refusing(relay);
    }
}

static void relay_pause_for(struct relay *relay, int error)
{
    struct worker *worker = relay->worker;

    relay_stop_polling(relay);
    timer_set(&worker->timers, &relay->resume, timers_now(&worker->timers) + PAUSE);
    if (!relay->paused) {
        relay->paused = true;
        relay_tell_error(relay, NOTICE_RELAY_PAUSED, error);
    }
}

static void relay_pause_here(struct relay *relay)
{
    relay_pause_for(relay, EMFILE);
}

struct pause {
    struct message message;
    struct relay *relay;
};

static void pause_run(struct message *message)
{
    struct pause *pause = (struct pause *)((char *)message - offsetof(struct pause, message));

    relay_pause_here(pause->relay);
    relay_let_go(pause->relay);
    free(pause);
}

void relay_pause(struct relay *relay, struct worker *worker)
{
    struct pause *pause;

    if (worker == relay->worker) {
        relay_pause_here(relay);
        return;
    }
    pause = xmalloc(sizeof(*pause));
    *pause = (struct pause){.message.run = pause_run, .relay = relay};
    relay_hold(relay);
    inbox_post(&relay->worker->inbox, &pause->message);
}

/* Who has it is not what it says of itself: whoever may only read it may hold it, too. */
static struct relay *own(const struct relay *relay)
{
    return (struct relay *)(uintptr_t)relay;
}

void relay_hold(const struct relay *relay)
{
    atomic_fetch_add_explicit(&own(relay)->users, 1, memory_order_relaxed);
}

void relay_let_go(const struct relay *relay)
{
    if (atomic_fetch_sub_explicit(&own(relay)->users, 1, memory_order_acq_rel) == 1) {
        ruleset_unref(relay->spec->set);
        free(own(relay));
    }
}

void relay_begin_work(const struct relay *relay)
{
    relay_hold(relay);
    atomic_fetch_add_explicit(&own(relay)->busy, 1, memory_order_relaxed);
}

void relay_end_work(const struct relay *relay)
{
    atomic_fetch_sub_explicit(&own(relay)->busy, 1, memory_order_release);
    relay_let_go(relay);
}

static void relay_unlisten(struct relay *relay)
{
    timer_cancel(&relay->worker->timers, &relay->resume);
    relay_stop_polling(relay);
    relay->listening = false;
    if (relay->bell != NULL) {
        bell_take_down(relay->bell);
    }
}

/*
 * A second socket keeps the port while nobody listens at it; closing the first one answers those that wait in its queue with RST. It is
 * bound beside the first one's connections, and then shares with nobody: as it does not listen, SO_REUSEADDR would give others the port.
 */
static void relay_start_refusing(struct relay *relay)
{
    int on = 1, spare = -1;

    if (relay_holds_syns(relay)) { /* each attempt is turned away by itself */
        relay_tell(relay, NOTICE_RELAY_REFUSING);
        return;
    }
    if (relay_family(relay) != AF_UNIX) {
        setsockopt(relay->fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
        spare = relay_bind(relay, true);
        if (spare < 0) { /* no descriptor for it: those that come wait, and are not accepted */
            relay_tell_error(relay, NOTICE_RELAY_PAUSED, errno);
            relay_unlisten(relay);
            return;
        }
    }
    relay_accept_all(relay); /* what was connected before is a link */
    relay_unlisten(relay);
    close(relay->fd);
    relay->fd = spare;
    if (spare >= 0) {
        relay_share_port(relay, spare, false);
    }
    relay_tell(relay, NOTICE_RELAY_REFUSING);
}

static void relay_stop_refusing(struct relay *relay)
{
    if (relay->removed) {
        return;
    }
    if (relay_holds_syns(relay)) {
        relay_tell(relay, NOTICE_RELAY_ACCEPTING);
        return;
    }
    if (relay->listening) {
        return;
    }
    if (relay->fd < 0) {
        relay->fd = relay_bind(relay, true);
    } else {
        relay_share_port(relay, relay->fd, true);
    }
    if (relay->fd >= 0 && relay_listen(relay)) {
        relay_tell(relay, NOTICE_RELAY_ACCEPTING);
    } else {
        relay_pause_for(relay, errno);
    }
}

void relay_refuse(struct relay *relay, bool refuse)
{
    if (refuse && relay->refusals++ == 0) {
        relay_start_refusing(relay);
    } else if (!refuse && relay->refusals > 0 && --relay->refusals == 0) {
        relay_stop_refusing(relay);
    }
}

static void relay_resolve_server(struct relay *relay)
{
    const struct address *server = &relay->spec->server;

    if (server->kind == ADDRESS_NAME || !address_resolve(server, &relay->server, &relay->server_length)) {
        relay->server_length = 0;
        return;
    }
    address_text((const struct sockaddr *)&relay->server, relay->server_length, relay->server_text, sizeof(relay->server_text));
}

/* At the port that the other one has, whichever the kernel chose. */
static bool relay_bind_beside(struct relay *relay, struct relay *before)
{
    int on = 1;

    relay->address = before->address;
    relay->address_length = before->address_length;
    relay->index = before->index;
    relay->last_number = before->last_number;
    if (before->fd >= 0 && relay_family(before) != AF_UNIX) {
        setsockopt(before->fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    }
    relay->fd = relay_bind(relay, true);
    return relay->fd >= 0;
}

/* Whether, and how, clients wait in their connect() for what the server says: false and errno. */
static bool relay_wait_for_answers(struct relay *relay)
{
    if (relay->worker->holds_syns) {
        relay->attempts = attempts_new(relay);
        relay->entrances = entrances_open(relay);
        return relay->entrances != NULL;
    }
    if (relay->worker->callers != NULL && address_is_loopback(&relay->address)) {
        relay->attempts = attempts_new(relay);
        relay->bell = bell_new(relay);
        return attempts_can_look(relay->attempts);
    }
    return true;
}

static const char *relay_start(struct relay *relay, struct relay *before)
{
    bool bound = before != NULL ? relay_bind_beside(relay, before) : (relay->fd = relay_bind(relay, false)) >= 0;

    if (!bound) {
        return strerror(errno);
    }
    if (relay_family(relay) != AF_UNIX) {
        relay->address_length = sizeof(relay->address);
        getsockname(relay->fd, (struct sockaddr *)&relay->address, &relay->address_length);
        if (!relay_wait_for_answers(relay)) {
            return strerror(errno);
        }
    }
    if (!relay_listen(relay)) {
        return strerror(errno);
    }
    address_text((const struct sockaddr *)&relay->address, relay->address_length, relay->text, sizeof(relay->text));
    relay_resolve_server(relay);
    return strcmp(relay->server_text, relay->text) == 0 ? "its server is itself" : NULL;
}

static void relay_stop_listening(struct relay *relay)
{
    relay_unlisten(relay);
    if (relay->attempts != NULL) {
        attempts_end(relay->attempts);
    }
    entrances_close(relay->entrances);
    relay->entrances = NULL;
    absence_end(relay);
    if (relay->fd >= 0) {
        close(relay->fd);
        relay->fd = -1;
        if (relay_family(relay) == AF_UNIX && !relay->replaced) {
            unlink(relay_path(relay));
        }
    }
}

/* Its links are gone; what is asked of it now is what it was. */
static void relay_drop(struct relay *relay)
{
    attempts_free(relay->attempts);
    relay->attempts = NULL;
    bell_free(relay->bell);
    relay->bell = NULL;
    if (relay->kit != NULL) {
        relay->kit->free(relay->kit);
        relay->kit = NULL;
    }
    relay_let_go(relay);
}

static void say_problem(const struct relay_spec *spec, const char *problem, char *error, size_t size)
{
    snprintf(error, size, "relay %s cannot listen on %s: %s", spec->name, spec->listen.text, problem);
}

struct relay *relay_open(struct worker *worker, const struct relay_spec *spec, char *error, size_t size)
{
    struct relay_address address;
    const char *problem = address_resolve_now(&spec->listen, &address.address, &address.length);

    if (problem != NULL) {
        say_problem(spec, problem, error, size);
        return NULL;
    }
    return relay_open_at(worker, spec, &address, NULL, error, size);
}

/* What was connected before is a link of the one that goes. */
static void relay_make_way(struct relay *before, struct relay *relay)
{
    while (before->listening && before->refusals == 0 && relay_accept(before)) {
    }
    relay->last_number = before->last_number;
    before->replaced = true;
    relay_remove(before);
}

struct relay *relay_open_at(struct worker *worker, const struct relay_spec *spec, const struct relay_address *address, struct relay *before,
    char *error, size_t size)
{
    struct relay *relay = calloc(1, sizeof(*relay)), **place;
    const char *problem;

    if (relay == NULL) {
        abort();
    }
    *relay = (struct relay){.spec = spec, .worker = worker, .index = spec->index, .users = 1, .fd = -1, .address = address->address,
        .address_length = address->length, .polled = {.ready = relay_ready}, .resume = {.fire = relay_resume}};
    if (spec->set != NULL) {
        ruleset_ref(spec->set);
    }
    problem = relay_start(relay, before);
    if (problem != NULL) {
        say_problem(spec, problem, error, size);
        relay_stop_listening(relay);
        relay_drop(relay);
        return NULL;
    }
    for (place = &worker->relays; *place != NULL; place = &(*place)->next) {
    }
    *place = relay;
    if (before != NULL) {
        relay_make_way(before, relay);
    }
    relay_tell(relay, NOTICE_RELAY_LISTENING);
    return relay;
}

static void relay_unlist(struct relay *relay, struct relay **list)
{
    while (*list != relay) {
        list = &(*list)->next;
    }
    *list = relay->next;
}

void relay_take_kit(struct relay *relay, struct layer_kit *kit)
{
    relay->kit = kit;
}

void relay_close(struct relay *relay)
{
    assert(relay->busy == 0);
    relay_unlist(relay, &relay->worker->relays);
    relay_stop_listening(relay);
    relay_drop(relay);
}

void relay_remove(struct relay *relay)
{
    relay->removed = true;
    relay_unlist(relay, &relay->worker->relays);
    relay_stop_listening(relay);
    relay->next = relay->worker->removed;
    relay->worker->removed = relay;
    relay_tell(relay, NOTICE_RELAY_REMOVED);
}

void relay_free_removed(struct worker *worker)
{
    struct relay **place = &worker->removed;

    while (*place != NULL) {
        struct relay *relay = *place;

        if (atomic_load_explicit(&relay->busy, memory_order_acquire) > 0) {
            place = &relay->next;
            continue;
        }
        *place = relay->next;
        relay_tell(relay, NOTICE_RELAY_CLOSED);
        relay_drop(relay);
    }
}

struct relay *relay_find(const struct worker *worker, const char *name)
{
    struct relay *relay = worker->relays;

    while (relay != NULL && strcmp(relay->spec->name, name) != 0) {
        relay = relay->next;
    }
    return relay;
}
