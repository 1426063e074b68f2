/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lookout: a thread that looks at the applications' own sockets, those at the other end of our links, as far as they are on this
 * machine, and says how their states change. It looks only where somebody is interested, in haste while something is going on and seldom
 * when nothing is, and uses a twentieth of a processor at most. Workers never wait for it: what they tell it and what it has seen goes by
 * messages, and becomes notices (`state`) on the worker of the link. A state that lasts shorter than the time between two looks may go
 * unseen. Not for sockets of our own. Set up by cli/session.c.
 */
#ifndef HANGUP_RELAY_LOOKOUT_H
#define HANGUP_RELAY_LOOKOUT_H

#include <stdbool.h>

#include "relay/notice.h"

/* Who is interested in the sockets of one side's application. */
struct side_interest {
    bool soon;       /* a rule waits for a state: every 2 to 10 ms */
    bool slowly;     /* how long states last is judged, or recorded: every 20 to 250 ms */
    bool closing;    /* a finding has to say what became of it: as `slowly`, but only once its end has begun */
    bool afterwards; /* until it is gone, too, when our end of the connection is gone already */
};

struct interest {
    struct side_interest sides[2];
};

bool interest_is_any(const struct interest *interest);

struct lookout;
struct sight;
struct worker;

/* Starts the thread, which looks at nothing before somebody is interested. NULL and errno: the kernel does not show its sockets, or there
 * is no thread to be had. */
struct lookout *lookout_start(const struct interest *interest);

/* From now on the worker's links are looked after; before it runs, and behind its observers that want to know of states. */
void lookout_attach(struct lookout *lookout, struct worker *worker);

/* From any thread: this is of interest from now on, on connections that are open as well. Not when it is being stopped. */
void lookout_change(struct lookout *lookout, const struct interest *interest);

/* What its posts (post.h) want of the thread, about one socket. */
enum errand_kind {
    ERRAND_FOLLOW,    /* look after it from now on */
    ERRAND_CONNECTED, /* its connection, which was followed before it was one, is there */
    ERRAND_CARE,      /* the interest in it is another one */
    ERRAND_STIR,      /* something happened on its link */
    ERRAND_LEAVE,     /* its link is closed */
    ERRAND_FORGET,    /* nothing is to be said of it any more */
    ERRAND_STOP,      /* the lookout's own: end; of no sight */
};

/* From any thread. The sight is held until that is done. */
void lookout_send(struct lookout *lookout, enum errand_kind kind, struct sight *sight, const struct side_interest *interest);

/* Ends the thread; nothing new is said after it. Workers must not be running. */
void lookout_stop(struct lookout *lookout);

/* Stopped, and the workers' links gone. NULL is fine. */
void lookout_free(struct lookout *lookout);

#endif
