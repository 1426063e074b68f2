/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Warns only of what is certain: a rule that refuses or resets connections as they begin, and one behind it that waits for something to
 * happen on the same ones.
 */
#include "rules/check_order.h"

#include <string.h>

#define ENDERS_MAX 16 /* so many rules are remembered; more would cost time and tell nothing new */

/* Which connections a rule is for, as far as that can be compared: those of a relay, with certain numbers. */
struct chosen {
    bool known;
    const struct value *numbers; /* NULL: all */
    const struct span *relay;    /* its name; NULL: all */
};

static struct chosen chosen_by(const struct draft_rule *rule)
{
    struct chosen chosen = { .known = true };

    for (size_t i = 0; i < rule->selector_count; i++) {
        const struct phrase *phrase = &rule->selectors[i].phrase->phrase;

        if (rule->selectors[i].negated)
            chosen.known = false;
        else if (phrase->row->id == SELECT_CONNECTIONS && !phrase->values[1].present && !chosen.numbers)
            chosen.numbers = &phrase->values[0];
        else if (phrase->row->id == SELECT_RELAY && !chosen.relay)
            chosen.relay = &rule->selectors[i].phrase->value_span[0];
        else
            chosen.known = false;
    }
    return chosen;
}

static bool covers_range(const struct value *numbers, const struct range *range)
{
    for (size_t i = 0; i < numbers->ordinals.count; i++) {
        if (numbers->ordinals.list[i].low <= range->low && numbers->ordinals.list[i].high >= range->high)
            return true;
    }
    return false;
}

static bool same_words(const struct span *a, const struct span *b)
{
    return a->length == b->length && memcmp(a->source->text + a->offset, b->source->text + b->offset, a->length) == 0;
}

/* Are all connections of the second among those of the first? More conditions on the second only make it fewer. */
static bool covers(const struct chosen *first, const struct chosen *second)
{
    if (first->relay && (!second->relay || !same_words(first->relay, second->relay)))
        return false;
    if (!first->numbers)
        return true;
    if (!second->numbers)
        return false;
    for (size_t i = 0; i < second->numbers->ordinals.count; i++) {
        if (!covers_range(first->numbers, &second->numbers->ordinals.list[i]))
            return false;
    }
    return true;
}

static bool is_about_both(const struct phrase *phrase)
{
    for (size_t i = 0; i < PHRASE_VALUES; i++) {
        if (phrase->values[i].slot == SLOT_SIDE && phrase->values[i].present)
            return false;
    }
    return true;
}

/* Does it end every chosen connection as it begins? */
static bool ends_at_connect(const struct draft_rule *rule)
{
    if (rule->window.present)
        return false;
    if (rule->event && (rule->event->subject != SIDES_CLIENT || rule->event->deed->phrase.row->id != DEED_CONNECTS))
        return false;
    for (size_t i = 0; i < rule->step_count; i++) {
        const struct draft_step *step = &rule->steps[i];

        if (step->kind == STEP_EXPECTATION)
            continue;
        if (step->has_time || step->until)
            return false;
        if (step->phrase->phrase.row->traits & ROW_UNHEARD)
            return true;
        if ((step->phrase->phrase.row->traits & ROW_ENDS_SIDE) && is_about_both(&step->phrase->phrase))
            return true;
    }
    return false;
}

/* Does it wait for something that an ended connection does not do? */
static bool needs_life(const struct draft_rule *rule)
{
    return rule->event && rule->event->deed->phrase.row->table == ROW_DEED && rule->event->deed->phrase.row->id != DEED_CONNECTS &&
           !(rule->event->deed->phrase.row->traits & ROW_OUTLIVES);
}

static void check_behind(const struct draft_rule *rule, const struct draft_rule *const *enders, size_t count, struct diag *diag)
{
    struct chosen chosen = chosen_by(rule);

    for (size_t i = 0; i < count; i++) {
        struct chosen ended = chosen_by(enders[i]);

        if (!covers(&ended, &chosen))
            continue;
        diag_add(diag, DIAG_WARNING, rule->name_span, "rule `%s` can never fire: `%s` in front of it ends these connections as they begin",
                 rule->name, enders[i]->name);
        diag_add(diag, DIAG_NOTE, enders[i]->name_span, "here");
        return;
    }
}

void check_order(const struct draft *draft, struct diag *diag)
{
    const struct draft_rule *enders[ENDERS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < draft->rule_count; i++) {
        const struct draft_rule *rule = &draft->rules[i];

        if (rule->broken)
            continue;
        if (needs_life(rule))
            check_behind(rule, enders, count, diag);
        if (count < ENDERS_MAX && ends_at_connect(rule) && chosen_by(rule).known)
            enders[count++] = rule;
    }
}
