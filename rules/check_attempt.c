/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a rule chooses and expects of attempts against what can be heard of them.
 */
#include "rules/check_attempt.h"

#include "rules/needs.h"

#include <errno.h>
#include <string.h>

/* What a rule chooses by that is only known when an attempt reaches us: everything but `relay R`. */
static const struct draft_selector *choice_of_connections(const struct draft_rule *rule)
{
    for (size_t i = 0; i < rule->selector_count; i++) {
        if (rule->selectors[i].phrase->phrase.row->id != SELECT_RELAY)
            return &rule->selectors[i];
    }
    return NULL;
}

/* Each connection's expectation begins with its attempt. */
static const struct draft_step *first_expectation(const struct draft_rule *rule)
{
    for (size_t i = 0; i < rule->step_count; i++) {
        if (rule->steps[i].kind == STEP_EXPECTATION)
            return &rule->steps[i];
    }
    return NULL;
}

bool check_may_concern(const struct draft_rule *rule, const char *relay)
{
    for (size_t i = 0; i < rule->selector_count; i++) {
        const struct draft_selector *selector = &rule->selectors[i];
        const struct phrase *phrase = &selector->phrase->phrase;

        if (phrase->row->id == SELECT_RELAY && (strcmp(phrase->values[0].name, relay) == 0) == selector->negated)
            return false;
    }
    return true;
}

static const struct draft_relay *unix_relay(const struct draft *draft, const struct draft_rule *rule)
{
    for (size_t i = 0; i < draft->relay_count; i++) {
        if (draft->relays[i].spec.listen.kind == ADDRESS_UNIX && check_may_concern(rule, draft->relays[i].spec.name))
            return &draft->relays[i];
    }
    return NULL;
}

/* Why the rule cannot be at work on the relay as a whole. */
struct singled {
    struct span span;
    const char *why; /* NULL: it can */
};

static struct singled singled_out(const struct draft_rule *rule, const struct draft_step *step, bool loses)
{
    const struct draft_selector *selector = choice_of_connections(rule);
    const struct draft_step *expected = first_expectation(rule);

    if (selector)
        return (struct singled){ selector->phrase->span, "this can only be known of who is heard" };
    if (expected)
        return (struct singled){ expected->span, "this can only be seen of who is heard" };
    if (loses && (step->has_time || step->until))
        return (struct singled){ step->time_span, "this is each attempt's own; for all of them write a window, `from 0s to 5s`" };
    return (struct singled){ .why = NULL };
}

/* A port that ignores or refuses all as a whole hears nobody: nothing can be chosen by who comes, or expected of him. */
static void check_heard(const struct draft *draft, const struct draft_rule *rule, const struct draft_step *step,
                        const struct rules_input *input, struct diag *diag)
{
    bool loses = phrase_value(&step->phrase->phrase, SLOT_WHAT) != NULL;
    struct singled singled = singled_out(rule, step, loses);
    const struct means *means = input->means;
    const struct draft_relay *local = unix_relay(draft, rule);
    bool timed = !loses && (step->has_time || step->until), allowed = !means || means->allowed[NEED_HELD_SYN];

    if (!singled.why || (allowed && !timed && !local))
        return;
    diag_add(diag, input->checking && !allowed && !timed && !local ? DIAG_WARNING : DIAG_ERROR, step->span,
             loses ? "a port that loses all SYNs hears nobody: write `accept without server`" :
                     "a port that does not listen hears nobody: write `accept without server, reset`");
    diag_add(diag, DIAG_NOTE, singled.span, "%s", singled.why);
    if (timed)
        diag_add(diag, DIAG_NOTE, step->time_span, "this makes it the whole relay's; a window, `from 0s to 5s`, does not");
    else if (local)
        diag_add(diag, DIAG_NOTE, local->listen_span, "the attempts at a Unix socket cannot be held: `for relay` another");
    else
        diag_add(diag, DIAG_NOTE, step->span, "to hear each attempt needs %s, and %s%s%s", need_name(NEED_HELD_SYN),
                 means->reason[NEED_HELD_SYN], means->remedy[0] ? "; what would allow it: " : "", means->remedy);
}

/* What a network can say to a connect (RFC 792, RFC 4443), as Linux understands it. */
struct answer {
    int error;
    bool ipv4, ipv6;
};

static const struct answer answers[] = {
    { ECONNREFUSED, true, true }, { ECONNRESET, true, true },   { ENETUNREACH, true, true }, { EHOSTUNREACH, true, true },
    { EPROTO, true, true },       { ENOPROTOOPT, true, false }, { EHOSTDOWN, true, false },  { ENONET, true, false },
    { EOPNOTSUPP, true, false },  { EACCES, false, true },
};

static const struct answer *answer_of(int error)
{
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (answers[i].error == error)
            return &answers[i];
    }
    return NULL;
}

static void check_answer(const struct draft *draft, const struct draft_rule *rule, const struct draft_step *step, struct diag *diag)
{
    const struct value *error = phrase_value(&step->phrase->phrase, SLOT_ERRNO);
    const struct answer *answer = error ? answer_of(error->error) : NULL;
    struct span span = error ? step->phrase->value_span[error - step->phrase->phrase.values] : step->span;

    if (error && error->error == ETIMEDOUT)
        diag_add(diag, DIAG_ERROR, span, "that is no answer: `lose client syn`, and the client times out by itself");
    else if (error && !answer)
        diag_add(diag, DIAG_ERROR, span, "no network gives that to a connect; it has ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, "
                 "EPROTO, in IPv4 ENOPROTOOPT, EHOSTDOWN, ENONET, EOPNOTSUPP, in IPv6 EACCES");
    for (size_t i = 0; answer && i < draft->relay_count; i++) {
        const struct draft_relay *relay = &draft->relays[i];
        bool ipv6 = strchr(relay->spec.listen.host, ':') != NULL;

        if (relay->spec.listen.kind != ADDRESS_IP || !check_may_concern(rule, relay->spec.name) || (ipv6 ? answer->ipv6 : answer->ipv4))
            continue;
        diag_add(diag, DIAG_ERROR, span, "%s has no such answer to a connect", ipv6 ? "IPv6" : "IPv4");
        diag_add(diag, DIAG_NOTE, relay->listen_span, "this relay is concerned");
        return;
    }
}

/* `lose`, `hold`: false if that was wrong, or is none of the client's business. */
static bool check_syn(const struct draft *draft, const struct draft_rule *rule, const struct draft_step *step, struct diag *diag)
{
    const struct value *what = phrase_value(&step->phrase->phrase, SLOT_WHAT);
    const struct draft_relay *local = unix_relay(draft, rule);

    if (!what)
        return true;
    if (what->flow.sides == SIDES_SERVER || !local)
        return what->flow.sides != SIDES_SERVER;
    diag_add(diag, DIAG_ERROR, step->span, "a Unix socket has no SYN: `for relay` another");
    diag_add(diag, DIAG_NOTE, local->listen_span, "this relay is concerned");
    return false;
}

void check_attempt(const struct draft *draft, const struct draft_rule *rule, const struct draft_step *step, const struct rules_input *input,
                   struct diag *diag)
{
    if (!check_syn(draft, rule, step, diag) || !(step->phrase->phrase.row->traits & ROW_UNHEARD))
        return;
    check_heard(draft, rule, step, input, diag);
    check_answer(draft, rule, step, diag);
}
