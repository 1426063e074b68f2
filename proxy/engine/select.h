/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Selectors: which links a rule chooses, decided once, when the link opens. Keeps the counts by client address that `of each client`
 * needs, for a rule that does.
 */
#ifndef HANGUP_ENGINE_SELECT_H
#define HANGUP_ENGINE_SELECT_H

#include "relay/link.h"
#include "rules/ruleset.h"

struct select_counts;

struct select_counts *select_counts_new(const struct rule *rule); /* NULL: the rule does not count by client */
void select_counts_free(struct select_counts *counts); /* NULL is fine */

/* A link has opened: its number among those of its client at this relay, from 1. Once for each link. */
uint64_t select_count_client(struct select_counts *counts, const struct link *link);

/* A link's numbers since the rule came, from 1; 0: it came before, or nobody counts. */
struct select_numbers {
    uint64_t of_relay, of_client;
};

/* Whether all the rule's selectors hold, but for `tls name`, which is not known yet. `lot`: the name by which its shares are drawn; NULL:
 * its own. */
bool select_holds(
    const struct rule *rule, const char *lot, const struct link *link, uint64_t seed, const struct select_numbers *numbers);

#endif
