/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Idle links: opens them, has a byte go there and back on each, says how many there are, and keeps them until its input ends, so that
 * somebody can look at the relay meanwhile. Called by main.c.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "tools/load/job.h"
#include "tools/load/purpose.h"
#include "tools/load/sockets.h"

void idle(const struct job *job)
{
    char byte = PURPOSE_ECHO;

    for (int i = 0; i < job->links; i++) {
        int fd = sockets_dial(&job->address);

        if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1)
            fail("idle: a byte there and back");
    }
    printf("{\"links\": %d}\n", job->links);
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
}
