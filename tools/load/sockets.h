/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets and polling, as the load generator's clients and server need them: an error ends the program, because a figure that was
 * measured beside an error is none.
 */
#ifndef HANGUP_TOOLS_LOAD_SOCKETS_H
#define HANGUP_TOOLS_LOAD_SOCKETS_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/epoll.h>

/* Says `what` and errno, and exits with 1. */
_Noreturn void fail(const char *what);

/* "127.0.0.1:80"; exits with 2 for anything else. */
struct sockaddr_in sockets_parse(const char *text);

/* A connected socket without Nagle's algorithm; blocking. Waits until it is connected. */
int sockets_dial(const struct sockaddr_in *address);

/* A socket on its way to be connected, without Nagle's algorithm; non-blocking. EPOLLOUT says that it is. */
int sockets_start_dial(const struct sockaddr_in *address);

/* A socket that listens, non-blocking; on a port of the kernel's choice: prints its address. */
int sockets_listen_at(const struct sockaddr_in *address);
int sockets_listen(void);

void sockets_set_nodelay(int fd);
void sockets_set_nonblocking(int fd);

/* Adds `fd` to `poll`, with `of` as what epoll_wait() says. */
void sockets_watch(int poll, int fd, uint32_t events, void *of);

/* epoll_wait() until `deadline` (clock_now()'s time) at most, to the nanosecond; 0 when that has come. */
int sockets_wait(int poll, struct epoll_event *events, int room, uint64_t deadline);

#endif
