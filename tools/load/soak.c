/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A soak: many links at a time, each with its own amounts there and back, pauses, appetite and way to end, all drawn; when one is over
 * the next one begins. Links from 127.0.0.1 are touched by no rule: each of their bytes has to come, as the hashes in the tail tell, and
 * they have to end as they should. So have those of the rules that keep what is said (struct touched in job.h). Called by main.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/load/job.h"
#include "tools/load/payload.h"
#include "tools/load/sockets.h"
#include "tools/peer/clock.h"

#define EVENTS  256
#define PIECE   ((uint32_t)64 * 1024)
#define MS      UINT64_C(1000000)
#define TURN    (5 * MS)     /* how often links with something to do are looked for */
#define PATIENT (60000 * MS) /* how long a link that must be whole may take */
#define SHORT   (4000 * MS)  /* how long one that rules have broken may */

/* What became of links. */
struct harvest {
    uint64_t untouched, kept, broken, refused;
    uint64_t unaccepted; /* reset before they said a byte of their own: they were in the queue of a port that was closed */
    uint64_t bytes; /* of whole links, both ways */
    uint64_t wrong; /* links that should have been whole and were not */
};

enum state {
    FREE,    /* has no connection; begins one at `next` */
    TALKING, /* has one */
};

struct soaker {
    enum state state;
    int fd;
    struct sockaddr_in from; /* its own address: tells which rule touches it */
    bool whole;              /* all of it has to come */
    bool greedy;             /* reads when there is something; otherwise a little at its turns */
    uint64_t next;           /* when its next turn is */
    uint64_t deadline;
    uint64_t pause; /* between its turns */
    struct payload_head head;
    size_t head_gone;    /* bytes of the head */
    uint32_t piece;      /* bytes a turn */
    uint32_t gone, come; /* bytes of the payloads */
    uint64_t hash_gone, hash_come;
    struct payload_tail tail;
    size_t tail_come; /* bytes of it */
    bool shut;        /* the FIN of a half-close has gone */
};

struct crowd {
    const struct job *job;
    struct soaker *soakers;
    int poll;
    bool closing; /* no new links */
    struct harvest harvest;
    char piece[PIECE];
};

static uint32_t draw(uint32_t below)
{
    return (uint32_t)random() % below;
}

/* Mostly little, sometimes much: less than 1 KiB, 32 KiB, 512 KiB. */
static uint32_t draw_amount(void)
{
    uint32_t share = draw(100);

    return draw(share < 60 ? 1024 : share < 95 ? 32 * 1024 : 512 * 1024);
}

static void draw_address(struct soaker *soaker, const struct touched *touched)
{
    uint32_t share = draw(100), kept = (uint32_t)touched->kept, broken = (uint32_t)touched->broken;
    uint32_t host = 0x7f000001;

    if (share < kept)
        host = 0x7f010001 + ((share + 1) << 8);
    else if (share < kept + broken)
        host = 0x7f020001 + ((share - kept + 1) << 8);
    soaker->from = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(host)};
    soaker->whole = share < kept || share >= kept + broken;
}

static void soaker_start(struct crowd *crowd, struct soaker *soaker)
{
    uint64_t now = clock_now();
    int on = 1;

    *soaker = (struct soaker){.state = TALKING, .hash_gone = PAYLOAD_HASH_START, .hash_come = PAYLOAD_HASH_START};
    draw_address(soaker, &crowd->job->touched);
    soaker->head = (struct payload_head){.seed = (uint32_t)random(), .up = draw_amount(), .down = draw_amount(), .ending = draw(ENDINGS)};
    soaker->piece = soaker->head.up / (1 + draw(8)) + 1;
    soaker->pause = draw(1000) * MS;
    soaker->greedy = draw(4) > 0;
    soaker->next = now;
    soaker->deadline = now + (soaker->whole ? PATIENT : SHORT);
    soaker->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (soaker->fd < 0)
        fail("socket");
    setsockopt(soaker->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    sockets_set_nodelay(soaker->fd);
    if (bind(soaker->fd, (const struct sockaddr *)&soaker->from, sizeof(soaker->from)) < 0)
        fail("bind");
    if (connect(soaker->fd, (const struct sockaddr *)&crowd->job->address, sizeof(crowd->job->address)) < 0 && errno != EINPROGRESS)
        fail("connect");
    sockets_watch(crowd->poll, soaker->fd, soaker->greedy ? EPOLLIN : 0, soaker);
}

static void soaker_end(struct soaker *soaker, bool reset)
{
    struct linger now = {.l_onoff = 1};

    if (reset)
        setsockopt(soaker->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(soaker->fd);
    soaker->state = FREE;
    soaker->next = clock_now() + draw(100) * MS;
}

/* It is over, and not as it should be. */
static void soaker_fail(struct crowd *crowd, struct soaker *soaker, const char *why)
{
    struct sockaddr_in from = soaker->from;
    socklen_t length = sizeof(from);
    char text[INET_ADDRSTRLEN];

    if (strcmp(why, strerror(ECONNREFUSED)) == 0 && soaker->come == 0) {
        crowd->harvest.refused++;
    } else if (strcmp(why, strerror(ECONNRESET)) == 0 && soaker->gone == 0 && soaker->come == 0) {
        crowd->harvest.unaccepted++;
    } else if (!soaker->whole) {
        crowd->harvest.broken++;
    } else if (crowd->harvest.wrong++ < 20) {
        (void)getsockname(soaker->fd, (struct sockaddr *)&from, &length);
        inet_ntop(AF_INET, &from.sin_addr, text, sizeof(text));
        fprintf(stderr, "load: soak: %s:%u: %s; %u of %u bytes had gone, %u of %u come, ending %u\n", text, ntohs(from.sin_port), why,
            soaker->gone, soaker->head.up, soaker->come, soaker->head.down, soaker->head.ending);
    }
    soaker_end(soaker, true);
}

/* All that was to come has: was it right? */
static void soaker_succeed(struct crowd *crowd, struct soaker *soaker)
{
    if (soaker->tail.up != soaker->hash_gone) {
        soaker_fail(crowd, soaker, "the server has read something else than was written");
        return;
    }
    if (soaker->tail.down != soaker->hash_come) {
        soaker_fail(crowd, soaker, "the server has written something else than was read");
        return;
    }
    if (!soaker->whole)
        crowd->harvest.broken++;
    else if (soaker->from.sin_addr.s_addr == htonl(INADDR_LOOPBACK))
        crowd->harvest.untouched++;
    else
        crowd->harvest.kept++;
    crowd->harvest.bytes += soaker->head.up + soaker->head.down;
    soaker_end(soaker, soaker->head.ending == ENDING_RESET);
}

/* Takes what was read. False: it is too much. */
static bool soaker_hear(struct soaker *soaker, const char *bytes, size_t size)
{
    size_t part = soaker->head.down - soaker->come;

    if (part > size)
        part = size;
    soaker->hash_come = payload_hash(soaker->hash_come, bytes, part);
    soaker->come += (uint32_t)part;
    bytes += part, size -= part;
    if (size > sizeof(soaker->tail) - soaker->tail_come)
        return false;
    memcpy((char *)&soaker->tail + soaker->tail_come, bytes, size);
    soaker->tail_come += size;
    return true;
}

static void soaker_read(struct crowd *crowd, struct soaker *soaker)
{
    ssize_t got = read(soaker->fd, crowd->piece, soaker->greedy ? PIECE : PIECE / 4);
    bool all;

    if (got < 0 && errno == EAGAIN)
        return;
    if (got < 0) {
        soaker_fail(crowd, soaker, strerror(errno));
        return;
    }
    if (got > 0 && !soaker_hear(soaker, crowd->piece, (size_t)got)) {
        soaker_fail(crowd, soaker, "more has come than was said");
        return;
    }
    all = soaker->tail_come == sizeof(soaker->tail);
    if (got == 0 && !all)
        soaker_fail(crowd, soaker, "the end has come too early");
    else if (all && (got == 0 || soaker->head.ending == ENDING_CLIENT_FIRST || soaker->head.ending == ENDING_RESET))
        soaker_succeed(crowd, soaker);
}

/* What it has to write at this turn. False: the connection has failed. */
static bool soaker_write(struct crowd *crowd, struct soaker *soaker)
{
    uint32_t left = soaker->head.up - soaker->gone, size = left < soaker->piece ? left : soaker->piece;
    ssize_t sent;

    if (soaker->head_gone < sizeof(soaker->head)) {
        sent = write(soaker->fd, (char *)&soaker->head + soaker->head_gone, sizeof(soaker->head) - soaker->head_gone);
        soaker->head_gone += sent > 0 ? (size_t)sent : 0;
        return sent > 0 || errno == EAGAIN;
    }
    if (left == 0) {
        if (soaker->head.ending == ENDING_HALF_CLOSE && !soaker->shut)
            soaker->shut = shutdown(soaker->fd, SHUT_WR) == 0;
        return true;
    }
    if (size > PIECE)
        size = PIECE;
    payload_fill(soaker->head.seed, soaker->gone, crowd->piece, size);
    sent = write(soaker->fd, crowd->piece, size);
    if (sent > 0) {
        soaker->hash_gone = payload_hash(soaker->hash_gone, crowd->piece, (size_t)sent);
        soaker->gone += (uint32_t)sent;
    }
    return sent > 0 || errno == EAGAIN;
}

static void soaker_turn(struct crowd *crowd, struct soaker *soaker, uint64_t now)
{
    if (soaker->state == FREE) {
        soaker_start(crowd, soaker);
        return;
    }
    if (now > soaker->deadline) {
        soaker_fail(crowd, soaker, "it does not come to an end");
        return;
    }
    if (!soaker_write(crowd, soaker)) {
        soaker_fail(crowd, soaker, strerror(errno));
        return;
    }
    soaker->next = now + (soaker->gone < soaker->head.up ? soaker->pause : 20 * MS);
    if (!soaker->greedy)
        soaker_read(crowd, soaker);
}

/* Lets all go on whose turn it is. Returns how many have a connection. */
static int crowd_turn(struct crowd *crowd)
{
    uint64_t now = clock_now();
    int talking = 0;

    for (int i = 0; i < crowd->job->links; i++) {
        struct soaker *soaker = &crowd->soakers[i];

        if (soaker->next <= now && (soaker->state == TALKING || !crowd->closing))
            soaker_turn(crowd, soaker, now);
        talking += soaker->state == TALKING;
    }
    return talking;
}

static void crowd_hear(struct crowd *crowd, uint64_t deadline)
{
    struct epoll_event events[EVENTS];

    while (clock_now() < deadline) {
        int count = sockets_wait(crowd->poll, events, EVENTS, deadline);

        for (int i = 0; i < count; i++)
            soaker_read(crowd, events[i].data.ptr);
    }
}

void soak(const struct job *job)
{
    static struct crowd crowd;
    uint64_t end = clock_now() + job->length;
    const struct harvest *harvest = &crowd.harvest;

    crowd.job = job;
    crowd.poll = epoll_create1(EPOLL_CLOEXEC);
    crowd.soakers = calloc((size_t)job->links, sizeof(*crowd.soakers));
    if (!crowd.soakers)
        fail("memory");
    for (int i = 0; i < job->links; i++)
        crowd.soakers[i].next = clock_now() + draw(1000) * MS;
    while (crowd_turn(&crowd) > 0 || !crowd.closing) {
        crowd.closing = clock_now() >= end;
        crowd_hear(&crowd, clock_now() + TURN);
    }
    printf("{\"untouched\": %" PRIu64 ", \"kept\": %" PRIu64 ", \"broken\": %" PRIu64 ", \"refused\": %" PRIu64, harvest->untouched,
        harvest->kept, harvest->broken, harvest->refused);
    printf(", \"unaccepted\": %" PRIu64 ", \"wrong\": %" PRIu64 ", \"bytes\": %" PRIu64 "}\n", harvest->unaccepted, harvest->wrong,
        harvest->bytes);
    free(crowd.soakers);
}
