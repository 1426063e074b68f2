/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parts, and lists of them.
 */
#include "control/part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"

bool relay_spec_same(const struct relay_spec *a, const struct relay_spec *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->text, b->text) == 0;
}

/* ---- what stands as it was ---- */

static const struct rule *take_over_rule(const struct part_list *old, const struct rule *rule, const struct scope *scope)
{
    struct part *part;
    const struct rule *there = part_list_rule(old, rule->name, &part);

    return there != NULL && strcmp(there->text, rule->text) == 0 && scope_is_same(&part->scope, scope) ? there : rule;
}

static const struct standing *take_over_standing(const struct part_list *old, const struct standing *standing)
{
    for (size_t i = 0; i < old->count; i++) {
        for (size_t j = 0; j < old->parts[i]->standing_count; j++) {
            if (strcmp(old->parts[i]->standings[j]->text, standing->text) == 0) {
                return old->parts[i]->standings[j];
            }
        }
    }
    return standing;
}

static void take_relay(struct part_relay *relay, const struct relay_spec *spec, const struct part_list *old)
{
    struct part *part;
    const struct part_relay *there = part_list_relay(old, spec->name, &part);

    *relay = (struct part_relay){.spec = spec, .enabled = true};
    snprintf(relay->text, sizeof(relay->text), "%s", spec->listen.text);
    if (there != NULL && relay_spec_same(there->spec, spec)) {
        *relay = *there;
    }
    ruleset_ref(relay->spec->set);
}

struct part *part_new(enum part_kind kind, const char *name, const char *text, const struct scope *scope, const struct ruleset *set,
    const struct part_list *old)
{
    struct part *part = xmalloc(sizeof(*part));

    *part = (struct part){.users = 1, .kind = kind, .name = xstrdup(name), .text = text != NULL ? xstrdup(text) : NULL,
        .scope = scope_copy(scope), .rules = xmalloc((set->rule_count + 1) * sizeof(*part->rules)), .rule_count = set->rule_count,
        .standings = xmalloc((set->standing_count + 1) * sizeof(*part->standings)), .standing_count = set->standing_count,
        .relays = xmalloc((set->relay_count + 1) * sizeof(*part->relays)), .relay_count = set->relay_count};
    for (size_t i = 0; i < set->rule_count; i++) {
        part->rules[i] = take_over_rule(old, &set->rules[i], scope);
        ruleset_ref(part->rules[i]->set);
    }
    for (size_t i = 0; i < set->standing_count; i++) {
        part->standings[i] = take_over_standing(old, &set->standings[i]);
        ruleset_ref(part->standings[i]->set);
    }
    for (size_t i = 0; i < set->relay_count; i++) {
        take_relay(&part->relays[i], &set->relays[i], old);
    }
    return part;
}

struct part *part_use(struct part *part)
{
    part->users++;
    return part;
}

void part_drop(struct part *part)
{
    if (part == NULL || --part->users > 0) {
        return;
    }
    for (size_t i = 0; i < part->rule_count; i++) {
        ruleset_unref(part->rules[i]->set);
    }
    for (size_t i = 0; i < part->standing_count; i++) {
        ruleset_unref(part->standings[i]->set);
    }
    for (size_t i = 0; i < part->relay_count; i++) {
        ruleset_unref(part->relays[i].spec->set);
    }
    scope_release(&part->scope);
    free(part->rules);
    free(part->standings);
    free(part->relays);
    free(part->name);
    free(part->text);
    free(part);
}

/* ---- lists ---- */

struct part_list part_list_copy(const struct part_list *list)
{
    struct part_list copy = {.parts = xmalloc((list->count + 1) * sizeof(*copy.parts)), .count = list->count};

    for (size_t i = 0; i < list->count; i++) {
        copy.parts[i] = part_use(list->parts[i]);
    }
    return copy;
}

void part_list_release(struct part_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        part_drop(list->parts[i]);
    }
    free(list->parts);
    *list = (struct part_list){.parts = NULL};
}

size_t part_list_find(const struct part_list *list, enum part_kind kind, const char *name)
{
    size_t place = 0;

    while (place < list->count && (list->parts[place]->kind != kind || strcmp(list->parts[place]->name, name) != 0)) {
        place++;
    }
    return place;
}

void part_list_put(struct part_list *list, size_t place, struct part *part)
{
    if (place < list->count) {
        part_drop(list->parts[place]);
    } else {
        list->parts = xrealloc(list->parts, (list->count + 1) * sizeof(*list->parts));
        place = list->count++;
    }
    list->parts[place] = part;
}

void part_list_remove(struct part_list *list, size_t place)
{
    part_drop(list->parts[place]);
    memmove(&list->parts[place], &list->parts[place + 1], (list->count - place - 1) * sizeof(*list->parts));
    list->count--;
}

struct part_relay *part_list_relay(const struct part_list *list, const char *name, struct part **part)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; j < list->parts[i]->relay_count; j++) {
            if (strcmp(list->parts[i]->relays[j].spec->name, name) == 0) {
                *part = list->parts[i];
                return &list->parts[i]->relays[j];
            }
        }
    }
    return NULL;
}

const struct rule *part_list_rule(const struct part_list *list, const char *name, struct part **part)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; j < list->parts[i]->rule_count; j++) {
            if (strcmp(list->parts[i]->rules[j]->name, name) == 0) {
                *part = list->parts[i];
                return list->parts[i]->rules[j];
            }
        }
    }
    return NULL;
}
