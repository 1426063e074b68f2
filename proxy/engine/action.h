/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An action at work: the faults that one action of a rule has started on a link, and the time or the event that ends them. Started and
 * asked by instance.c; its faults report here through fault.c.
 */
#ifndef HANGUP_ENGINE_ACTION_H
#define HANGUP_ENGINE_ACTION_H

#include "engine/fault.h"
#include "relay/timers.h"

struct instance;
struct watch;

struct action_run {
    struct action_run *next; /* among those of its instance */
    struct instance *instance;
    const struct step *step;
    struct fault *faults;
    unsigned live;       /* faults that are not done */
    bool felt;           /* was told to have happened */
    bool over;           /* by time, event, amount, or because its faults are done */
    bool holds_up;       /* the next step waits until it is over */
    bool starting;       /* inside action_start() */
    struct timer time;   /* ends it */
    struct watch *until; /* or this does */
    struct timer ack;    /* asks whether what it let go has been acknowledged */
    uint64_t ack_pause;  /* ns between two such questions */
};

/* Starts the faults of an action. It stays in the instance's list until action_free(). */
struct action_run *action_start(struct instance *instance, const struct step *step);

/* It is to be done once more before it was acknowledged: send, and what else does not last. */
void action_again(struct action_run *run);

/* Ends it from outside: its time is up, its event came, its rule was lifted. What it kept is let go. */
void action_end(struct action_run *run);

/* The application on that side is gone: what runs on its end is over. */
void action_cancel_side(struct action_run *run, enum side side);
void action_cancel_flow(struct action_run *run, enum side speaker); /* nobody is left to hear that speaker */

/* From its faults. */
void action_felt(struct action_run *run);
void action_fault_done(struct action_run *run);
void action_time_starts(struct action_run *run);

/* An end is gone, and the link with it, maybe: what waited for its acknowledgement has happened. */
void action_settle(struct action_run *run);

bool action_can_be_freed(const struct action_run *run);
void action_free(struct action_run *run);

#endif
