/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sighting: what is known of the application's socket at the other end of one of ours. Exact where the lookout has seen the socket on
 * this machine; inferred from our own socket where it is elsewhere. A value; it comes with the notice `state`.
 */
#ifndef HANGUP_RELAY_SIGHTING_H
#define HANGUP_RELAY_SIGHTING_H

#include "kernel/processes.h"
#include "rules/vocab.h"

struct sighting {
    bool exact;
    uint64_t socket;       /* exact: a number that no other socket of the run has, from 1 */
    enum tcp_state state;  /* CLOSE: it is gone */
    enum tcp_state before; /* what it was until now; 0: this is the first time that it is seen */
    uint64_t at;           /* ns: when it was looked at; what has happened since then is not in it */
    uint64_t since;        /* ns: since when it is known to be in `state` */
    bool owned;            /* some process has it open; false: it was not accepted yet, or closed, and its kernel says goodbye for it */
    uint32_t uid;          /* whose it is, if owned */
    struct owner owner;    /* pid 0: not known, or nobody's whom we may see */
};

/* Whether a socket that has our FIN, that has sent its own, can be in that state: else what was seen is older than what is known. */
bool state_fits(enum tcp_state state, bool has_our_fin, bool has_sent_fin);

/* Whether the application has said goodbye: its FIN is sent, or on its way, or its socket is gone. */
bool state_is_closed(enum tcp_state state);

/* Whether no process has it open any more. */
bool sighting_is_abandoned(const struct sighting *sighting);

/* "pid 4711 app, fd 7", "uid 33", "not accepted yet", "closed by its process", "inferred": how it is known, or who has it. */
#define SIGHTING_WHO 96
const char *sighting_who(const struct sighting *sighting, char text[SIGHTING_WHO]);

#endif
