/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hurry: the other side's socket is dead, and what is left for this end's application goes only as long as it reads. A direct
 * connection's RST overtakes nothing, but waits for nobody. Few ends are ever in one. Called by end.c and flow.c.
 */
#ifndef HANGUP_RELAY_HURRY_H
#define HANGUP_RELAY_HURRY_H

struct end;
struct hurry;

/* If the application does not take what is left, within about 12 ms or two round trips, it gets the RST without it. */
void hurry_begin(struct end *end);
void hurry_end(struct end *end); /* the end is in none, from now on */

#endif
