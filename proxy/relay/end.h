/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An end: one socket of ours, facing one application. It is the sink of the flow that comes to that application (bytes wait in `out`,
 * endings behind them) and knows what came from it: its FIN, its RST, its silence. What an ending means for the other side is link.c's.
 * Called by flow.c, link.c, dial.c, and by engine/ for actions on ends.
 */
#ifndef HANGUP_RELAY_END_H
#define HANGUP_RELAY_END_H

#include "kernel/loss.h"
#include "kernel/poller.h"
#include "relay/queue.h"
#include "relay/layer.h"
#include "relay/stream.h"
#include "rules/ruleset.h"

struct hurry;
struct link;
struct pipe;
struct inlet;
struct squeezes;

enum end_state {
    END_NONE,       /* no socket: the server was not dialled, or not yet */
    END_HELD,       /* no socket: the client's SYN is held; what is written waits in `out` */
    END_CONNECTING, /* waiting for the handshake; what is written waits in `out` */
    END_OPEN,
    END_GONE, /* closed, reset, or never to be: what comes for it is thrown away */
};

struct end {
    struct link *link;
    enum side side;
    enum end_state state;
    struct stream stream;
    struct polled polled; /* for its socket */
    struct layer *layer; /* between the socket and the flow, or NULL; freed with the link */

    /* From the application. */
    int error;         /* latched: the first error that the socket reported, and what 0 bytes mean from then on; 0: none */
    bool fin_received; /* read() said 0, and no error was latched */
    bool rst_received; /* told and passed on */
    bool hung_up;      /* a Unix socket's: it is closed, not only shut down */
    bool timed_out;    /* its machine no longer answers */
    bool closed_on;    /* by a rule, as by close(): what it says is answered with RST */
    unsigned not_read; /* how many faults want it not to be read */
    struct inlet *inlet; /* inlet.c's: its segments come by there; NULL: straight to our TCP */

    /* To the application: what is in `pipe`, then `out`, then an alert, a FIN, an RST; TLS's goodbye where it came in `out`. */
    struct pipe *pipe; /* of the worker's, while something is in it, else NULL */
    size_t piped;      /* bytes in it */
    struct queue out;
    bool notify_due, notify_sent; /* close_notify */
    uint64_t notify_behind;       /* bytes: it stands behind so many of those ever put here */
    bool alert_due, alert_sent;
    bool fin_due, fin_sent, fin_acked;
    uint64_t fin_acked_at;      /* ns: when that was */
    bool close_due;             /* close it behind the FIN: both are Unix sockets, and the other application has closed its own */
    bool rst_due;               /* RST, as soon as what is in front of it has left, or nobody reads it */
    bool forgotten;             /* in the place of that RST: nothing */
    bool deaf_due;              /* silence, as soon as `out` is empty: the other side's machine is gone */
    bool deaf;
    struct squeezes *squeezes;  /* squeeze.c's, of the window that it is offered; NULL: none */
    struct loss *losses;        /* what of its segments is lost on their way to our TCP: faults', and `silence` */
    struct loss silence;        /* all of them: it is deaf, or has vanished */
    unsigned vanished;          /* how many faults want it to hear nothing; our TCP does not hear it either */
    unsigned held_back;         /* how many faults, those among them, want that nothing goes to it that comes behind their place */
    size_t out_before;          /* while they do: so much of `out` was in front of the first one's, and goes */
    bool ending_before;         /* and so does the ending behind that */
    struct hurry *hurry;        /* the other side's socket is dead, and some of what it said is left; else NULL */
    uint64_t delivered;         /* bytes that the socket took */
    const struct rule *by;      /* the rule that ended it, NULL: the other side did */
};

/* An accepted or connected socket becomes this end; the socket is its from now on. */
void end_open(struct end *end, int fd, int family, enum end_state state);

/* Its socket is open: the layer, if it has one, begins. */
void end_start_layer(struct end *end);

/* Takes bytes, or an ending, for the application. Behind a FIN only an RST counts. What comes for an end that is gone is thrown away. */
void end_put(struct end *end, const struct piece *piece);
void end_put_ending(struct end *end, enum ending ending);

/* Whether bytes may come through a pipe, unseen; and such bytes: the pipe is the end's until it is empty. Only when nothing waits. */
bool end_takes_pipes(const struct end *end);
void end_put_pipe(struct end *end, struct pipe *pipe, size_t bytes);

/* The SYN that connected it has taken so many bytes already. */
void end_has_taken(struct end *end, size_t bytes);

/* Bytes that wait for the application to take them. */
size_t end_waits(const struct end *end);

/* Writes what it can, endings included. */
void end_flush(struct end *end);

/* Its link is no longer young: a machine that goes silent is to be noticed, unless its segments are lost on purpose. */
void end_keep_alive(struct end *end);

/* This loss is in force from now on, or no longer; again if it has changed. Takes hold as soon as there is a socket. */
void end_lose(struct end *end, struct loss *loss);
void end_lose_no_more(struct end *end, struct loss *loss);

/* What is put into it from now on waits, until as many calls have lifted that. Meanwhile: what was put before, endings too, is at the
 * application's kernel; or it is gone. */
void end_hold_back(struct end *end, bool hold);
bool end_has_what_was_before(struct end *end);

/* The path to it is cut: nothing more reaches it, and our TCP hears nothing of it, until as many calls have lifted that. */
void end_vanish(struct end *end, bool vanish);

/* Its machine was restarted: as soon as what waits is on the wire, our socket goes, without a word. */
void end_forget(struct end *end);

/* Asks the socket for an error and latches it; true if one is latched. */
bool end_check_error(struct end *end);

/* Whether a latched error means a reset (else the other machine no longer answers). */
bool end_was_reset(const struct end *end);

/* After its FIN was sent: asks whether it has been acknowledged, and tells once. */
void end_check_fin(struct end *end);

/* All that was put into it, endings too, is at the application's kernel; or it is gone. */
bool end_is_acknowledged(struct end *end);

/* Both directions are over: its FIN came, ours is acknowledged; or it is gone. */
bool end_is_over(const struct end *end);

void end_discard(struct end *end);   /* a connecting socket that came to nothing; `out` waits for the next one */
void end_reset_now(struct end *end); /* RST; `out` is thrown away */
void end_close(struct end *end);     /* as close(2) does; nothing more is sent by us */
void end_release(struct end *end);   /* frees all it owns; closes what is open */

#endif
