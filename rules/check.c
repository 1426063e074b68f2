/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks across rules and relays. A rule by itself is check_rule.c's.
 */
#include "rules/check.h"

#include "rules/check_order.h"
#include "rules/check_rule.h"
#include "rules/check_tls.h"
#include "rules/option.h"

#include "rules/address.h"

#include <stdlib.h>
#include <string.h>

/* A name and where it was given: sorted, the same names stand side by side, in their order. */
struct named {
    const char *name;
    struct span span;
    size_t order;
};

static int compare_named(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int names = strcmp(a->name, b->name);

    return names ? names : a->order < b->order ? -1 : a->order > b->order;
}

static void find_twins(struct named *list, size_t count, const char *noun, struct diag *diag)
{
    if (count > 1)
        qsort(list, count, sizeof *list, compare_named);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(list[i].name, list[i - 1].name) != 0)
            continue;
        diag_add(diag, DIAG_ERROR, list[i].span, "there is another %s `%s` already", noun, list[i].name);
        diag_add(diag, DIAG_NOTE, list[i - 1].span, "here");
    }
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* What is in force beside this has these names already. */
static void check_known(const struct draft *draft, const struct rules_known *known, struct diag *diag)
{
    for (size_t i = 0; i < draft->relay_count; i++) {
        if (is_among(draft->relays[i].spec.name, known->relays, known->relay_count))
            diag_add(diag, DIAG_ERROR, draft->relays[i].name_span, "there is another relay `%s` already", draft->relays[i].spec.name);
    }
    for (size_t i = 0; i < draft->rule_count; i++) {
        if (is_among(draft->rules[i].name, known->rules, known->rule_count))
            diag_add(diag, DIAG_ERROR, draft->rules[i].name_span, "there is another rule `%s` already", draft->rules[i].name);
    }
}

static void check_names(const struct draft *draft, struct diag *diag)
{
    size_t room = draft->rule_count > draft->relay_count ? draft->rule_count : draft->relay_count;
    struct named *list = xmalloc(room * sizeof *list);

    for (size_t i = 0; i < draft->relay_count; i++)
        list[i] = (struct named){ draft->relays[i].spec.name, draft->relays[i].name_span, i };
    find_twins(list, draft->relay_count, "relay", diag);
    for (size_t i = 0; i < draft->rule_count; i++)
        list[i] = (struct named){ draft->rules[i].name, draft->rules[i].name_span, i };
    find_twins(list, draft->rule_count, "rule", diag);
    free(list);
}

/* The same port on the same host, unless the kernel chooses it. */
static void check_listeners(const struct draft *draft, struct diag *diag)
{
    struct named *list = xmalloc(draft->relay_count * sizeof *list);
    size_t count = 0;

    for (size_t i = 0; i < draft->relay_count; i++) {
        const struct address *listen = &draft->relays[i].spec.listen;

        if (listen->kind == ADDRESS_UNIX || listen->port != 0)
            list[count++] = (struct named){ listen->text, draft->relays[i].listen_span, i };
    }
    if (count > 1)
        qsort(list, count, sizeof *list, compare_named);
    for (size_t i = 1; i < count; i++) {
        if (!address_same(&draft->relays[list[i - 1].order].spec.listen, &draft->relays[list[i].order].spec.listen))
            continue;
        diag_add(diag, DIAG_ERROR, list[i].span, "another relay listens on %s already", list[i].name);
        diag_add(diag, DIAG_NOTE, list[i - 1].span, "here");
    }
    free(list);
}

static void check_relays(const struct draft *draft, struct diag *diag)
{
    for (size_t i = 0; i < draft->relay_count; i++) {
        const struct draft_relay *relay = &draft->relays[i];

        option_check(relay, diag);
        if (relay->spec.server.kind != ADDRESS_UNIX && relay->spec.server.port == 0)
            diag_add(diag, DIAG_ERROR, relay->server_span, "a server has a port: 0 is for `listen` alone, where the kernel chooses");
        else if (address_same(&relay->spec.listen, &relay->spec.server))
            diag_add(diag, DIAG_ERROR, relay->server_span, "this relay would connect to itself");
    }
}

void check_draft(struct draft *draft, const struct rules_input *input, struct diag *diag)
{
    check_names(draft, diag);
    if (input->known)
        check_known(draft, input->known, diag);
    check_listeners(draft, diag);
    check_relays(draft, diag);
    for (size_t i = 0; i < draft->rule_count; i++)
        check_rule(draft, &draft->rules[i], input, diag);
    for (size_t i = 0; i < draft->standing_count; i++) {
        check_phrase(draft, draft->standings[i].phrase, input, diag);
        check_tls_standing(draft, draft->standings[i].phrase, input, diag);
    }
    check_order(draft, diag);
}
