/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parser found, with the span of each part, for the checks to point at. Lives in the reader's scratch arena until ruleset.c
 * has made the rule set of it; values inside (texts, names, lists) are in the rule set's own arena from the start.
 */
#ifndef HANGUP_RULES_DRAFT_H
#define HANGUP_RULES_DRAFT_H

#include "rules/memory.h"
#include "rules/ruleset.h"

/* A phrase that a row matched. A DEED value points to the phrase of another one of these. */
struct parsed {
    struct phrase phrase; /* first: see parsed_of() */
    struct span span;
    struct span value_span[PHRASE_VALUES];
};

static inline struct parsed *parsed_of(const struct phrase *phrase)
{
    return (struct parsed *)(uintptr_t)phrase;
}

struct draft_event {
    enum sides subject;
    struct parsed *deed;
    struct span span; /* with its subject */
};

struct draft_step {
    enum step_kind kind;
    struct parsed *phrase;
    enum side side; /* expectations: whose */
    bool has_time;
    struct range time;
    struct draft_event *until;
    struct span time_span; /* `for 3s`, `until ...` */
    struct span span;      /* all of it; expectations with their `expect` */
    const char *text;      /* as people read it, in the kept arena */
    struct place place;
};

struct draft_selector {
    bool negated;
    struct parsed *phrase;
};

struct draft_rule {
    const char *name;
    const char *text; /* its sentence as people read it, in the kept arena */
    struct span name_span;
    struct place place;
    struct draft_selector *selectors;
    size_t selector_count;
    struct window window;
    struct span window_span;
    enum occasion occasion;
    uint64_t count;
    struct span occasion_span;
    struct draft_event *event; /* NULL: none written */
    struct draft_step *steps;
    size_t step_count;
    bool broken; /* parts of it are missing: they had errors */
};

struct draft_relay {
    struct relay_spec spec;
    struct span name_span, listen_span, server_span;
    /* Of these options; no source: not given. */
    struct span trust_span, certificate_span, client_certificate_span, version_span, ciphers_span;
};

struct draft_standing {
    struct parsed *phrase;
    const char *text;
    struct place place;
};

/* All files together. */
struct draft {
    bool has_seed;
    uint64_t seed;
    struct span seed_span;
    struct draft_relay *relays;
    size_t relay_count;
    struct draft_rule *rules;
    size_t rule_count;
    struct draft_standing *standings;
    size_t standing_count;
    bool incomplete; /* a file or a relay could not be read: what is not there may have been meant to be */
};

#endif
