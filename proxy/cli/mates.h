/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mates: what a run's other workers need beside the first one, each an engine of its own and a courier to the judge. With one worker
 * there are none, and all of this does nothing. Made, started and stopped by the session.
 */
#ifndef HANGUP_CLI_MATES_H
#define HANGUP_CLI_MATES_H

#include "engine/commons.h"
#include "engine/peers.h"
#include "relay/crew.h"
#include "relay/notice.h"

struct control;
struct engine;
struct judge;
struct lookout;
struct monitor;
struct ruleset;
struct trace_writer;

struct mates_options {
    struct crew *crew;
    struct engine *engine;           /* the first worker's: the others' have its seed and its commons */
    struct judge *judge;
    struct observer *announcer;
    struct trace_writer *trace;      /* or NULL */
    struct lookout *lookout;         /* or NULL */
    bool monitored;                  /* there is a control side */
};

struct mates {
    struct crew *crew;
    struct engine **engines;    /* by worker: the first one's, too */
    struct courier **couriers;  /* likewise; the first one's is NULL */
    struct monitor **monitors;  /* likewise; all are where there is no control side */
    struct peers peers;
    struct observers listeners; /* who lives on the first worker's thread and hears of all */
};

void mates_init(struct mates *mates, const struct mates_options *options);
void mates_join(const struct mates *mates, struct control *control); /* the control side gets to know them */
bool mates_start(struct mates *mates, const struct ruleset *rules); /* false and errno: a thread could not be started */

/* The threads end; what they have told is told. From then on all belongs to the caller's thread. */
void mates_stop(struct mates *mates);

void mates_drop_links(struct mates *mates); /* those of all workers, the first one's too; and what is told of it is told */
void mates_release(struct mates *mates);    /* when there are no links; not the workers, which are the crew's */

#endif
