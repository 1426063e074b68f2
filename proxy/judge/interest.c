/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Goes through a rule set for whoever waits for states.
 */
#include "judge/interest.h"

#include "judge/aim.h"

static void wait_for_event(struct interest *interest, const struct event *event)
{
    if (event == NULL || event->deed.row->id != DEED_IN_STATE)
        return;
    interest->sides[SIDE_CLIENT].soon |= event->subject != SIDES_SERVER;
    interest->sides[SIDE_SERVER].soon |= event->subject != SIDES_CLIENT;
}

static void expect(struct interest *interest, const struct expectation *expectation)
{
    struct aim aim = aim_of(expectation);
    struct side_interest *side = &interest->sides[aim.side];

    if (aim.kind != AIM_DEED)
        return;
    side->closing |= aim.deed == DEED_CLOSES;
    side->soon |= aim.deed == DEED_IN_STATE;
    side->afterwards |= aim.deed == DEED_IN_STATE && aim_outlives(&aim);
}

static void go_through(struct interest *interest, const struct rule *rule)
{
    wait_for_event(interest, rule->event);
    for (size_t i = 0; i < rule->step_count; i++) {
        const struct step *step = &rule->steps[i];
        if (step->kind == STEP_EXPECTATION)
            expect(interest, &step->expectation);
        else
            wait_for_event(interest, step->action.until);
    }
}

static void stand(struct interest *interest, const struct standing *standing)
{
    const struct value *one = phrase_value(&standing->phrase, SLOT_SIDE);

    bool spinning = standing->phrase.row->id == STANDING_SPINNING;

    if (phrase_value(&standing->phrase, SLOT_STATE) == NULL && !spinning)
        return;
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        if (one == NULL || one->side == side) {
            interest->sides[side].slowly = true;
            interest->sides[side].afterwards |= !spinning;
        }
    }
}

static struct interest begin(bool recorded)
{
    return (struct interest){.sides[SIDE_CLIENT].slowly = recorded, .sides[SIDE_SERVER].slowly = recorded};
}

struct interest interest_of(const struct ruleset *ruleset, bool recorded)
{
    struct interest interest = begin(recorded);

    for (size_t i = 0; i < ruleset->rule_count; i++)
        go_through(&interest, &ruleset->rules[i]);
    for (size_t i = 0; i < ruleset->standing_count; i++)
        stand(&interest, &ruleset->standings[i]);
    return interest;
}

struct interest interest_of_roster(const struct roster *roster, bool recorded)
{
    struct interest interest = begin(recorded);

    for (size_t i = 0; i < roster->rule_count; i++)
        go_through(&interest, roster->rules[i].rule);
    for (size_t i = 0; i < roster->standing_count; i++)
        stand(&interest, roster->standings[i]);
    return interest;
}
