/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client that is met half-way: its SYN is not let in, but answered by a socket of ours that connects to it from where it aims at, a
 * simultaneous open (RFC 9293, 3.5), of which its connect() hears nothing. For clients on this machine: who is ignored cannot be let in by
 * himself; and where a held SYN could be, what the client says first may be taken in by another processor than its ACK, and before Linux
 * 6.19 it then sometimes finds neither the request for the connection nor the connection that is just being made of it, so that our kernel
 * answers with RST. Called by attempt.c.
 */
#ifndef HANGUP_RELAY_MEETING_H
#define HANGUP_RELAY_MEETING_H

#include "kernel/packet.h"

struct relay;

/* A socket on its way to the client. -1: this one has to be let in, as it opens fast, or its last connection is not forgotten yet
 * (TIME_WAIT). */
int meeting_begin(const struct relay *relay, const struct syn *syn);

#endif
