/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server of a soak: it reads, writes and ends each link as the link's head says, and tells in the tail what it has read. What rules
 * do to a link is no error here: the client knows whether all should have come. A link on which nothing moves is given up. Called by
 * main.c.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/load/job.h"
#include "tools/load/payload.h"
#include "tools/load/sockets.h"
#include "tools/peer/clock.h"

#define EVENTS 256
#define PIECE  ((size_t)64 * 1024)
#define SECOND UINT64_C(1000000000)

struct guest {
    struct guest *next, *previous; /* in the ring of all guests */
    int fd;
    uint64_t moved; /* when something last came or went */
    struct payload_head head;
    size_t head_come;    /* bytes of the head that have come */
    bool ended;          /* the client's FIN has come */
    uint32_t come, gone; /* bytes of the payloads */
    uint64_t hash_come, hash_gone;
    size_t tail_gone; /* bytes of the tail */
};

struct house {
    int listener, poll;
    uint64_t patience;   /* ns: how long nothing may move on a link; longer than any client pauses */
    struct guest guests; /* the ring's head */
    char piece[PIECE];
};

static void guest_end(struct guest *guest)
{
    guest->next->previous = guest->previous;
    guest->previous->next = guest->next;
    close(guest->fd);
    free(guest);
}

static void house_accept(struct house *house)
{
    int fd;

    while ((fd = accept4(house->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct guest *guest = calloc(1, sizeof(*guest));

        if (!guest)
            fail("memory");
        guest->fd = fd;
        guest->moved = clock_now();
        guest->hash_come = guest->hash_gone = PAYLOAD_HASH_START;
        guest->next = house->guests.next;
        guest->previous = &house->guests;
        guest->next->previous = house->guests.next = guest;
        sockets_set_nodelay(fd);
        sockets_watch(house->poll, fd, EPOLLIN | EPOLLOUT | EPOLLET, guest);
    }
    if (errno != EAGAIN && errno != ECONNABORTED)
        fail("accept");
}

static void guest_hear(struct guest *guest, const char *bytes, size_t size)
{
    size_t part = sizeof(guest->head) - guest->head_come;

    if (part > size)
        part = size;
    memcpy((char *)&guest->head + guest->head_come, bytes, part);
    guest->head_come += part;
    guest->come += (uint32_t)(size - part);
    guest->hash_come = payload_hash(guest->hash_come, bytes + part, size - part);
}

/* Reads what there is. False: the connection has failed, or what it should say will not come. */
static bool guest_read(struct house *house, struct guest *guest)
{
    ssize_t got = 0;

    while (!guest->ended && (got = read(guest->fd, house->piece, PIECE)) > 0) {
        guest_hear(guest, house->piece, (size_t)got);
        guest->moved = clock_now();
    }
    if (got < 0 && errno != EAGAIN)
        return false;
    guest->ended = guest->ended || got == 0;
    return !guest->ended || (guest->head_come == sizeof(guest->head) && guest->come >= guest->head.up);
}

/* Whether the tail's turn has come. */
static bool guest_has_heard_all(const struct guest *guest)
{
    return guest->come >= guest->head.up && (guest->head.ending != ENDING_HALF_CLOSE || guest->ended);
}

static ssize_t guest_put_payload(struct house *house, struct guest *guest)
{
    uint32_t left = guest->head.down - guest->gone;
    size_t size = left < PIECE ? left : PIECE;
    ssize_t sent;

    payload_fill(~guest->head.seed, guest->gone, house->piece, size);
    sent = write(guest->fd, house->piece, size);
    if (sent > 0) {
        guest->hash_gone = payload_hash(guest->hash_gone, house->piece, (size_t)sent);
        guest->gone += (uint32_t)sent;
    }
    return sent;
}

static ssize_t guest_put_tail(struct guest *guest)
{
    struct payload_tail tail = {.up = guest->hash_come, .down = guest->hash_gone};
    ssize_t sent = write(guest->fd, (char *)&tail + guest->tail_gone, sizeof(tail) - guest->tail_gone);

    if (sent > 0)
        guest->tail_gone += (size_t)sent;
    return sent;
}

/* Writes what the socket takes. False: the connection has failed. */
static bool guest_write(struct house *house, struct guest *guest)
{
    ssize_t sent = 1;

    if (guest->head_come < sizeof(guest->head))
        return true;
    while (sent > 0) {
        if (guest->gone < guest->head.down)
            sent = guest_put_payload(house, guest);
        else if (guest->tail_gone < sizeof(struct payload_tail) && guest_has_heard_all(guest))
            sent = guest_put_tail(guest);
        else
            return true;
        guest->moved = clock_now();
    }
    return errno == EAGAIN;
}

static bool guest_is_over(const struct guest *guest)
{
    bool said = guest->head_come == sizeof(guest->head) && guest->tail_gone == sizeof(struct payload_tail);

    return said && (guest->ended || guest->head.ending == ENDING_SERVER_FIRST);
}

/* Ends those on which nothing moves: a rule keeps from them what they wait for. */
static void house_sweep(struct house *house)
{
    uint64_t now = clock_now();

    for (struct guest *guest = house->guests.next, *next; guest != &house->guests; guest = next) {
        next = guest->next;
        if (now - guest->moved > house->patience)
            guest_end(guest);
    }
}

_Noreturn void host(uint64_t patience)
{
    static struct house house;
    struct epoll_event events[EVENTS];
    uint64_t sweep = clock_now() + SECOND;

    house.guests.next = house.guests.previous = &house.guests;
    house.patience = patience;
    house.listener = sockets_listen();
    house.poll = epoll_create1(EPOLL_CLOEXEC);
    sockets_watch(house.poll, house.listener, EPOLLIN, NULL);
    for (;;) {
        int count = sockets_wait(house.poll, events, EVENTS, sweep);

        for (int i = 0; i < count; i++) {
            struct guest *guest = events[i].data.ptr;

            if (!guest)
                house_accept(&house);
            else if (!guest_read(&house, guest) || !guest_write(&house, guest) || guest_is_over(guest))
                guest_end(guest);
        }
        if (clock_now() >= sweep && count < EVENTS) { /* all that has come was looked at */
            house_sweep(&house);
            sweep = clock_now() + SECOND;
        }
    }
}
