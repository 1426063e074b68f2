/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An inlet: where the segments of an end's application come in by our hands, before our TCP gets them (kernel/detour.h). Hooks stand in it
 * one behind the other, in the order in which they came; each gets what the one before it has passed, and behind the last is our TCP. It is
 * there from the first hook to the last, and has a detour while the end has a connected TCP socket; end.c says when. What is held up is
 * bounded: beyond that, segments are lost, as in a full queue of a router, and TCP sends them again. The hooks are engine/'s.
 */
#ifndef HANGUP_RELAY_INLET_H
#define HANGUP_RELAY_INLET_H

#include "kernel/detour.h"

struct end;
struct inlets;

struct inlet_hook {
    struct inlet_hook *next;
    struct end *end; /* NULL: it stands nowhere */
    void (*segment)(struct inlet_hook *hook, struct segment *segment); /* the segment is the hook's from now on */
};

void inlet_join(struct end *end, struct inlet_hook *hook);
void inlet_leave(struct inlet_hook *hook); /* what it held it has passed before */

/* From a hook, for each segment that it was given, early or late: it goes on; once more; no further. */
void inlet_pass(struct inlet_hook *hook, struct segment *segment);
void inlet_double(struct inlet_hook *hook, const struct segment *segment);
void inlet_drop(struct inlet_hook *hook, struct segment *segment);

/* From the end: it is connected; its socket is about to go. */
void inlet_open(struct end *end);
void inlet_shut(struct end *end);

/* What a worker's inlets share; its links are gone. NULL is fine. */
void inlets_free(struct inlets *inlets);

#endif
