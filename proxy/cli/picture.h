/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The picture of a catalog file: what passes between an application and hangup, and the state of both sockets, drawn as a ladder from the
 * `step` lines of the file's header. A step is
 *
 *     SIDE ARROW TEXT [| STATE STATE]
 *
 * where SIDE is the application, client or server; the states are those of its socket and of ours behind the step, `-` where there is none;
 * and ARROW is one of: -> from the application to us, <- from us to it, -x and x- the same and lost on the way, -- nothing passes (a call
 * and what it returns, a time). Called by explain.
 */
#ifndef HANGUP_CLI_PICTURE_H
#define HANGUP_CLI_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

/* What was drawn last, so that a step knows what is new. Zeroed before the first. */
struct picture {
    const char *prefix; /* of each line: "#     " */
    char side[8];       /* whose column stands on the left; "" at first */
};

/* Draws one step. False, and nothing drawn: it is none. */
bool picture_step(struct picture *picture, const char *step, FILE *out);

#endif
