/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Watchers: calls that are answered when something happens: those that wait for a condition, and those that listen to events. The monitors
 * poke; then the conditions are asked again, and events handed on. Nothing here polls.
 */
#ifndef HANGUP_CONTROL_WATCHERS_H
#define HANGUP_CONTROL_WATCHERS_H

#include "control/monitor.h"

struct call;
struct control;

struct watchers *watchers_new(struct control *control);
void watchers_end(struct watchers *watchers);  /* the workers stand still: who listens hears no more, and nobody pokes */
void watchers_free(struct watchers *watchers); /* ended, and no poke is under way. NULL is fine */

/* A worker's monitor pokes us from now on; before the threads start. */
void watchers_look_through(struct watchers *watchers, struct monitor *monitor);

void watchers_events(struct call *call); /* GET /v1/events */
size_t watchers_listening(const struct watchers *watchers); /* to events */
uint64_t watchers_lost(const struct watchers *watchers);    /* events, so far, each for each listener who missed it */

/* Somebody came or went: the monitors are told what to poke for. */
void watchers_want(struct watchers *watchers);

#endif
