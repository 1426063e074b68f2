/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A post of the lookout (lookout.h) on one worker: it hears what is told there, sends the lookout's thread on errands about the links' two
 * applications, and tells as notices what the thread has seen of their sockets. Not the looking itself, nor what a look means (sight.h).
 * Made, changed and freed by lookout.c.
 */
#ifndef HANGUP_RELAY_POST_H
#define HANGUP_RELAY_POST_H

#include "relay/lookout.h"
#include "relay/sight.h"

struct post;
struct worker;

struct post *post_new(struct lookout *lookout, struct worker *worker, const struct interest *interest);
void post_free(struct post *post); /* the worker does not run, and its links are gone */

/* From any thread: the interest is another one. */
void post_change(struct post *post, const struct interest *interest);

/* From the lookout's thread, of what the sight has `seen`. `spins`: how its process does, "" if nothing is known of that. */
void post_say(struct sight *sight, enum verdict verdict, const char *spins);

#endif
