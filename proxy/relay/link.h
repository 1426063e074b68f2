/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A link: one relayed connection, two flows between two ends. It begins as an attempt, a SYN that is held or a client that was accepted,
 * and is over when both ends are. This
 * file decides what an ending means for the link as a whole; bytes are flow.c's, sockets are end.c's. It knows no rule and no fault: what
 * they need of it stands in this header and those of end and flow.
 */
#ifndef HANGUP_RELAY_LINK_H
#define HANGUP_RELAY_LINK_H

#include <sys/socket.h>

#include "relay/end.h"
#include "relay/flow.h"
#include "relay/notice.h"
#include "relay/worker.h"

struct attempt;
struct dial;
struct relay;
struct worker;
struct choice;
struct engine_link;
struct sight;

struct link {
    struct worker *worker;
    struct relay *relay;
    struct link *next, *previous; /* in the worker's list of open links, or of finished ones */
    uint64_t number;              /* of this relay, from 1 */
    uint64_t opened_at;           /* ns */

    struct end ends[2];   /* by the side they face */
    struct flow flows[2]; /* by their speaker */
    struct dial *dial;    /* while the server is being connected to, else NULL */
    struct attempt *attempt; /* that it began as, and NULL where no SYN was held, or its client was turned away */

    struct sockaddr_storage client; /* where it came from; ss_family AF_UNIX for a Unix socket */

    size_t introduction; /* bytes of the PROXY header, the first that wait for the server */
    size_t in_syn;       /* of those that wait for the server, so many went in our SYN: the kernel has them, if that SYN connects */
    bool opens_fast;     /* its client does, or asks to: so the server is asked, too */
    unsigned corked;  /* > 0: what is put into ends waits there; a rule is deciding */
    int refusal;      /* the server could not be connected to: the errno; 0: it could, or it is not known yet */
    bool no_server;   /* a rule accepted without the server: what the client says goes nowhere, unanswered */
    bool turned_away; /* it will be: all are, at the moment */
    bool gave_up;     /* the client did, before it was connected */
    bool unspoken;    /* the ending that is passing is ours, an answer in the place of a side that is gone: no deed of that side */
    bool wants_again; /* in the worker's list of those that have more to do in this turn */
    bool finished;    /* freed at the end of the turn */
    bool grown;       /* no longer young: its sockets are kept alive */
    struct link *again_next;

    struct sight *sights[2];   /* lookout.c's, by the side whose socket is looked after; NULL: none is */
    struct engine_link *rules; /* engine/'s, NULL if no rule chose the link */
    struct choice *choice;     /* engine/'s, freed with the link: what the first worker chose for it; NULL: this is the first worker */
};

static inline enum side side_other(enum side side)
{
    return side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

/* The client's address for people: 127.0.0.1:40312, [::1]:40312, unix. */
#define LINK_CLIENT_TEXT 64
void link_client_text(const struct link *link, char *text, size_t size);

/* Whether the server may be sent in the SYN what its client has said. Where a rule or a layer is at work, that waits for the handshake. */
bool link_may_open_fast(const struct link *link);

/* An accepted socket becomes a link of the relay, is told of (rules begin here), and dials. */
void link_open(struct relay *relay, int fd, const struct sockaddr *client, socklen_t length);

/* The same for a client whose SYN is held. Later: it was accepted; a rule has let go of it; it has stopped trying, or does not want what it
 * was let in to. */
void link_attempt(struct relay *relay, struct attempt *attempt, const struct sockaddr *client, socklen_t length);
void link_accepted(struct link *link, int fd, int error);
void link_go_on(struct link *link);
void link_gave_up(struct link *link);

/* The client's connect() fails with this errno (ETIMEDOUT: it gets no answer), and the link is over. One that came without an attempt is
 * reset. `by`: the rule that wants it, or NULL. */
void link_turn_away(struct link *link, int error, const struct rule *by);

/* From the client's end, while its SYN is held: something waits for it. */
void link_wants_client(struct link *link);

/* A socket of this side is ready: connected, readable, maybe writable too, or in error; or writable and no more. */
void link_ready(struct link *link, enum side side);
void link_writable(struct link *link, enum side side);

/* It has lived for a while, and so may live long: what only a long life needs is due now. */
void link_is_grown(struct link *link);

/* Goes on where it stopped for want of room or of time. */
void link_continue(struct link *link);
void link_again(struct link *link); /* asks for it, later in this turn */
void link_wake(struct link *link, enum side side); /* the same, and this side's flow is read again though its socket was not ready anew */

/* While corked, whatever is put into the ends waits; the last uncork writes it. */
void link_cork(struct link *link);
void link_uncork(struct link *link);

/* From the dial: the server accepted on this socket; nobody did. */
void link_connected(struct link *link, const char *address);
void link_refused(struct link *link, int error, const char *address);

/* From an end: something was said to it after it was gone. As in life it is answered with RST, which passes that side's flow. */
void link_said_to_gone(struct link *link, enum side gone);

/* From a flow: its source's socket is dead (its `error` is latched) and has been read to the end. */
void link_source_dead(struct link *link, enum side side);

/* Ends the link if nothing is left of it. Called after whatever may have ended it. */
void link_settle(struct link *link);

/* Closes what is open, as a process that exits does, and finishes the link; told with this reason. */
void link_close(struct link *link, const char *why);
void link_drop(struct link *link); /* likewise: the run ended */
void link_free(struct link *link); /* finished ones, at the end of the turn */

/* For engine/: a rule does this to one side. `by` is named in what is told. */
void link_skip_server(struct link *link); /* accept without server; before it is dialled */
void link_close_side(struct link *link, enum side side, const struct rule *by);  /* the FIN itself was put into the flow */
void link_reset_side(struct link *link, enum side side, const struct rule *by); /* RST now, the rest is thrown away */
void link_stop_reading(struct link *link, enum side side, bool stop);
void link_lose_syn(struct link *link, bool lose); /* the client's: it must come again */
void link_hold_syn(struct link *link, enum side side, bool hold); /* the client's, or the server's answer to it */

/* Fills in link, relay and time, and tells. */
void link_tell_wanted(struct link *link, struct notice *notice);

/* The same, if anybody wants to hear it. */
static inline void link_tell(struct link *link, struct notice notice)
{
    if (observers_want(&link->worker->observers, notice.kind)) {
        link_tell_wanted(link, &notice);
    }
}

#endif
