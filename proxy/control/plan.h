/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What becomes of relays in a change: which open, which go, which refuse. Made and noted on the control thread by the desk, worked off on
 * the workers' threads.
 */
#ifndef HANGUP_CONTROL_PLAN_H
#define HANGUP_CONTROL_PLAN_H

#include "control/desk.h"

struct relay_plan {
    char *name;
    const struct relay_spec *spec; /* as it is to be: of the proposal; NULL: it goes */
    bool was_open, was_enabled;
    bool changed;         /* it says something else than before */
    bool same_address;    /* but listens at the same address */
    bool enabled;         /* it shall accept connections */
    bool close_links;
    struct relay_address address; /* of one that opens: resolved */
    struct layer_kit *kit;        /* of one that opens: for its links' layers, or NULL; its own once it is open */
    char text[128];               /* where it listens now */
    struct relay *opened;         /* the worker's, while it works */
};

/* One for each relay that is touched. */
void plan_make(struct change *change, const struct part_list *old);
struct relay_plan *plan_for(struct change *change, const char *name); /* of a relay that there is; made if it was not touched */
void plan_free(struct relay_plan *plans, size_t count);

/* Looks up where they are to listen, and reads what they need. NULL, or one line about what does not work: the caller's. */
char *plan_prepare(struct change *change);

/* On a worker's thread: relays, rules and expectations, all or nothing. */
void plan_work(struct errand *errand, struct station *station);

/* What has become of the relays goes into the proposal. */
void plan_note(struct change *change);

#endif
