/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A peer: one application of a link, as our own socket and the lookout let us know it. Which endings passed and when, and the TCP state of
 * its socket: exact where it was seen on this machine. Else it is inferred from the endings: who has our FIN and has not said goodbye
 * itself sits in CLOSE_WAIT; whose FIN we have and who got none of ours sits in FIN_WAIT2.
 */
#ifndef HANGUP_JUDGE_PEER_H
#define HANGUP_JUDGE_PEER_H

#include "relay/notice.h"
#include "relay/sighting.h"

/* Times in ns; 0: it has not happened. */
struct peer {
    uint64_t fin_received, fin_sent, fin_acked;
    uint64_t rst_received, rst_sent;
    uint64_t timed_out; /* its machine no longer answers */
    uint64_t gone;      /* our socket that faces it is closed */
    uint64_t handshaken;   /* our TLS handshake with it was over */
    uint64_t tls_goodbye;  /* it was sent close_notify, or an alert */
    bool exited;        /* it was its process's end that ended it */
    bool spins;         /* its process goes round and round over it, when it is at its end */
    bool unseen;        /* nothing more is told of its socket */
    struct sighting seen; /* its socket, as it was seen last; state 0: never */
};

/* A state, and since when; state 0: none that is known. */
struct peer_state {
    enum tcp_state state;
    uint64_t since; /* ns */
    bool exact;     /* it was seen; else it is inferred */
};

/* A notice about this side has come. */
void peer_told(struct peer *peer, const struct notice *notice);

struct peer_state peer_state(const struct peer *peer);

/* Its FIN came, and its socket is gone as well: it was seen to be closed, or it has our FIN too, or our own socket is closed and not by our
 * RST. */
bool peer_is_over(const struct peer *peer);

/* "pid 4711 app, fd 7", or "inferred". */
const char *peer_who(const struct peer *peer, char text[SIGHTING_WHO]);

/* It has our FIN, and TLS had said no goodbye before that. */
bool peer_is_truncated(const struct peer *peer);

/* We have reset it: nothing that it does now can be seen. */
bool peer_is_cut_off(const struct peer *peer);

#endif
