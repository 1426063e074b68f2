/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Windows: when a rule is in force. `from A to B every P`, where A and B are times since the rules were loaded, or signals. Tells
 * engine.c when one opens and closes.
 */
#ifndef HANGUP_ENGINE_WINDOW_H
#define HANGUP_ENGINE_WINDOW_H

#include <stdbool.h>

#include "relay/timers.h"

struct rule_state;

struct window_run {
    struct rule_state *state;
    bool open;
    bool closing;       /* what the timer will do */
    uint64_t opened_at; /* ns: when this turn of it began */
    uint64_t draws;
    struct timer timer;
    void (*changed)(struct rule_state *state, bool open);
};

/* Starts the clock of a rule's window; `changed` is told. */
struct window_run *window_new(struct rule_state *state, void (*changed)(struct rule_state *state, bool open));
void window_free(struct window_run *window);

void window_signal(struct window_run *window, const char *name);

#endif
