/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stock of pipes through which bytes go from socket to socket by splice(2), without being copied or looked at. A pipe is taken for as
 * long as something is in it, and given back empty; so a few serve many links. Each costs two descriptors. Called by flow.c and end.c.
 */
#ifndef HANGUP_KERNEL_PIPES_H
#define HANGUP_KERNEL_PIPES_H

#include <stdbool.h>
#include <stddef.h>

struct pipe {
    int in, out;
    struct pipe *next; /* in the stock */
};

/* Zeroed: none yet. */
struct pipes {
    struct pipe *idle;
    size_t count;  /* all that exist, taken ones too */
    bool no_more;  /* the kernel gives no other, or none that is large enough to be worth it (pipe(7), pipe-user-pages-soft) */
};

/* As much goes through a pipe at a time; its memory is bounded by that. */
#define PIPE_BYTES ((size_t)1024 * 1024)

/* An empty pipe, non-blocking; NULL: there is none to be had. */
struct pipe *pipes_take(struct pipes *pipes);

/* Gives it back, with what is still in it thrown away. */
void pipes_give(struct pipes *pipes, struct pipe *pipe, bool empty);

/* Closes one that is idle, for its descriptors. False: there is none. */
bool pipes_shrink(struct pipes *pipes);

#endif
