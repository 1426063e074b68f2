/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that refuse: at work on relays, before there is a link. Started and ended by engine.c, when the rules are loaded or when their
 * window opens and closes.
 */
#ifndef HANGUP_ENGINE_REFUSAL_H
#define HANGUP_ENGINE_REFUSAL_H

#include <stdbool.h>

struct engine;
struct rule;

/* Whether the rule is of this kind: one of its actions attaches to a relay. */
bool refusal_is_rule(const struct engine *engine, const struct rule *rule);

void refusal_start(struct engine *engine, const struct rule *rule);
void refusal_end(struct engine *engine, const struct rule *rule); /* fine if it does not run */
void refusal_signal(struct engine *engine, const char *name); /* ends those that last until that signal */
void refusal_end_all(struct engine *engine);

#endif
