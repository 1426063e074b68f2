/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cast of the demo: two small servers and a client, processes of their own with ordinary blocking sockets. They know nothing of
 * hangup but the address that it gives to the client, and say on standard output what they do. Not for the tests: these have hangup-peer.
 */
#ifndef HANGUP_CLI_DEMO_CAST_H
#define HANGUP_CLI_DEMO_CAST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A server on a port of 127.0.0.1 that the kernel chooses. It ends with us. */
struct demo_server {
    const char *name;
    bool forgets; /* to close, when read returns 0 */
    uint16_t port;
    pid_t pid;
};

/* False, and errno. */
bool demo_server_start(struct demo_server *server);
void demo_server_stop(struct demo_server *server); /* fine if it was not started */

/* The client, in the process that is the session's COMMAND: HANGUP_TIDY and HANGUP_LEAKY hold the relays' addresses. Returns its exit
 * code. */
int demo_client(void);

#endif
