/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A roster: the rules that are to be in force from now on, in the order of S6. They may come from several rule sets: a rule that stands as
 * it was is the same pointer as before. Made by whoever changes rules while links are open (control/), and handed to the engine and the
 * judge of each worker, which take references of what they keep; the roster itself is its maker's.
 */
#ifndef HANGUP_ENGINE_ROSTER_H
#define HANGUP_ENGINE_ROSTER_H

#include "engine/scope.h"
#include "rules/ruleset.h"

struct roster_rule {
    const struct rule *rule;
    struct scope scope; /* must be the same as long as the rule is */
};

struct roster {
    const struct roster_rule *rules;
    size_t rule_count;
    const struct standing *const *standings;
    size_t standing_count;
};

#endif
