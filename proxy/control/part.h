/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A part: rules and relays that came together and are replaced or removed together: what hangup was started with, a file, one rule or one
 * relay that somebody added. All parts in their order are what is in force. A part is never changed but for the state of its relays: one
 * that says something else takes its place. Belongs to the control thread; the rule sets that it holds are shared with the workers.
 */
#ifndef HANGUP_CONTROL_PART_H
#define HANGUP_CONTROL_PART_H

#include "engine/roster.h"
#include "rules/ruleset.h"

struct call;

enum part_kind {
    PART_START, /* the command line and its files; there is one, the first; compiled anew by a reload */
    PART_FILE,  /* a rule file's text */
    PART_RULE,  /* one rule: a sentence; its name is the part's */
    PART_RELAY, /* one relay; its name is the part's */
};

struct part_relay {
    const struct relay_spec *spec; /* its rule set is held */
    bool enabled;                  /* connections are accepted; else refused, or it does not listen at all yet */
    bool open;                     /* the workers have it */
    char text[128];                /* where it listens: with the port that the kernel chose; as written while it is not open */
};

struct part {
    size_t users; /* lists that it stands in */
    enum part_kind kind;
    char *name, *text; /* text: a file's or a rule's; a relay's options, as in its block, or NULL; NULL for others */
    struct scope scope;
    const struct rule **rules; /* their rule sets are held, each for itself: what stands as it was is still the old one's */
    size_t rule_count;
    const struct standing **standings;
    size_t standing_count;
    struct part_relay *relays;
    size_t relay_count;
};

/* Takes all of a rule set. `old`: parts whose equal rules, relays and standing expectations are taken over in their place. */
struct part_list;
struct part *part_new(enum part_kind kind, const char *name, const char *text, const struct scope *scope, const struct ruleset *set,
    const struct part_list *old);
struct part *part_use(struct part *part);
void part_drop(struct part *part);

/* Parts in order. */
struct part_list {
    struct part **parts;
    size_t count;
};

struct part_list part_list_copy(const struct part_list *list);
void part_list_release(struct part_list *list);
size_t part_list_find(const struct part_list *list, enum part_kind kind, const char *name); /* its place, or list->count */
void part_list_put(struct part_list *list, size_t place, struct part *part);                /* place == count: behind all. Takes it */
void part_list_remove(struct part_list *list, size_t place);

/* In whatever part. NULL: there is none of that name. */
struct part_relay *part_list_relay(const struct part_list *list, const char *name, struct part **part);
const struct rule *part_list_rule(const struct part_list *list, const char *name, struct part **part);

/* Whether they say the same, wherever they stand. */
bool relay_spec_same(const struct relay_spec *a, const struct relay_spec *b);

#endif
