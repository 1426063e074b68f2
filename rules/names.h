/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of what a rule may speak of, both ways: TCP states, errnos, TLS alerts (RFC 8446, section 6), certificate faults, and the parts
 * of a flow. (side_name, alert_name, what_name and the states' functions stand in ruleset.h: the whole program uses them.)
 */
#ifndef HANGUP_RULES_NAMES_H
#define HANGUP_RULES_NAMES_H

#include <stddef.h>

#include "rules/vocab.h"

struct name {
    const char *name;
    int value;
};

/* Tables end with name == NULL. */
extern const struct name names_states[], names_errnos[], names_alerts[], names_kinds[], names_versions[], names_whats[];

/* The row with that name, or NULL. Case matters. */
const struct name *names_find(const struct name *table, const char *word, size_t length);

#endif
