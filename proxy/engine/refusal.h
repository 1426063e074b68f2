/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that refuse, or lose SYNs: at work on relays, before there is a link. Where a relay holds SYNs, those that lose them, choose
 * connections, or expect something of them, are at work on each attempt instead, as any rule is on its link. Started and ended by engine.c,
 * when the rules are loaded or when their window opens and closes.
 */
#ifndef HANGUP_ENGINE_REFUSAL_H
#define HANGUP_ENGINE_REFUSAL_H

#include <stdbool.h>

struct engine;
struct relay;
struct rule;
struct rule_state;

/* Whether the rule is of this kind: one of its actions attaches to a relay. */
bool refusal_is_rule(const struct engine *engine, const struct rule *rule);

/* Whether it is at work on this relay, and not on its links. */
bool refusal_is_at(const struct rule_state *state, const struct relay *relay);

void refusal_start(struct rule_state *state);
void refusal_end(struct rule_state *state); /* fine if it does not run */
void refusal_signal(struct engine *engine, const char *name); /* ends those that last until that signal */
void refusal_end_all(struct engine *engine);

/* A relay has come, and what refuses there does so from now on; or it goes. */
void refusal_relay_opened(struct engine *engine, unsigned relay);
void refusal_relay_removed(struct engine *engine, unsigned relay);

#endif
