/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fault: the running effect of one action of a rule on one flow or one end of a link. This is the interface that each file of faults/
 * implements, and what it may call. A kind of fault is one static `struct fault_kind`: its row of the vocabulary and its functions;
 * faults/table.c lists them all.
 *
 * Life: instance.c makes a fault when its action begins (one for each flow or side that the action names, so a fault never thinks about
 * `both`), calls start(), and from then on the fault sees what passes its place. It says fault_happened() when it can first be felt, and
 * fault_done() when it is over by itself (its amount is used up, what it sent is out). When its time is up, or its rule is lifted, stop()
 * is called: it lets go, in order, of all it keeps. Afterwards, or when the link is gone (then without stop()), release() frees what it
 * owns. A fault is never freed inside of its own call.
 */
#ifndef HANGUP_ENGINE_FAULT_H
#define HANGUP_ENGINE_FAULT_H

#include "relay/filter.h"
#include "relay/inlet.h"
#include "relay/queue.h"
#include "relay/timers.h"
#include "rules/ruleset.h"
#include "tls/record.h"
#include "tls/wire.h"

struct link;
struct loss;
struct segments;
struct sequence;
struct squeeze;
struct end;
struct instance;
struct relay;
struct action_run;
struct fault;

/* Where a fault attaches. */
enum fault_place {
    FAULT_ON_FLOW,  /* to a flow: it is a filter in it. One for each flow that the action's WHAT names */
    FAULT_ON_SIDE,  /* to an end, and so to one application. One for each side that the action's SIDE names (`from`, `to`, or bare) */
    FAULT_ON_LINK,  /* to the link as a whole: accept without server, wait */
    FAULT_ON_RELAY, /* to a relay, before a link exists: refuse. `relay` is set, link and flow are not. Where the relay holds SYNs and the
                     * rule is not for all of them alike, to a link that is an attempt yet, as FAULT_ON_LINK */
    FAULT_ON_ATTEMPT, /* to a link that is an attempt yet, one for each side whose SYN the action's WHAT names; the client's, where the
                       * relay holds no SYNs: to the relay */
};

/* How `for DURATION` counts: from the start of the action, or from when the ending comes that it is about (hold server fin for 30s). */
struct fault_kind {
    struct row row;
    enum fault_place place;
    bool on_wire; /* FAULT_ON_FLOW: what it changes are TLS records, as they are on the wire */
    size_t size; /* of its own struct, which begins with a struct fault; zeroed by the engine */
    void (*start)(struct fault *fault);
    void (*data)(struct fault *fault, const struct piece *piece);     /* FAULT_ON_FLOW; NULL: everything passes */
    void (*ending)(struct fault *fault, enum ending ending);          /* FAULT_ON_FLOW; NULL: it passes */
    void (*segment)(struct fault *fault, struct segment *segment);    /* FAULT_ON_FLOW: the speaker's, its own until it lets go of it; NULL:
                                                                       * they come as they come */
    void (*timer)(struct fault *fault);                               /* the time set by fault_wake_at() has come */
    void (*step)(struct fault *fault, uint64_t bytes); /* so many bytes more go on, now or when they come; NULL: it holds none up */
    void (*stop)(struct fault *fault);                                /* NULL: nothing to let go of */
    void (*release)(struct fault *fault);                             /* NULL: nothing owned but its queue, which the engine clears */
};

struct fault {
    const struct fault_kind *kind;
    const struct phrase *phrase; /* the action's words and values, in the order of the row's syntax */
    struct instance *instance;
    struct action_run *run; /* the action it belongs to; NULL on a relay */
    struct link *link;
    struct relay *relay;  /* FAULT_ON_RELAY and FAULT_ON_ATTEMPT, and not on a link */
    struct filter filter; /* FAULT_ON_FLOW: its place in the flow */
    enum side side;       /* FAULT_ON_FLOW: the speaker; FAULT_ON_SIDE: the side concerned */
    struct queue kept;    /* bytes it keeps, if it does; always by fault_keep() */
    unsigned endings;     /* kept behind them: 1u << enum ending each, which is also their order */
    struct timer wake;
    struct timer ack;     /* fault_done_when_acknowledged() and those below it; on the wire: when it can be told that it is done */
    /* What fault_forge_rst(), fault_destroy() do when all in front of the place is acknowledged; what is behind it waits meanwhile. False:
     * nothing came of it. NULL: there is nothing to do, or no longer. */
    bool (*in_line)(struct end *end);
    unsigned tries;       /* how often it was not acknowledged yet */
    /* `on_wire`, and the end it goes to speaks TLS itself: it works on the records there (outlet.h) */
    bool at_outlet, begun, parted;
    struct wire_hook hook;
    struct inlet_hook inlet; /* its kind has a segment() */
    uint64_t place;       /* bytes that the end had taken, or in line, in front of its place */
    uint64_t key, uses;   /* of its draws: who draws, and how many were made so far */
    bool happened, done, stopped;
    struct fault *next;   /* in its step's list; engine/ only */
};

/* What passes on: to the next fault of this rule, to the rules below, to the sink. */
void fault_pass(struct fault *fault, const struct piece *piece);
void fault_pass_ending(struct fault *fault, enum ending ending);

/* Keeps a piece or an ending behind what is kept already (counted against the flow's buffer); lets go of the foremost bytes, of all. */
void fault_keep(struct fault *fault, const struct piece *piece);
void fault_keep_ending(struct fault *fault, enum ending ending);
size_t fault_kept(const struct fault *fault);
void fault_let_go(struct fault *fault, size_t bytes);              /* never joins what was kept with different stamps or flags; no ending */
void fault_let_go_front(struct fault *fault, size_t bytes, unsigned flags); /* as one piece, with these enum piece_flags added */
void fault_let_go_ending(struct fault *fault);                     /* all that are kept */
void fault_let_go_all(struct fault *fault);                        /* bytes, then the ending */
/* What is let go carries the present time as its stamp: a `delay` in a rule below counts from then (S6). */

/* What becomes of a segment: it goes on, to the next fault and then to our TCP; it does and is kept as well; it is lost. */
void fault_pass_segment(struct fault *fault, struct segment *segment);
void fault_double_segment(struct fault *fault, const struct segment *segment);
void fault_lose_segment(struct fault *fault, struct segment *segment);

/*
 * Memory that all faults of this action, this relay and this speaker's flow have in common, on whatever worker: zeroed when first asked
 * for, the same at each further call, freed when the rule is, touched between lock and unlock only. Nothing in it may point to a fault.
 * `throttle … shared` keeps its bucket there.
 */
void *fault_shared(struct fault *fault, size_t size);
void fault_shared_lock(struct fault *fault);
void fault_shared_unlock(struct fault *fault);

/* Where the place of this fault stands among the TLS records of its flow (FAULT_ON_FLOW, in start()); `in_front`: so many bytes that come
 * to it first stood in front of the place, since a fault of this rule kept them. Lost, if that is not known. */
struct tls_records fault_records(const struct fault *fault, size_t *in_front);

/* No record is in this flow: TLS of ours has taken them out, and puts what passes into new ones. */
bool fault_is_plain(const struct fault *fault);

/* It can be felt: a byte or an ending was held, dropped, changed; what it sent is acknowledged, an RST is out. Once is enough. */
void fault_happened(struct fault *fault);

/* It is over by itself. The engine takes it out of its flow soon after (not before this call returns to the loop), stop() is not called.
 * For a fault on a flow everything it kept must have been let go of. From now on what comes is passed on untouched. */
void fault_done(struct fault *fault);

/* Starts the action's own time now (for kinds whose `for` counts from when an ending comes: hold fin). Other kinds' time starts with
 * start(). */
void fault_time_starts(struct fault *fault);

uint64_t fault_now(const struct fault *fault); /* ns */
void fault_wake_at(struct fault *fault, uint64_t at);

/* Draws, the same on every run with the same seed (S8). The value of a range, anew at each call (in turn: by the connection's place among
 * those of the rule). */
uint64_t fault_draw(struct fault *fault, const struct range *range);
/* Whether the byte at this offset since the start is among `share` of all; and a number from 0 to bound - 1 for it. Independent of how
 * bytes were read. */
bool fault_draw_byte(const struct fault *fault, uint64_t offset, double share);
uint64_t fault_draw_at(const struct fault *fault, uint64_t offset, uint64_t bound);

/*
 * What actions on ends do to this fault's side (FAULT_ON_SIDE). All of it takes its place in line: behind what was passed on to that side
 * and this rule's own faults, in front of the rules below.
 */
void fault_send(struct fault *fault, const struct piece *piece);
/* after ENDING_FIN what the other side says, but for its RST, is thrown away */
void fault_send_ending(struct fault *fault, enum ending ending);
bool fault_speaks_tls(const struct fault *fault); /* the relay does, to this fault's side */
bool fault_updates_keys(const struct fault *fault); /* and in a version that has KeyUpdates: they are sent as pieces, PIECE_KEYS */
void fault_send_message(struct fault *fault, enum ending ending, unsigned alert); /* close_notify, or that alert (RFC 8446, 6) */
void fault_flaw_certificate(struct fault *fault, unsigned kind); /* the language's number for KIND */
void fault_refuse_resumption(struct fault *fault);               /* FAULT_ON_LINK: the client's TLS handshake is a whole one */
void fault_request_certificate(struct fault *fault);             /* and it is asked for its certificate in it */
void fault_close_side(struct fault *fault);      /* as by close(): FIN in line, and RST behind it as soon as that side says something */
void fault_reset_at_once(struct fault *fault);   /* RST now; what was on its way to that side is thrown away */
void fault_stop_reading(struct fault *fault);    /* its window closes; what was read behind the place is kept */
void fault_read_again(struct fault *fault);
void fault_vanish(struct fault *fault);          /* it hears nothing and is not heard; its segments are lost in front of our TCP */
void fault_appear(struct fault *fault);
void fault_forget(struct fault *fault);          /* our socket is gone, and that side was not told */
void fault_forge_rst(struct fault *fault);       /* RST in line, and our socket lives on; says itself that it happened and is done */
void fault_destroy(struct fault *fault);         /* in line its own kernel ends its socket; says itself that it happened and is done */
void fault_unreachable(struct fault *fault, int error); /* the ICMP error that becomes this errno, about what it sends next */
void fault_without_server(struct fault *fault);  /* FAULT_ON_LINK: the server is not dialled */
void fault_refuse(struct fault *fault, int error, bool refuse); /* FAULT_ON_RELAY: with this errno; a relay knows ECONNREFUSED only */
void fault_lose_syn(struct fault *fault, bool lose); /* FAULT_ON_ATTEMPT: the client's, the relay's clients' */
void fault_hold_syn(struct fault *fault, bool hold); /* FAULT_ON_FLOW: the speaker's, before there is a connection */

/*
 * What segments of this fault's side (FAULT_ON_FLOW: the speaker's) are lost on their way to our TCP; again when the loss has changed. The
 * loss is the fault's own. What our kernel counts of that side's segments, and the numbers it has reached: false where there is no TCP
 * socket yet, or none any more.
 */
void fault_lose(struct fault *fault, struct loss *loss);
void fault_lose_no_more(struct fault *fault, struct loss *loss);
void fault_squeeze(struct fault *fault, struct squeeze *squeeze); /* our window for that side is bounded; the squeeze is the fault's own */
void fault_squeeze_no_more(struct fault *fault, struct squeeze *squeeze);
bool fault_segments(const struct fault *fault, struct segments *segments);
/* The numbers that both directions began with, behind their SYNs: places in a stream that are the same on each run count from there. */
bool fault_origin(const struct fault *fault, const struct segments *segments, struct sequence *origin);

/* Calls fault_happened(), and fault_done() as well, as soon as that side's kernel has acknowledged all that was sent to it up to now,
 * endings too (or at once if it is gone). */
void fault_done_when_acknowledged(struct fault *fault);

/* For action.c: an end is gone; if it is this one, that is now. */
void fault_settle(struct fault *fault);

/* For action.c and refusal.c: made, and freed when nothing calls it any more. */
struct fault *fault_new(const struct fault_kind *kind, struct action_run *run, enum side side);
struct fault *fault_new_for_relay(const struct fault_kind *kind, const struct phrase *phrase, struct relay *relay);
void fault_finish(struct fault *fault); /* from now on everything passes it; its wake is off */
void fault_free(struct fault *fault);

#endif
