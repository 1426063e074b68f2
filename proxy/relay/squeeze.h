/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A squeeze: a bound on the window that our TCP offers an end's application (kernel/clamp.h). Where an end has several, the least counts;
 * when the last is gone, all is as before. Squeezes are engine/'s; few ends ever have one.
 */
#ifndef HANGUP_RELAY_SQUEEZE_H
#define HANGUP_RELAY_SQUEEZE_H

#include <stdbool.h>
#include <stdint.h>

struct end;

struct squeeze {
    struct squeeze *next;
    uint32_t bytes; /* at least 1 */
    bool at_once;   /* what was offered already is taken back as well */
};

/* It is in force from now on, or no longer. Takes hold as soon as there is a socket. */
void squeeze_join(struct end *end, struct squeeze *squeeze);
void squeeze_leave(struct end *end, struct squeeze *squeeze);

/* From the end: there is a socket. */
void squeeze_apply(struct end *end);

#endif
