/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets as streams, and the options that every one of ours has. The only place that knows Linux's socket calls for established
 * connections; listening is relay.c's, connecting dial.c's.
 */
#ifndef HANGUP_RELAY_SOCKET_H
#define HANGUP_RELAY_SOCKET_H

#include <sys/socket.h>

#include "relay/stream.h"

extern const struct stream_ops socket_ops;

/*
 * Options of both our ends: no Nagle, urgent data in line. Set on a listener they are inherited. `window` and `segments` (bytes, 0: leave
 * alone) must be set before listen() or connect(). Returns -1 and errno if the kernel refuses.
 */
int socket_prepare(int fd, int family, uint64_t window, uint64_t segments);

/* What comes next is acknowledged as late as TCP allows; to be called again behind each read. */
void socket_acknowledge_late(const struct stream *stream);

/* From now on a machine that is gone is noticed 5 s after it was last heard. */
void socket_keep_alive(const struct stream *stream);

/* A new non-blocking socket of that family; -1 and errno. */
int socket_new(int family);

#endif
