/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a toxic does, said in hangup's own rule language: the sentences of one rule or two, to be put in force on the connections of its
 * relay like any other. It is the whole of the mapping; nothing else knows what a toxic means. Called by api.c.
 */
#ifndef HANGUP_CONTROL_TOXIPROXY_EFFECT_H
#define HANGUP_CONTROL_TOXIPROXY_EFFECT_H

#include <stddef.h>

struct toxic;

#define EFFECT_RULES 2

/* The sentences by place, owned by the caller; NULL: no such rule. The rule at a place is the same one whatever the toxic's attributes
 * become, so that its name, and with it what it draws, stay. All NULL: it does nothing (noop, a toxicity of 0, no delay …). */
struct effect {
    char *sentences[EFFECT_RULES];
};

struct effect effect_of(const struct toxic *toxic);

/* What its removal does to the connections that it struck: a timeout closes them. For most, nothing. */
struct effect effect_of_removal(const struct toxic *toxic);

void effect_release(struct effect *effect);

#endif
