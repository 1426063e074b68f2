/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP_WINDOW_CLAMP alone does not last: the kernel sets it anew from the buffer's size, which it tunes. So the buffer is made small, which
 * ends the tuning, too; SO_BUF_LOCK (Linux 5.16) lets it begin again.
 */
#include "kernel/clamp.h"

#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif

static int get_int(int fd, int level, int name)
{
    int value = 0;
    socklen_t length = sizeof(value);

    (void)getsockopt(fd, level, name, &value, &length);
    return value;
}

static int set_int(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value));
}

int clamp_put_on(struct clamp *clamp, int fd, uint32_t bytes)
{
    int most = bytes < INT_MAX / 2 ? (int)bytes : INT_MAX / 2;

    if (!clamp->on) {
        *clamp = (struct clamp){.on = true, .buffer = get_int(fd, SOL_SOCKET, SO_RCVBUF), .lock = get_int(fd, SOL_SOCKET, SO_BUF_LOCK),
            .most = get_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP)};
    }
    if (set_int(fd, SOL_SOCKET, SO_RCVBUF, most / 2) < 0) { /* the kernel doubles what it is given */
        return -1;
    }
    return set_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, most);
}

void clamp_take_off(struct clamp *clamp, int fd)
{
    if (clamp->on) {
        (void)set_int(fd, SOL_SOCKET, SO_RCVBUF, clamp->buffer / 2);
        (void)set_int(fd, SOL_SOCKET, SO_BUF_LOCK, clamp->lock);
        (void)set_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, clamp->most);
        clamp->on = false;
    }
}
