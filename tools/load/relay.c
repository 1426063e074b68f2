/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bare relay, `load relay`: what is left of a relay when all is left out that moving bytes can do without. Edge-triggered, one recv()
 * and one send() for what comes, splice() in bulk, FINs passed on, and nothing else: no rule, no state, no log; what goes wrong with one
 * connection ends both. What it costs is what the kernel takes from any relay that works by these calls: a bound to measure others by.
 * Called by main.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/load/job.h"
#include "tools/load/sockets.h"

#define EVENTS 256
#define ENOUGH ((size_t)64 * 1024) /* bytes of one recv() */
#define PIPE ((size_t)1024 * 1024) /* bytes of one splice(), and of one end before the others come first */
#define BULK 3                     /* so many reads in a row that were full */
#define READY (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

/* One of the two sockets of a pair, and what is to be sent by it. */
struct end {
    struct pair *pair;
    int fd;
    int in, out;   /* a pipe, once what goes to this end is bulk */
    size_t piped;  /* bytes that are in it */
    char *rest;    /* what send() has not taken, or NULL */
    size_t rest_size, rest_sent;
    int full;      /* reads in a row that were full */
    bool watched;
    bool ending; /* there is a FIN, or an error, behind what can be read */
    bool fin_heard;
};

struct pair {
    struct end ends[2]; /* the client's, the server's */
    bool over;
    struct pair *next; /* of those that are over */
};

struct bare {
    int listener, poll;
    struct sockaddr_in server;
    struct pair *over;
    char bytes[ENOUGH];
};

static struct end *other_end(struct end *end)
{
    return end == &end->pair->ends[0] ? &end->pair->ends[1] : &end->pair->ends[0];
}

static void watch(const struct bare *bare, struct end *end)
{
    end->watched = true;
    sockets_watch(bare->poll, end->fd, READY, end);
}

static void end_pair(struct bare *bare, struct pair *pair)
{
    for (int i = 0; i < 2; i++) {
        close(pair->ends[i].fd);
        if (pair->ends[i].in > 0) {
            close(pair->ends[i].in);
            close(pair->ends[i].out);
        }
        free(pair->ends[i].rest);
    }
    pair->over = true; /* what epoll has said of it may still stand in the list */
    pair->next = bare->over;
    bare->over = pair;
}

static void free_pairs(struct bare *bare)
{
    while (bare->over) {
        struct pair *pair = bare->over;

        bare->over = pair->next;
        free(pair);
    }
}

/* Behind a call on one of its sockets that has failed. */
static void end_if_broken(struct bare *bare, struct pair *pair)
{
    if (errno != EAGAIN)
        end_pair(bare, pair);
}

/* Sends what is left; whether all has gone. */
static bool send_rest(struct bare *bare, struct end *end)
{
    while (end->piped > 0) {
        ssize_t put = splice(end->out, NULL, end->fd, NULL, end->piped, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

        if (put <= 0) {
            end_if_broken(bare, end->pair);
            return false;
        }
        end->piped -= (size_t)put;
    }
    while (end->rest) {
        ssize_t put = send(end->fd, end->rest + end->rest_sent, end->rest_size - end->rest_sent, MSG_NOSIGNAL);

        if (put < 0) {
            end_if_broken(bare, end->pair);
            return false;
        }
        end->rest_sent += (size_t)put;
        if (end->rest_sent == end->rest_size) {
            free(end->rest);
            end->rest = NULL;
        }
    }
    return true;
}

static void send_bytes(struct bare *bare, struct end *end, size_t size)
{
    ssize_t put = send(end->fd, bare->bytes, size, MSG_NOSIGNAL);
    size_t sent = put < 0 ? 0 : (size_t)put;

    if (put < 0)
        end_if_broken(bare, end->pair);
    if (sent == size || end->pair->over)
        return;
    end->rest = malloc(size - sent);
    if (!end->rest)
        fail("memory");
    memcpy(end->rest, bare->bytes + sent, size - sent);
    end->rest_size = size - sent;
    end->rest_sent = 0;
}

/* One go. What recv() says, or splice(). */
static ssize_t take(struct bare *bare, struct end *from, struct end *to)
{
    ssize_t got;

    if (from->full >= BULK && to->in == 0) {
        int ends[2];

        if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0 || fcntl(ends[0], F_SETPIPE_SZ, (int)PIPE) < 0)
            fail("pipe");
        to->out = ends[0];
        to->in = ends[1];
    }
    if (to->in > 0) {
        got = splice(from->fd, NULL, to->in, NULL, PIPE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        to->piped = got > 0 ? (size_t)got : 0;
        return got;
    }
    got = recv(from->fd, bare->bytes, sizeof(bare->bytes), 0);
    from->full = got == (ssize_t)sizeof(bare->bytes) ? from->full + 1 : 0;
    if (got > 0)
        send_bytes(bare, to, (size_t)got);
    return got;
}

static void pass_fin(struct bare *bare, struct end *from, struct end *to)
{
    from->fin_heard = true;
    if (to->fin_heard)
        end_pair(bare, from->pair);
    else
        shutdown(to->fd, SHUT_WR);
}

/* What comes from one end goes to the other, as far as that takes it. */
static void move(struct bare *bare, struct end *from)
{
    struct end *to = other_end(from);
    size_t moved = 0;

    while (!from->pair->over && send_rest(bare, to) && !from->fin_heard && moved < PIPE) {
        ssize_t got = take(bare, from, to);

        if (got == 0)
            pass_fin(bare, from, to);
        else if (got < 0)
            end_if_broken(bare, from->pair);
        if (got <= 0)
            return;
        moved += (size_t)got;
        if (to->in == 0 && got < (ssize_t)sizeof(bare->bytes) && !from->ending)
            return; /* there was no more; when there is, epoll says so */
    }
    if (moved >= PIPE && !from->pair->over) {
        struct epoll_event event = {.events = READY, .data.ptr = from};

        epoll_ctl(bare->poll, EPOLL_CTL_MOD, from->fd, &event); /* it is said once more that there is something */
    }
}

static void accept_all(struct bare *bare)
{
    int fd;

    while ((fd = accept4(bare->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct pair *pair = calloc(1, sizeof(*pair));

        if (!pair)
            fail("memory");
        sockets_set_nodelay(fd);
        pair->ends[0] = (struct end){.pair = pair, .fd = fd};
        pair->ends[1] = (struct end){.pair = pair, .fd = sockets_start_dial(&bare->server)};
        watch(bare, &pair->ends[1]);
    }
    if (errno != EAGAIN && errno != ECONNABORTED)
        fail("accept");
}

static void end_ready(struct bare *bare, struct end *end, uint32_t ready)
{
    struct end *other = other_end(end);

    end->ending = end->ending || (ready & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (!other->watched) /* the server is connected, or has refused */
        watch(bare, other);
    if ((ready & EPOLLOUT) && (end->rest || end->piped > 0))
        move(bare, other);
    if ((ready & ~(uint32_t)EPOLLOUT) && !end->pair->over)
        move(bare, end);
}

_Noreturn void relay(struct sockaddr_in here, struct sockaddr_in server)
{
    static struct bare bare;
    struct epoll_event events[EVENTS];

    bare.listener = sockets_listen_at(&here);
    bare.server = server;
    bare.poll = epoll_create1(EPOLL_CLOEXEC);
    sockets_watch(bare.poll, bare.listener, EPOLLIN, NULL);
    for (;;) {
        int count = epoll_wait(bare.poll, events, EVENTS, -1);

        for (int i = 0; i < count; i++) {
            struct end *end = events[i].data.ptr;

            if (!end)
                accept_all(&bare);
            else if (!end->pair->over)
                end_ready(&bare, end, events[i].events);
        }
        free_pairs(&bare);
    }
}
