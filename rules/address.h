/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses and prefixes as people write them. Nothing is looked up: names are the relay's business.
 */
#ifndef HANGUP_RULES_ADDRESS_H
#define HANGUP_RULES_ADDRESS_H

#include "rules/memory.h"
#include "rules/ruleset.h"

/* NULL when it was read; else what is wrong with it, constant. */
const char *address_read(const char *word, size_t length, struct address *address, struct arena *arena);

bool address_same(const struct address *a, const struct address *b);

/* `10.0.0.0/8`, `::1`. Bits behind the prefix are cleared; `stray` says that there were some. */
const char *prefix_read(const char *word, size_t length, struct prefix *prefix, bool *stray);

#endif
