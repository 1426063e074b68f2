/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A roster: the rules that are to be in force from now on, in the order of S6. They may come from several rule sets: a rule that stands as
 * it was is the same pointer as before. Made by whoever changes rules while links are open (control/), and handed to the engine and the
 * judge of each worker, which take references of what they keep; the roster itself is its maker's.
 */
#ifndef HANGUP_ENGINE_ROSTER_H
#define HANGUP_ENGINE_ROSTER_H

#include "rules/ruleset.h"

/* Which links a rule is for, beside what it says itself. Zeroed: all. */
struct scope {
    const char *relay; /* those of the relay of this name; NULL: of any */
    uint64_t link;     /* the one of this number; 0: any */
    bool open_only;    /* those that are open when the rule comes, and none later; their numbers count from the relay's first */
    const char *lot;   /* a share of them is the one that the rule of this name draws; NULL: by its own name */
};

/* A copy whose texts are its own, for scope_release(). */
struct scope scope_copy(const struct scope *scope);
void scope_release(const struct scope *scope);
bool scope_is_same(const struct scope *a, const struct scope *b);

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
