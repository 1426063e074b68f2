/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attempts: clients whose SYN is held back (kernel/porch.h), or ignored (bell.h), until it is decided whether they are connected. A link
 * begins as an attempt, and an attempt is remembered as long as its link, so that its SYN, which TCP repeats, is not taken for another one;
 * when it was turned away, for a while longer, so that the same SYN gets the same answer. They come in by entrance.c or bell.c; link.c
 * decides.
 */
#ifndef HANGUP_RELAY_ATTEMPT_H
#define HANGUP_RELAY_ATTEMPT_H

#include "kernel/poller.h"
#include "kernel/porch.h"
#include "relay/timers.h"

struct link;
struct relay;
struct attempts;

enum attempt_state {
    ATTEMPT_HELD,      /* its SYN waits for an answer */
    ATTEMPT_LET_IN,    /* our kernel answers it now; accept() will give its socket */
    ATTEMPT_MET,       /* a socket of ours is on its way to it */
    ATTEMPT_CONNECTED, /* accept() has, or we have met */
    ATTEMPT_OVER,      /* turned away, or nobody is to answer it; the link is gone */
};

struct attempt {
    struct attempt *next; /* in its bucket */
    struct attempts *among;
    struct link *link; /* NULL when it is over */
    enum attempt_state state;
    uint8_t host[16]; /* the client's; IPv4 addresses mapped */
    uint16_t port;    /* network byte order */
    uint32_t sequence;
    bool here; /* its socket is on this machine */
    struct porch *porch; /* NULL: its SYN is ignored, and `syn` made up */
    struct syn *syn; /* NULL once it is connected */
    int error;       /* ATTEMPT_OVER: the answer, ETIMEDOUT: none */
    bool wanted;     /* to be let in as soon as nothing speaks against it */
    unsigned lost;   /* rules that lose its SYN: it goes on with the next SYN that comes when there is none */
    unsigned held;   /* rules that hold its SYN: it goes on when there is none */
    unsigned unanswered; /* rules that hold the server's answer to it */
    bool unheard;    /* its SYN was lost: one must come again */
    uint64_t heard_at, pause; /* ns: when its SYN came last, and how long after the one before */
    uint64_t connected_at;
    int fd; /* ATTEMPT_MET: our socket */
    struct polled polled;
    struct timer timer; /* the next look whether it is still wanted by the client; when it is over: when it is forgotten */
    uint64_t look_pause; /* ns to the next look */
};

struct attempts *attempts_new(struct relay *relay);
void attempts_end(struct attempts *attempts); /* nobody listens any more: who waits is turned away, who was let in is not accepted */
void attempts_free(struct attempts *attempts); /* the links must be gone; NULL is fine */

/* A SYN that was heard in this porch: a new attempt and its link, or one that is repeated. NULL: one that was ignored, from a client here.
 * False: there is no room for it now. */
bool attempts_hear(struct attempts *attempts, struct porch *porch, const struct syn *syn);

/* Whether clients of this machine can be looked for: else those that are ignored are never found. */
bool attempts_can_look(const struct attempts *attempts);

/* Whether somebody was let in and has not come to accept() yet. */
bool attempts_expect(const struct attempts *attempts);

/* The attempt that an accepted connection has come from; NULL: none. */
struct attempt *attempts_find(struct attempts *attempts, const struct sockaddr_storage *client);

/* Does a rule keep it from going on? */
bool attempt_is_kept(const struct attempt *attempt);

/* The client is to be connected: now, or as soon as no rule keeps the answer from it. */
void attempt_let_in(struct attempt *attempt);

/* A rule loses its SYN, or holds it or the server's answer to it; or does so no more. */
void attempt_lose(struct attempt *attempt, bool lose);
void attempt_hold(struct attempt *attempt, bool answer, bool hold);

/* It is connected, and this is the socket. */
void attempt_accepted(struct attempt *attempt, int fd);

/* Whether the client may still be inside its connect(): an RST now would be that call's error. Asks its link to go on when that is over. */
bool attempt_is_fresh(struct attempt *attempt);

/* Whether the client's connect() can be made to fail with this errno, or with what comes nearest. Who is ignored hears nothing, but what
 * the kernel says while the relay refuses, at his next SYN. */
bool attempt_can_hear(const struct attempt *attempt, int error);

/* The client's connect() is to fail with this errno; ETIMEDOUT: it gets no answer. The link has nothing to do with it any more. */
void attempt_turn_away(struct attempt *attempt, int error);

/* Its link is gone. */
void attempt_forget(struct attempt *attempt);

/* What its SYN asks and says of fast open (RFC 7413). */
bool attempt_opens_fast(const struct attempt *attempt);
size_t attempt_data(const struct attempt *attempt, const uint8_t **data);

/* Its own address at which the client aims. */
const struct sockaddr_storage *attempt_local(const struct attempt *attempt);

#endif
