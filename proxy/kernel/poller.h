/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which descriptors are ready: epoll(7), as a worker needs it. A socket is added once, edge-triggered for everything that can happen to it,
 * and leaves by being closed: an RST is heard also when neither reading nor writing is wanted, nothing spins, and a connection costs one
 * call. Timers are relay/timers.h's; the poller only sleeps as long as it is told.
 */
#ifndef HANGUP_KERNEL_POLLER_H
#define HANGUP_KERNEL_POLLER_H

#include <stdbool.h>
#include <stdint.h>

/* What a descriptor is at the moment it was looked at; each report replaces the one before. */
enum poller_says {
    POLLER_READ = 1u << 0,   /* there are bytes, or an ending, to be read */
    POLLER_WRITE = 1u << 1,  /* bytes can be written; a connect() is over, well or not */
    POLLER_URGENT = 1u << 2, /* a TCP urgent byte is among those to be read */
    POLLER_ENDING = 1u << 3, /* behind the bytes that are there nothing more will come: FIN or RST is in */
    POLLER_ERROR = 1u << 4,  /* SO_ERROR has something to say */
};

/* Whoever has a descriptor polled: embedded in its owner. */
struct polled {
    void (*ready)(struct polled *polled, unsigned says); /* enum poller_says */
};

#define POLLER_FOREVER UINT64_MAX

struct poller;

struct poller *poller_new(void); /* NULL and errno */
void poller_free(struct poller *poller);

/*
 * A connected or connecting socket: whenever something about it changes, at once for what it is now. It is taken out by closing its
 * descriptor. What was found before may still be reported during the same poller_wait(), so whoever is polled lives until that returns.
 * -1 and errno.
 */
int poller_add(struct poller *poller, int fd, struct polled *polled);

/* Anything else, a listening socket, say: reported as long as it can be read. -1 and errno. */
int poller_add_level(struct poller *poller, int fd, struct polled *polled);

/* Takes such a one out; nothing more is reported to it, during this poller_wait() either. */
void poller_remove(struct poller *poller, int fd, const struct polled *polled);

/* Sleeps until a descriptor is ready, or so long (ns), and reports to all that are ready. False: none was. */
bool poller_wait(struct poller *poller, uint64_t ns);

#endif
