/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fixture for tests of proxy/relay and proxy/engine: a worker whose clock stands still until the test moves it, rules compiled from
 * their text with the real faults, and links whose two sockets are fakes. A `struct peer` is the application at the other end of one:
 * what it says is scripted, what it hears is written down. Tests that use it are linked with --wrap=end_open, and get its dial in the
 * place of relay/dial.c.
 */
#ifndef HANGUP_TESTS_FIXTURE_H
#define HANGUP_TESTS_FIXTURE_H

#include "engine/engine.h"
#include "kernel/segments.h"
#include "relay/link.h"
#include "relay/relay.h"

#define FIXTURE_RELAYS 4
#define FIXTURE_BUFFER ((size_t)64 * 1024) /* bytes: what a flow may keep */

struct fixture;

struct peer {
    struct fixture *fixture;
    struct link *link; /* NULL: it is closed and freed */
    struct end *end;   /* NULL: we have no socket with it, or have closed it */

    /* What it says. */
    uint8_t *said;
    size_t said_length, read; /* bytes; how many of them were read */
    size_t cut;               /* a read brings at most so many bytes; 0: all there are */
    size_t urgent;            /* the position, from 1, of its urgent byte; 0: none */
    bool fin_said;
    int error;                /* its socket's pending error: told once */
    bool dead;                /* it was reset, or its machine is gone */
    bool hung_up;

    /* What it hears: bytes as they are, and <fin>, <rst>, <deaf>, <loses>, <hears>; <close> if its socket was closed without a FIN;
     * <urgent> in front of an urgent byte. */
    char *heard;
    size_t heard_length, heard_capacity;
    size_t writes, own_writes; /* calls; those of them with PIECE_OWN_WRITE */
    bool fin_heard, closed;

    /* Its kernel, and ours. */
    size_t room;         /* bytes that ours still takes */
    size_t unsent;       /* bytes that ours has and the wire had not */
    size_t unacked;      /* bytes that it has not acknowledged */
    uint64_t round_trip; /* ns */
    bool keeps_fin;      /* our FIN is not acknowledged */
    const char *loses;   /* what of its segments is lost, as it was told last */
    struct segments segments; /* what came of them */
    struct sequence sequence;
};

struct told {
    enum notice_kind kind;
    uint64_t at; /* ns since the start */
    uint64_t number;
    enum side side;
    uint64_t bytes, firing;
    int error;
    char rule[32]; /* "" for none */
    int step;      /* its index, -1 for none */
    char text[64];
};

struct fixture {
    struct clock clock; /* first: it leads back here */
    uint64_t now;       /* ns */
    struct worker *worker;
    struct ruleset *rules;
    unsigned next_rule; /* the index of the next one that is compiled */
    struct commons commons;
    struct engine *engine; /* NULL: without rules */
    struct relay relays[FIXTURE_RELAYS];
    struct observer listener;
    struct told *told;
    size_t told_count;
    struct peer **peers; /* client and server of each link, in the order in which they came */
    size_t peer_count;
    struct peer *client, *server; /* those of the last link */
};

/* A file of rules, or NULL for none. Where it has no relay block, there is a relay all the same. */
struct fixture *fixture_new(const char *rules);
struct fixture *fixture_seeded(const char *rules, uint64_t seed);

/* Other rules from now on. One that stands as it was is taken over. `scope`: of those that are new. */
void fixture_change(struct fixture *fixture, const char *rules);
void fixture_change_scoped(struct fixture *fixture, const char *rules, const struct scope *scope);
void fixture_free(struct fixture *fixture); /* checks that nothing is left over: timers, bytes that are counted */

/* A client connects (an address without port), at the first relay or another one; the server is being dialled, unless a rule says
 * otherwise. */
void fixture_open(struct fixture *fixture, const char *client);
void fixture_open_at(struct fixture *fixture, unsigned relay, const char *client);
void fixture_accept(struct fixture *fixture); /* the server of the last link accepts, refuses */
void fixture_refuse(struct fixture *fixture, int error);
void fixture_connect(struct fixture *fixture); /* opens, and accepts if it is dialled */

struct link *fixture_link(const struct fixture *fixture); /* the last that opened, and is open */

/* The client or the server of the nth link, from 1. */
struct peer *fixture_peer(const struct fixture *fixture, size_t link, enum side side);

/* Lets time pass; timers fire each at its time. */
void fixture_pass(struct fixture *fixture, uint64_t ns);
void fixture_pass_ms(struct fixture *fixture, uint64_t ms);

void fixture_signal(struct fixture *fixture, const char *name);

/* How often something was told; when, in ms since the start, the nth time (from 1), or -1. */
size_t fixture_count(const struct fixture *fixture, enum notice_kind kind);
int fixture_told_at(const struct fixture *fixture, enum notice_kind kind, size_t nth);
const struct told *fixture_told(const struct fixture *fixture, enum notice_kind kind, size_t nth);
int fixture_count_rule(const struct fixture *fixture, enum notice_kind kind, const char *rule);

/* The application speaks; what it says is relayed before these return. */
void peer_say(struct peer *peer, const char *text);
void peer_say_bytes(struct peer *peer, const void *bytes, size_t length);
void peer_say_urgent(struct peer *peer, const char *text); /* its last byte is urgent */
void peer_fin(struct peer *peer);
void peer_reset(struct peer *peer);
void peer_fail(struct peer *peer, int error); /* its machine is gone: ETIMEDOUT … */
void peer_take(struct peer *peer, size_t room); /* our kernel takes so many bytes more for it */
void peer_ack_fin(struct peer *peer);
void peer_wake(struct peer *peer); /* its socket is ready: something about it was changed */

#define assert_heard(peer, text) assert_string_equal((peer)->heard, text)

#endif
