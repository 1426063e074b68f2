/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dialling a server: resolve, try one address after the other, end in connected or refused.
 */
#include "relay/dial.h"

#include <errno.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/fast_open.h"
#include "kernel/loss.h"
#include "relay/absence.h"
#include "relay/address.h"
#include "relay/link.h"
#include "relay/relay.h"
#include "relay/socket.h"
#include "relay/worker.h"

#define NO_DESCRIPTOR_PAUSE (20 * NS_PER_MS)

struct dial {
    struct worker *worker;
    struct link *link; /* NULL: cancelled, and only waiting for the resolver to say so */
    struct evdns_getaddrinfo_request *request;
    struct evutil_addrinfo *found; /* the name's addresses */
    struct evutil_addrinfo *next;  /* of those, the one to be tried now */
    bool fixed, tried; /* the server's address needed no resolving; and it has been tried */
    int error;         /* the last attempt's */
    const struct sockaddr *address; /* of the last attempt, and as text */
    const char *text;
    char found_text[128];
    struct timer retry;
};

static void dial_free(struct dial *dial)
{
    if (dial->link != NULL) {
        timer_cancel(&dial->link->worker->timers, &dial->retry);
    }
    if (dial->found != NULL) {
        evutil_freeaddrinfo(dial->found);
    }
    free(dial);
}

static void dial_fail(struct dial *dial, int error)
{
    link_refused(dial->link, error, dial->text);
    dial_free(dial);
}

/* The next address, or false if all have been tried. */
static bool dial_next(struct dial *dial, const struct sockaddr **address, socklen_t *length)
{
    const struct relay *relay = dial->link->relay;

    if (dial->fixed) {
        *address = (const struct sockaddr *)&relay->server;
        *length = relay->server_length;
        dial->text = relay->server_text;
        return !dial->tried;
    }
    if (dial->next == NULL) {
        return false;
    }
    *address = dial->next->ai_addr;
    *length = (socklen_t)dial->next->ai_addrlen;
    address_text(*address, *length, dial->found_text, sizeof(dial->found_text));
    dial->text = dial->found_text;
    return true;
}

static void dial_tried(struct dial *dial)
{
    dial->tried = true;
    if (dial->next != NULL) {
        dial->next = dial->next->ai_next;
    }
}

/* What a rule loses of the server's segments, it loses from the first on: its answer to our SYN. */
static bool dial_deafen(const struct link *link, int fd, int family)
{
    const struct loss *losses = link->ends[SIDE_SERVER].losses;

    return losses == NULL || family == AF_UNIX || loss_apply(fd, family == AF_INET6, losses) == 0;
}

/* As connect(), with what waits for the server in the SYN if that may be. It goes on waiting until this very SYN has connected. */
static bool dial_connect(struct link *link, int fd, const struct sockaddr *address, socklen_t length)
{
    struct piece front = {.length = 0};
    ssize_t took;

    link->in_syn = 0;
    if (address->sa_family == AF_UNIX || !link_may_open_fast(link)) {
        return connect(fd, address, length) == 0;
    }
    if (!queue_front(&link->ends[SIDE_SERVER].out, SIZE_MAX, &front) || front.flags != 0) {
        front.length = 0;
    }
    took = fast_open_connect(fd, address, length, front.bytes, front.length);
    link->in_syn = took > 0 ? (size_t)took : 0;
    return took >= 0;
}

static int dial_socket(struct link *link, const struct sockaddr *address, socklen_t length)
{
    const struct relay_spec *spec = link->relay->spec;
    bool as_usual = link->worker == link->relay->worker && link->ends[SIDE_SERVER].losses == NULL; /* no rule has to do with this SYN */
    int fd = as_usual ? absence_take(link->relay) : -1, error;

    if (fd >= 0) {
        return fd;
    }
    fd = socket_new(address->sa_family);
    if (fd < 0) {
        return -1;
    }
    if (socket_prepare(fd, address->sa_family, spec->window, spec->segments) == 0
        && dial_deafen(link, fd, address->sa_family)
        && (dial_connect(link, fd, address, length) || errno == EINPROGRESS)) {
        return fd;
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Nothing of ours or of the server's to connect with at the moment: not the server's refusal, so try again. */
static bool passes_by(int error, int family)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || (error == EAGAIN && family == AF_UNIX);
}

static void dial_try(struct dial *dial)
{
    struct link *link = dial->link;
    const struct sockaddr *address;
    socklen_t length;

    if (link->ends[SIDE_SERVER].state == END_GONE) { /* a rule was faster */
        dial_free(dial);
        link->dial = NULL;
        return;
    }
    while (dial_next(dial, &address, &length)) {
        int fd = dial_socket(link, address, length);

        if (fd < 0 && passes_by(errno, address->sa_family)) {
            if (errno == EMFILE || errno == ENFILE) {
                relay_pause(link->relay, link->worker);
            }
            timer_set(&link->worker->timers, &dial->retry, timers_now(&link->worker->timers) + NO_DESCRIPTOR_PAUSE);
            return;
        }
        dial->error = errno;
        dial->address = address;
        if (fd >= 0) {
            end_open(&link->ends[SIDE_SERVER], fd, address->sa_family, END_CONNECTING);
        }
        link_tell(link, (struct notice){.kind = NOTICE_DIALLING, .text = dial->text});
        if (fd >= 0) {
            return;
        }
        dial_tried(dial);
    }
    dial_fail(dial, dial->error);
}

static void dial_retry(struct timer *timer)
{
    dial_try((struct dial *)((char *)timer - offsetof(struct dial, retry)));
}

void dial_ready(struct dial *dial)
{
    struct link *link = dial->link;
    struct end *server = &link->ends[SIDE_SERVER];
    int error = server->stream.ops->take_error(&server->stream);

    if (error == 0 && (server->stream.says & POLLER_WRITE) == 0) {
        return;
    }
    /* ECONNRESET and EPIPE: it was connected, and reset already; what it said before can still be read. A refusal says ECONNREFUSED. */
    if (error != 0 && error != ECONNRESET && error != EPIPE) {
        end_discard(server);
        dial->error = error;
        dial_tried(dial);
        dial_try(dial);
        return;
    }
    server->error = error;
    link_connected(link, dial->text);
    dial_free(dial);
}

static void dial_resolved(int result, struct evutil_addrinfo *found, void *argument)
{
    struct dial *dial = argument;

    dial->worker->lookups--;
    dial->request = NULL;
    dial->found = found;
    if (dial->link == NULL) {
        dial_free(dial);
        return;
    }
    if (result != 0) {
        snprintf(dial->found_text, sizeof(dial->found_text), "%s: %s", dial->text, evutil_gai_strerror(result));
        dial->text = dial->found_text;
        dial_fail(dial, 0); /* no call failed: the text says it */
        return;
    }
    dial->next = found;
    dial_try(dial);
}

static void make_resolver(struct worker *worker)
{
    if (worker->base == NULL) {
        worker->base = event_base_new();
    }
    worker->dns = evdns_base_new(worker->base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    if (worker->dns == NULL) {
        worker->dns = evdns_base_new(worker->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE); /* no resolv.conf: the hosts file is left */
        if (worker->dns == NULL) {
            abort();
        }
        evdns_base_load_hosts(worker->dns, "/etc/hosts");
    }
}

/* Answers that are at hand (the hosts file) come at once: `dial` may be gone when this returns. */
static void dial_resolve(struct dial *dial)
{
    struct worker *worker = dial->link->worker;
    const struct address *server = &dial->link->relay->spec->server;
    struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    struct evdns_getaddrinfo_request *request;
    struct link *link = dial->link;
    char port[8];

    if (worker->dns == NULL) {
        make_resolver(worker);
    }
    worker->lookups++;
    snprintf(port, sizeof(port), "%u", server->port);
    request = evdns_getaddrinfo(worker->dns, server->host, port, &hints, dial_resolved, dial);
    if (request != NULL && link->dial == dial) {
        dial->request = request;
    }
}

void dial_start(struct link *link)
{
    const struct address *server = &link->relay->spec->server;
    struct dial *dial = calloc(1, sizeof(*dial));

    if (dial == NULL) {
        abort();
    }
    dial->worker = link->worker;
    dial->link = link;
    dial->retry.fire = dial_retry;
    link->dial = dial;
    dial->text = server->text;
    dial->fixed = link->relay->server_length > 0;
    if (server->kind == ADDRESS_NAME) {
        dial_resolve(dial);
    } else if (dial->fixed) {
        dial_try(dial);
    } else {
        dial_fail(dial, ENAMETOOLONG);
    }
}

bool dial_facing(const struct dial *dial, struct socket_pair *pair)
{
    const struct end *server = &dial->link->ends[SIDE_SERVER];
    socklen_t length = sizeof(pair->remote);

    memset(pair, 0, sizeof(*pair));
    if (server->state != END_CONNECTING || !server->stream.tcp
        || getsockname(server->stream.fd, (struct sockaddr *)&pair->remote, &length) < 0) {
        return false;
    }
    memcpy(&pair->local, dial->address, dial->address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
    return true;
}

void dial_cancel(struct dial *dial)
{
    if (dial->request == NULL) {
        dial_free(dial);
        return;
    }
    timer_cancel(&dial->link->worker->timers, &dial->retry);
    dial->link = NULL;
    evdns_getaddrinfo_cancel(dial->request); /* calls dial_resolved() */
}
