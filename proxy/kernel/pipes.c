/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pipes, as large as the user may have them, kept for the next who needs one.
 */
#include "kernel/pipes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* An ordinary user may have 64 MiB in pipes; below the least size plain reads are as good. */
#define PIPES_MOST 32
#define PIPE_LEAST (256 * 1024)

static void destroy(struct pipes *pipes, struct pipe *pipe)
{
    close(pipe->in);
    close(pipe->out);
    free(pipe);
    pipes->count--;
}

static struct pipe *create(struct pipes *pipes)
{
    struct pipe *pipe = calloc(1, sizeof(*pipe));
    int ends[2];

    if (pipe == NULL || pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0) {
        free(pipe);
        return NULL;
    }
    *pipe = (struct pipe){.in = ends[1], .out = ends[0]};
    pipes->count++;
    if (fcntl(pipe->in, F_SETPIPE_SZ, (int)PIPE_BYTES) < PIPE_LEAST && fcntl(pipe->in, F_SETPIPE_SZ, PIPE_LEAST) < PIPE_LEAST) {
        pipes->no_more = true;
        destroy(pipes, pipe);
        return NULL;
    }
    return pipe;
}

struct pipe *pipes_take(struct pipes *pipes)
{
    struct pipe *pipe = pipes->idle;

    if (pipe != NULL) {
        pipes->idle = pipe->next;
        return pipe;
    }
    return pipes->no_more || pipes->count == PIPES_MOST ? NULL : create(pipes);
}

void pipes_give(struct pipes *pipes, struct pipe *pipe, bool empty)
{
    if (!empty) {
        destroy(pipes, pipe);
        return;
    }
    pipe->next = pipes->idle;
    pipes->idle = pipe;
}

bool pipes_shrink(struct pipes *pipes)
{
    struct pipe *pipe = pipes->idle;

    if (pipe == NULL) {
        return false;
    }
    pipes->idle = pipe->next;
    destroy(pipes, pipe);
    return true;
}
