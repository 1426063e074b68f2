/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An instance: one rule at work on one link. It counts how often its event came, fires, and walks down the steps of its rule (S1): an
 * action begins when the one before it is over, and an expectation's clock starts when the event and every action above it have happened.
 * Made by engine.c for each link that a rule chose; gate.c and watch.c bring the events, action.c runs the actions.
 */
#ifndef HANGUP_ENGINE_INSTANCE_H
#define HANGUP_ENGINE_INSTANCE_H

#include "engine/gate.h"
#include "engine/look.h"
#include "engine/watch.h"
#include "relay/link.h"

struct engine;
struct engine_link;
struct rule_state;
struct action;
struct action_run;
struct cut;

struct instance {
    struct instance *next;    /* on its link, in the order of the rules */
    struct rule_state *state; /* one of its users */
    struct engine *engine;    /* its state's */
    const struct rule *rule;  /* likewise */
    struct link *link;
    struct engine_link *among; /* the instances of this link */
    uint64_t key;              /* of its draws */
    uint64_t turn;             /* which connection of the rule's this is, from 0: for `in turn` */
    struct gate gates[2];      /* by speaker */
    struct look *look;         /* into TLS; NULL: the rule does not look */
    bool undecided;            /* its `tls name` is not known yet: nothing of it runs */
    bool not_chosen;           /* it is, and it is another */
    struct watch *watches;
    struct watch *event;   /* of those, the rule's own; NULL: not in force, or used up */
    uint64_t seen;         /* how often the event came */
    uint64_t firings;
    bool firing;           /* between its event and the end of its last action */
    bool advancing;        /* inside instance_advance() */
    size_t step;           /* the one that runs, or is to run next */
    struct action_run *waiting_for; /* the action of that step, while it holds up the next one */
    struct action_run *runs;        /* all that are in force */
    struct cut *cuts;               /* what closes and resets cut off */
    bool *happened, *clock_started; /* by step, in this firing */
};

/* In no list yet, not armed. `turn`: see rule_state_turn(). */
struct instance *instance_new(struct rule_state *state, struct engine_link *among, uint64_t turn);
void instance_settle(struct instance *instance); /* an end is gone; see action_settle() */
void instance_free(struct instance *instance); /* the link is gone, or the instance is over and out of its list */

/* It has its place on the link, and looks into TLS from now on if its rule does. */
void instance_begin(struct instance *instance);

/* The rule comes into force: when the link opens, or later, when its window does. It is lifted when the window closes: what runs ends as
 * if its time were up. */
void instance_arm(struct instance *instance);
void instance_arm_later(struct instance *instance);
void instance_lift(struct instance *instance);

/* The rule is taken out of force for good. When nothing of it is left on the link, the instance is over. What it has closed stays so. */
void instance_retire(struct instance *instance);
bool instance_is_over(const struct instance *instance);

/* Chosen by `tls name`: decides, if the client's hello has come, or if it is `over`, so that none will. */
void instance_decide(struct instance *instance, bool over);

/* Whether it may still have to know of TLS what passes now. */
bool instance_looks(const struct instance *instance);

/* A watch of it was hit. */
void instance_hit(struct instance *instance, struct watch *watch);

/* Goes on with its steps as far as they let it. */
void instance_advance(struct instance *instance);

/* The action of a step can be felt; it is known to have happened for the clocks below it. */
void instance_happened(struct instance *instance, const struct step *step);

/* Frees what is over and takes out gates that nothing needs. Not from within a filter's call. */
void instance_tidy(struct instance *instance);
void instance_free_over(struct instance *instance); /* the first part of it; not from within a call of its faults */
void instance_tidy_later(struct instance *instance);

void instance_tell(struct instance *instance, enum notice_kind kind, const struct step *step, uint64_t bytes);
void instance_tell_deed(struct instance *instance, enum notice_kind kind, const struct step *step, const char *text);

#endif
