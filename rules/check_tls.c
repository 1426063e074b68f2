/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS on the relays of a rule.
 */
#include "rules/check_tls.h"

#include <stdio.h>

#include "rules/check_attempt.h"
#include "rules/ruleset.h"

/* The relays that a rule may be for. */
struct reach {
    size_t relays;   /* how many */
    size_t speak;    /* of these: that speak TLS, to whichever side */
    size_t sides[2]; /* that speak it to this side */
    bool unsaid;     /* which there are is not known */
    struct diag *diag;
};

static void count(struct reach *reach, const bool tls[2])
{
    reach->relays++;
    reach->speak += tls[SIDE_CLIENT] || tls[SIDE_SERVER];
    reach->sides[SIDE_CLIENT] += tls[SIDE_CLIENT];
    reach->sides[SIDE_SERVER] += tls[SIDE_SERVER];
}

/* A file that is only checked need not say where it will run; neither need one that has errors. */
static struct reach reach_of(const struct draft *draft, const struct draft_rule *rule, const struct rules_input *input, struct diag *diag)
{
    const struct rules_known *known = input->known;
    struct reach reach = { .unsaid = draft->incomplete || (input->checking && draft->relay_count == 0), .diag = diag };

    for (size_t i = 0; i < draft->relay_count; i++) {
        if (!rule || check_may_concern(rule, draft->relays[i].spec.name))
            count(&reach, draft->relays[i].spec.tls);
    }
    for (size_t i = 0; known && i < known->relay_count; i++) {
        if (!rule || check_may_concern(rule, known->relays[i]))
            count(&reach, known->tls[i]);
    }
    /* for relay NONE: an error of its own */
    reach.unsaid |= reach.relays == 0 && draft->relay_count + (known ? known->relay_count : 0) > 0;
    return reach;
}

/* Where a relay speaks TLS itself, flows carry plain text; and where it does so to the other side alone, this one's say is plain, too. */
static bool is_plain_at(const struct reach *reach, enum side side)
{
    return reach->speak > 0 && reach->speak == reach->relays && reach->sides[side] == 0;
}

static void speaks_none(const struct reach *reach, enum side side, struct span span)
{
    diag_add(reach->diag, DIAG_ERROR, span, "the %s speaks no TLS here: this needs a relay with `tls`, or `tls to %s`", side_name(side),
             side_name(side));
}

static void check_need(const struct reach *reach, const struct parsed *parsed)
{
    const struct value *side = phrase_value(&parsed->phrase, SLOT_SIDE);
    enum side whose = side ? side->side : SIDE_CLIENT;

    if ((parsed->phrase.row->traits & ROW_NEEDS_TLS) == 0)
        return;
    if (reach->speak == 0)
        diag_add(reach->diag, DIAG_ERROR, parsed->span,
                 "this is about TLS that hangup speaks itself: it needs a relay with the option `tls`");
    else if ((parsed->phrase.row->traits & ROW_IN_HANDSHAKE) && reach->sides[whose] == 0)
        diag_add(reach->diag, DIAG_ERROR, parsed->span,
                 "this is about the TLS handshake with the %s: it needs a relay with `tls`, or `tls to %s`", side_name(whose),
                 side_name(whose));
    else if ((parsed->phrase.row->traits & ROW_NEEDS_TLS_THERE) && side && reach->sides[whose] == 0)
        speaks_none(reach, whose, parsed->span);
}

static void check_deed(const struct reach *reach, enum sides subject, const struct parsed *deed)
{
    int id = deed->phrase.row->id;
    bool record = id == DEED_SENDS_RECORD || id == DEED_ABOUT_RECORD;
    bool goodbye = id == DEED_SENDS_NOTIFY || id == DEED_ABOUT_NOTIFY; /* a FIN in plain text means one */
    bool any = deed->phrase.row->table == ROW_DEED && id >= DEED_SENDS_MESSAGE && id <= DEED_ABORTS;

    check_need(reach, deed);
    if (!any || goodbye)
        return;
    if (record && reach->speak > 0 && reach->speak == reach->relays)
        diag_add(reach->diag, DIAG_ERROR, deed->span,
                 "records are seen where TLS passes through: this needs a relay without the option `tls`");
    else if (subject != SIDES_BOTH && is_plain_at(reach, (enum side)subject))
        speaks_none(reach, (enum side)subject, deed->span);
}

static void check_step(const struct reach *reach, const struct draft_step *step)
{
    const struct value *deed = phrase_value(&step->phrase->phrase, SLOT_DEED);

    check_need(reach, step->phrase);
    if (deed)
        check_deed(reach, (enum sides)step->side, parsed_of(deed->deed));
    if (step->until)
        check_deed(reach, step->until->subject, step->until->deed);
}

void check_tls(const struct draft *draft, const struct draft_rule *rule, const struct rules_input *input, struct diag *diag)
{
    struct reach reach = reach_of(draft, rule, input, diag);

    if (reach.unsaid)
        return;
    for (size_t i = 0; i < rule->selector_count; i++) {
        const struct parsed *selector = rule->selectors[i].phrase;

        if ((selector->phrase.row->traits & ROW_BY_HELLO) && is_plain_at(&reach, SIDE_CLIENT))
            diag_add(diag, DIAG_ERROR, selector->span,
                     "the client speaks no TLS here, and says no hello: this needs a relay with `tls`, or `tls to client`");
    }
    if (rule->event)
        check_deed(&reach, rule->event->subject, rule->event->deed);
    for (size_t i = 0; i < rule->step_count; i++)
        check_step(&reach, &rule->steps[i]);
}

void check_tls_standing(const struct draft *draft, const struct parsed *parsed, const struct rules_input *input, struct diag *diag)
{
    struct reach reach = reach_of(draft, NULL, input, diag);

    if (!reach.unsaid)
        check_need(&reach, parsed);
}
