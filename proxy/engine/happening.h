/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A happening: an event that no flow shows, such as a state of a socket, a signal, a handshake's message or a connection to another relay.
 * What is seen in flows is shown to watches by gate.c. Made by engine.c of what the relay tells.
 */
#ifndef HANGUP_ENGINE_HAPPENING_H
#define HANGUP_ENGINE_HAPPENING_H

#include "relay/link.h"
#include "rules/ruleset.h"

struct happening {
    enum deed deed;
    enum side side;
    enum tcp_state state; /* DEED_IN_STATE */
    const char *signal;   /* DEED_SIGNAL */
    const char *relay;    /* DEED_CONNECTS_TO: its name */
    const char *text;     /* DEED_SENDS_MESSAGE, DEED_ABOUT_MESSAGE: its name; DEED_ABORTS: how */
};

/* Shows it to the watches of the link's rules, and lets the link go on. */
void happening_show(const struct happening *happening, struct link *link);

#endif
