/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A clamp on the window that a connected TCP socket of ours offers its peer (RFC 9293, section 3.8.6), and off again. What was offered
 * already holds, as that section asks for, and is used up by what comes; unless it is taken back (segments.h). Any user can. Called by
 * relay/socket.c.
 */
#ifndef HANGUP_KERNEL_CLAMP_H
#define HANGUP_KERNEL_CLAMP_H

#include <stdbool.h>
#include <stdint.h>

/* Of one socket; zeroed at first. */
struct clamp {
    bool on;
    int buffer, lock, most; /* as they were before: SO_RCVBUF, SO_BUF_LOCK, TCP_WINDOW_CLAMP */
};

/* From now on it offers no more than so many bytes (about 1 KiB is the least that the kernel goes down to). -1 and errno. */
int clamp_put_on(struct clamp *clamp, int fd, uint32_t bytes);
void clamp_take_off(struct clamp *clamp, int fd);

#endif
