/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scope: which links a rule is for, beside what it says itself. Given by whoever puts a rule in force while links are open (control/).
 */
#ifndef HANGUP_ENGINE_SCOPE_H
#define HANGUP_ENGINE_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: all. */
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

#endif
