/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The desk: what is in force (relays and rules, in parts), and the changes to it. A change is a list of wishes that are done together or
 * not at all: what they say is compiled whole, new relays listen, and only then all workers take it. Changes are done one behind the
 * other, in the order in which they were handed in; none waits for a link or for a peer. Belongs to the control thread. This is the seam
 * for whoever makes relays and rules for somebody: control's own API, reload, Toxiproxy's.
 */
#ifndef HANGUP_CONTROL_DESK_H
#define HANGUP_CONTROL_DESK_H

#include "control/errand.h"
#include "control/part.h"
#include "relay/relay.h"

struct diag;

enum change_mode {
    CHANGE_NEW,    /* there must be none of that name */
    CHANGE_OLD,    /* there must be one */
    CHANGE_EITHER, /* put in its place, or behind all */
};

enum change_outcome {
    CHANGE_MADE,
    CHANGE_MISSING, /* `problem` is the name that there is none of */
    CHANGE_EXISTS,  /* `problem` is the name that there is one of already */
    CHANGE_WRONG,   /* what it says is wrong: `diag` has the messages */
    CHANGE_CANNOT,  /* a relay cannot listen: `problem` says which and why */
    CHANGE_PART_OF, /* the rule or relay is one of several that came together: `problem` is the name of their file */
};

struct change {
    struct errand errand; /* first; desk.c's */
    struct change *next;
    void (*done)(struct change *change); /* on the control thread: outcome is set, and if it is MADE all workers have it. Freed behind it */
    void *context;                       /* the caller's */
    enum change_outcome outcome;
    char *problem;     /* or NULL */
    struct diag *diag; /* or NULL; warnings may be there when it is made */

    /* desk.c's */
    struct change_wish *wishes;
    size_t wish_count, wish_capacity;
    struct part_list proposal; /* what is in force when it is made */
    struct roster roster;
    struct relay_plan *plans; /* what becomes of relays */
    size_t plan_count;
    bool failed; /* a worker could not open a relay */
    const struct rule **spent; /* for links that were open when they came, and nothing is left of them: to be removed */
    size_t spent_count;
};

/* Names and texts are copied. Names of rules and relays may be any text here; in rule files they are NAMEs. */
struct change *change_new(struct control *control, void (*done)(struct change *change), void *context);
void change_put_file(struct change *change, enum change_mode mode, const char *name, const char *text);
void change_put_rule(struct change *change, enum change_mode mode, const char *name, const char *text, const struct scope *scope);
/* `with`: its options, as in a relay block; NULL: those that it has, or none. */
void change_put_relay(struct change *change, enum change_mode mode, const char *name, const char *listen, const char *server,
    const char *with);
void change_remove(struct change *change, enum part_kind kind, const char *name); /* there must be one */
void change_remove_part(struct change *change, struct part *part);                /* this one, not what has come in its place */
void change_enable_relay(struct change *change, const char *name, bool enable);   /* not enabled: connections are refused */
void change_close_links(struct change *change, const char *relay); /* those that are open now, as a process that exits closes them */
void change_reload(struct change *change);                         /* what hangup was started with, its files read anew */
void change_discard(struct change *change);             /* in the place of change_submit() */
void change_submit(struct change *change);                         /* never calls done() before it returns */

struct desk {
    struct control *control;
    struct part_list list;       /* in force */
    struct change *first, *last; /* handed in; the first one is being made */
    unsigned next_relay, next_rule; /* the index of the next one that is compiled */
    uint64_t changes;            /* that were made */
    uint64_t names;              /* of rules without one, so far */
};

void desk_open(struct desk *desk, struct control *control, struct ruleset *rules); /* what hangup was started with */
void desk_close(struct desk *desk);

#endif
