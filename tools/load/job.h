/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one run of the load generator is to do. Filled by main.c from the command line; each client (bulk.c, ask.c, …) is a function of
 * it.
 */
#ifndef HANGUP_TOOLS_LOAD_JOB_H
#define HANGUP_TOOLS_LOAD_JOB_H

#include <netinet/in.h>
#include <stdint.h>

/* How much longer than it should a client goes on until it has at least one figure, ns at a time. */
#define FIRST UINT64_C(1000000000)

/* Which links of a soak rules will touch: each of these shares is 1 % of the links, and comes from addresses of its own. */
struct touched {
    int kept;   /* 127.1.1.1 and on: what is said arrives all the same */
    int broken; /* 127.2.1.1 and on: anything may happen */
};

struct job {
    struct sockaddr_in address; /* of the relay, or of the server itself */
    int links;                  /* how many at a time; at least 1 */
    uint64_t length;            /* how long to go on, ns */
    uint64_t every;             /* delay only: from one message of a link to its next, ns; 0: as soon as the last has come */
    struct touched touched;     /* soak only */
};

/* Each prints what it measured as one object of JSON, and returns. What goes wrong ends the program (sockets.h, fail()). */
void bulk(const struct job *job);
void ask(const struct job *job);
void connects(const struct job *job);
void idle(const struct job *job);
void delay(const struct job *job);
void pull(const struct job *job);
void soak(const struct job *job);

/* The servers, that of soak() and that of all others; each says its address, and goes on until it is ended. */
_Noreturn void serve(void);
_Noreturn void host(uint64_t patience); /* ns without a move after which it gives a link up */

/* The bare relay, which others are measured by; goes on likewise. */
_Noreturn void relay(struct sockaddr_in here, struct sockaddr_in server);

#endif
