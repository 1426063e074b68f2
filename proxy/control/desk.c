/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes: from wishes to a proposal, to the workers, and into force.
 */
#include "control/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/control.h"
#include "control/plan.h"
#include "control/wait.h"
#include "relay/address.h"
#include "rules/memory.h"

enum wish_kind { WISH_FILE, WISH_RULE, WISH_RELAY, WISH_REMOVE, WISH_ENABLE, WISH_CLOSE, WISH_RELOAD };

struct change_wish {
    enum wish_kind kind;
    enum change_mode mode;
    enum part_kind part; /* WISH_REMOVE */
    struct part *only;   /* WISH_REMOVE: no other of that name; held; or NULL */
    char *name;
    char *text;             /* a file's, a rule's; a relay's options, or NULL */
    char *listen, *server;  /* WISH_RELAY */
    struct scope scope;
    bool enable;
};

/* ---- wishes ---- */

struct change *change_new(struct control *control, void (*done)(struct change *change), void *context)
{
    struct change *change = xmalloc(sizeof(*change));

    *change = (struct change){.errand.control = control, .done = done, .context = context};
    return change;
}

static struct change_wish *wish(struct change *change, enum wish_kind kind, const char *name)
{
    if (change->wish_count == change->wish_capacity) {
        change->wish_capacity = change->wish_capacity * 2 + 1;
        change->wishes = xrealloc(change->wishes, change->wish_capacity * sizeof(*change->wishes));
    }
    change->wishes[change->wish_count] = (struct change_wish){.kind = kind, .name = xstrdup(name)};
    return &change->wishes[change->wish_count++];
}

void change_put_file(struct change *change, enum change_mode mode, const char *name, const char *text)
{
    struct change_wish *file = wish(change, WISH_FILE, name);

    file->mode = mode;
    file->text = xstrdup(text);
}

void change_put_rule(struct change *change, enum change_mode mode, const char *name, const char *text, const struct scope *scope)
{
    struct change_wish *rule = wish(change, WISH_RULE, name);

    rule->mode = mode;
    rule->text = xstrdup(text);
    rule->scope = scope_copy(scope);
}

void change_put_relay(
    struct change *change, enum change_mode mode, const char *name, const char *listen, const char *server, const char *with)
{
    struct change_wish *relay = wish(change, WISH_RELAY, name);

    relay->mode = mode;
    relay->text = with != NULL ? xstrdup(with) : NULL;
    relay->listen = xstrdup(listen);
    relay->server = xstrdup(server);
}

void change_remove(struct change *change, enum part_kind kind, const char *name)
{
    wish(change, WISH_REMOVE, name)->part = kind;
}

void change_remove_part(struct change *change, struct part *part)
{
    struct change_wish *removal = wish(change, WISH_REMOVE, part->name);

    removal->part = part->kind;
    removal->only = part_use(part);
}

void change_enable_relay(struct change *change, const char *name, bool enable)
{
    wish(change, WISH_ENABLE, name)->enable = enable;
}

void change_close_links(struct change *change, const char *relay)
{
    wish(change, WISH_CLOSE, relay);
}

void change_reload(struct change *change)
{
    wish(change, WISH_RELOAD, "");
}

static void change_free(struct change *change)
{
    for (size_t i = 0; i < change->wish_count; i++) {
        free(change->wishes[i].name);
        free(change->wishes[i].text);
        free(change->wishes[i].listen);
        free(change->wishes[i].server);
        scope_release(&change->wishes[i].scope);
        if (change->wishes[i].only != NULL) {
            part_drop(change->wishes[i].only);
        }
    }
    free(change->wishes);
    free(change->problem);
    diag_free(change->diag);
    part_list_release(&change->proposal);
    free((void *)(uintptr_t)change->roster.rules);
    free((void *)(uintptr_t)change->roster.standings);
    plan_free(change->plans, change->plan_count);
    free(change->spent);
    free(change);
}

void change_discard(struct change *change)
{
    change_free(change);
}

static bool fail(struct change *change, enum change_outcome outcome, const char *problem)
{
    change->outcome = outcome;
    change->problem = problem != NULL ? xstrdup(problem) : NULL;
    return false;
}

/* ---- compiling ---- */

/* The names that are in force beside the part at `place`. */
static struct rules_known known_beside(const struct part_list *list, size_t place)
{
    struct rules_known known = {.relays = NULL};
    const char **relays, **rules;
    bool (*tls)[2];
    size_t relay_count = 0, rule_count = 0;

    for (size_t i = 0; i < list->count; i++) {
        known.relay_count += i == place ? 0 : list->parts[i]->relay_count;
        known.rule_count += i == place ? 0 : list->parts[i]->rule_count;
    }
    relays = xmalloc((known.relay_count + 1) * sizeof(*relays));
    rules = xmalloc((known.rule_count + 1) * sizeof(*rules));
    tls = xmalloc((known.relay_count + 1) * sizeof(*tls));
    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; i != place && j < list->parts[i]->relay_count; j++) {
            const struct relay_spec *spec = list->parts[i]->relays[j].spec;

            memcpy(tls[relay_count], spec->tls, sizeof(*tls));
            relays[relay_count++] = spec->name;
        }
        for (size_t j = 0; i != place && j < list->parts[i]->rule_count; j++) {
            rules[rule_count++] = list->parts[i]->rules[j]->name;
        }
    }
    known.relays = relays;
    known.rules = rules;
    known.tls = (const bool(*)[2])tls;
    return known;
}

/* Compiles what is to stand at that place of the proposal. */
static bool put(struct change *change, size_t place, enum part_kind kind, const struct change_wish *wish, struct rules_input *input)
{
    struct desk *desk = control_desk(change->errand.control);
    struct rules_known known = known_beside(&change->proposal, place);
    struct ruleset *set;

    if (change->diag == NULL) {
        change->diag = diag_new();
    }
    input->known = &known;
    input->sealed = kind != PART_START;
    input->means = control_options(change->errand.control)->input->means;
    input->first_relay = desk->next_relay;
    input->first_rule = desk->next_rule;
    set = rules_compile(input, control_options(change->errand.control)->vocab, change->diag);
    free((void *)(uintptr_t)known.relays);
    free((void *)(uintptr_t)known.rules);
    free((void *)(uintptr_t)known.tls);
    if (set == NULL) {
        return fail(change, CHANGE_WRONG, NULL);
    }
    desk->next_relay += (unsigned)set->relay_count;
    desk->next_rule += (unsigned)set->rule_count;
    part_list_put(&change->proposal, place, part_new(kind, wish->name, wish->text, &wish->scope, set, &desk->list));
    ruleset_unref(set);
    return true;
}

static bool put_part(struct change *change, enum part_kind kind, const struct change_wish *wish, struct rules_input *input)
{
    size_t place = part_list_find(&change->proposal, kind, wish->name);
    struct part *other;

    if (place == change->proposal.count && kind == PART_RULE && part_list_rule(&change->proposal, wish->name, &other) != NULL) {
        return fail(change, wish->mode == CHANGE_NEW ? CHANGE_EXISTS : CHANGE_PART_OF, wish->mode == CHANGE_NEW ? wish->name : other->name);
    }
    if (place == change->proposal.count && kind == PART_RELAY && part_list_relay(&change->proposal, wish->name, &other) != NULL) {
        return fail(change, wish->mode == CHANGE_NEW ? CHANGE_EXISTS : CHANGE_PART_OF, wish->mode == CHANGE_NEW ? wish->name : other->name);
    }
    if (wish->mode == CHANGE_NEW && place < change->proposal.count) {
        return fail(change, CHANGE_EXISTS, wish->name);
    }
    if (wish->mode == CHANGE_OLD && place == change->proposal.count) {
        return fail(change, CHANGE_MISSING, wish->name);
    }
    return put(change, place, kind, wish, input);
}

static bool remove_part(struct change *change, const struct change_wish *wish)
{
    size_t place = part_list_find(&change->proposal, wish->part, wish->name);
    struct part *other = NULL;

    if (place < change->proposal.count && (wish->only == NULL || wish->only == change->proposal.parts[place])) {
        part_list_remove(&change->proposal, place);
        return true;
    }
    if (wish->only != NULL) {
        return fail(change, CHANGE_MISSING, wish->name);
    }
    if (wish->part == PART_RULE) {
        part_list_rule(&change->proposal, wish->name, &other);
    } else if (wish->part == PART_RELAY) {
        part_list_relay(&change->proposal, wish->name, &other);
    }
    return other != NULL ? fail(change, CHANGE_PART_OF, other->name) : fail(change, CHANGE_MISSING, wish->name);
}

/* ---- the proposal ---- */

/* What is not said stays as it is. */
static void keep_options(const struct change *change, struct change_wish *wish)
{
    size_t place = part_list_find(&change->proposal, PART_RELAY, wish->name);

    if (wish->kind == WISH_RELAY && wish->text == NULL && place < change->proposal.count && change->proposal.parts[place]->text != NULL) {
        wish->text = xstrdup(change->proposal.parts[place]->text);
    }
}

static bool grant(struct change *change, const struct change_wish *wish)
{
    struct rules_sentence sentence = {.name = wish->name, .text = wish->text, .where = wish->name};
    struct rules_relay relay = {.name = wish->name, .listen = wish->listen, .server = wish->server, .with = wish->text};
    struct rules_input input = {.checking = false};
    struct part *part;

    switch (wish->kind) {
    case WISH_FILE:
        input.document = wish->text;
        input.document_name = wish->name;
        return put_part(change, PART_FILE, wish, &input);
    case WISH_RULE:
        input.sentences = &sentence;
        input.sentence_count = 1;
        return put_part(change, PART_RULE, wish, &input);
    case WISH_RELAY:
        input.relays = &relay;
        input.relay_count = 1;
        return put_part(change, PART_RELAY, wish, &input);
    case WISH_RELOAD:
        input = *control_options(change->errand.control)->input;
        return put(change, 0, PART_START, wish, &input);
    case WISH_REMOVE:
        return remove_part(change, wish);
    case WISH_ENABLE:
    case WISH_CLOSE:
        return part_list_relay(&change->proposal, wish->name, &part) != NULL || fail(change, CHANGE_MISSING, wish->name);
    }
    return false;
}

static struct roster roster_of(const struct part_list *list)
{
    struct roster roster = {.rules = NULL};
    struct roster_rule *rules;
    const struct standing **standings;

    for (size_t i = 0; i < list->count; i++) {
        roster.rule_count += list->parts[i]->rule_count;
        roster.standing_count += list->parts[i]->standing_count;
    }
    roster.rules = rules = xmalloc((roster.rule_count + 1) * sizeof(*rules));
    roster.standings = standings = xmalloc((roster.standing_count + 1) * sizeof(*standings));
    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; j < list->parts[i]->rule_count; j++) {
            *rules++ = (struct roster_rule){.rule = list->parts[i]->rules[j], .scope = list->parts[i]->scope};
        }
        for (size_t j = 0; j < list->parts[i]->standing_count; j++) {
            *standings++ = list->parts[i]->standings[j];
        }
    }
    return roster;
}

/* Of wishes about one relay the last one counts. */
static void plan_wishes(struct change *change)
{
    for (size_t i = 0; i < change->wish_count; i++) {
        const struct change_wish *wish = &change->wishes[i];

        if (wish->kind == WISH_ENABLE || wish->kind == WISH_CLOSE) {
            struct relay_plan *plan = plan_for(change, wish->name);

            if (wish->kind == WISH_ENABLE) {
                plan->enabled = wish->enable;
            } else {
                plan->close_links = true;
            }
        }
    }
}

static bool prepare(struct change *change)
{
    struct desk *desk = control_desk(change->errand.control);

    change->proposal = part_list_copy(&desk->list);
    for (size_t i = 0; i < change->wish_count; i++) {
        keep_options(change, &change->wishes[i]);
        if (!grant(change, &change->wishes[i])) {
            return false;
        }
    }
    change->roster = roster_of(&change->proposal);
    plan_make(change, &desk->list);
    plan_wishes(change);
    change->problem = plan_prepare(change);
    if (change->problem != NULL) {
        change->outcome = CHANGE_CANNOT;
        return false;
    }
    return true;
}

/* ---- into force ---- */

static void make_next(struct desk *desk);

static void finish(struct change *change)
{
    struct desk *desk = control_desk(change->errand.control);

    change->done(change); /* what it hands in waits behind this one */
    desk->first = change->next;
    change_free(change);
    make_next(desk);
}

static void spent_removed(struct change *change)
{
    (void)change;
}

/* What was done to open links once, and is over. */
static void remove_spent(struct change *change)
{
    struct desk *desk = control_desk(change->errand.control);
    struct change *removal = NULL;

    for (size_t i = 0; i < desk->list.count; i++) {
        const struct part *part = desk->list.parts[i];
        bool is_spent = false;

        for (size_t j = 0; part->kind == PART_RULE && j < change->spent_count; j++) {
            is_spent = is_spent || part->rules[0] == change->spent[j];
        }
        if (is_spent) {
            removal = removal != NULL ? removal : change_new(desk->control, spent_removed, NULL);
            change_remove(removal, PART_RULE, part->name);
        }
    }
    if (removal != NULL) {
        change_submit(removal);
    }
}

static void come_home(struct errand *errand)
{
    struct change *change = (struct change *)(void *)errand;
    struct desk *desk = control_desk(errand->control);

    if (change->outcome == CHANGE_MADE && !change->failed) {
        struct part_list old = desk->list;

        plan_note(change);
        desk->list = change->proposal;
        change->proposal = old;
        desk->changes++;
        waits_look(control_waits(errand->control));
        remove_spent(change);
    } else if (change->failed) {
        change->outcome = CHANGE_CANNOT;
    }
    finish(change);
}

/* One that cannot be prepared goes home by the inbox as well: done() is never called before change_submit() returns. */
static void make_next(struct desk *desk)
{
    struct change *change = desk->first;

    if (change == NULL) {
        return;
    }
    change->errand.home = come_home;
    if (control_is_over(desk->control)) {
        fail(change, CHANGE_CANNOT, "hangup is being stopped");
        errand_send_home(&change->errand);
    } else if (prepare(change)) {
        change->errand.work = plan_work;
        errand_send(&change->errand);
    } else {
        errand_send_home(&change->errand);
    }
}

void change_submit(struct change *change)
{
    struct desk *desk = control_desk(change->errand.control);
    bool idle = desk->first == NULL;

    if (idle) {
        desk->first = change;
    } else {
        desk->last->next = change;
    }
    desk->last = change;
    if (idle) {
        make_next(desk);
    }
}

/* ---- the whole ---- */

void desk_open(struct desk *desk, struct control *control, struct ruleset *rules)
{
    const struct part_list nothing = {.parts = NULL};
    struct part *start = part_new(PART_START, "", NULL, &(struct scope){.relay = NULL}, rules, &nothing);

    *desk = (struct desk){.control = control, .next_relay = (unsigned)rules->relay_count, .next_rule = (unsigned)rules->rule_count};
    part_list_put(&desk->list, 0, start);
}

void desk_close(struct desk *desk)
{
    while (desk->first != NULL) {
        struct change *change = desk->first;

        desk->first = change->next;
        change_free(change);
    }
    part_list_release(&desk->list);
}
