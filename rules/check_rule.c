/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks a rule from top to bottom, as sentence S1 reads it, keeping account of what its actions so far have left of each side.
 */
#include "rules/check_rule.h"

#include "rules/check_attempt.h"
#include "rules/check_tls.h"
#include "rules/names.h"
#include "rules/needs.h"
#include "rules/spelling.h"

#include <stdio.h>
#include <string.h>

/* One bit a side. */
#define CLIENT_BIT 1u
#define SERVER_BIT 2u
#define BOTH_BITS (CLIENT_BIT | SERVER_BIT)

/* What a rule's actions so far leave of the sides. */
struct account {
    const struct draft *draft;
    const struct rules_input *input;
    struct draft_rule *rule;
    struct diag *diag;
    unsigned ended, closed, deaf, mute; /* mute: only its endings cannot be heard */
    struct span ender, closer, deafener; /* the actions that did it */
    bool waited;                         /* an action that takes time came before */
};

static unsigned side_bit(enum side side)
{
    return side == SIDE_CLIENT ? CLIENT_BIT : SERVER_BIT;
}

static unsigned sides_bits(enum sides sides)
{
    switch (sides) {
    case SIDES_CLIENT: return CLIENT_BIT;
    case SIDES_SERVER: return SERVER_BIT;
    case SIDES_BOTH: break;
    }
    return BOTH_BITS;
}

static struct span value_span(const struct parsed *parsed, const struct value *value)
{
    return parsed->value_span[value - parsed->phrase.values];
}

static bool has_trait(const struct parsed *parsed, enum row_traits trait)
{
    return (parsed->phrase.row->traits & trait) != 0;
}

/* As it stands in the text, for messages. */
static int words_length(struct span span)
{
    const char *end = memchr(span.source->text + span.offset, '\n', span.length);

    return end ? (int)(end - (span.source->text + span.offset)) : (int)span.length;
}

#define WORDS(span) words_length(span), (span).source->text + (span).offset

/* Whether there is such a relay, here or beside this rule set. */
static bool find_relay(const struct draft *draft, const struct rules_known *known, struct spelling *search)
{
    for (size_t i = 0; i < draft->relay_count; i++) {
        if (strcmp(draft->relays[i].spec.name, search->word) == 0)
            return true;
        spelling_try(search, draft->relays[i].spec.name, strlen(draft->relays[i].spec.name));
    }
    for (size_t i = 0; known && i < known->relay_count; i++) {
        if (strcmp(known->relays[i], search->word) == 0)
            return true;
        spelling_try(search, known->relays[i], strlen(known->relays[i]));
    }
    return false;
}

static void check_relay(
    const struct draft *draft, const struct value *value, struct span span, const struct rules_input *input, struct diag *diag)
{
    struct spelling search = { .word = value->name, .length = strlen(value->name) };

    if (draft->incomplete || (input->checking && draft->relay_count == 0) || find_relay(draft, input->known, &search))
        return;
    if (search.nearest)
        diag_add(diag, DIAG_ERROR, span, "no relay is called `%s`; did you mean `%s`?", value->name, search.nearest);
    else
        diag_add(diag, DIAG_ERROR, span, "no relay is called `%s`", value->name);
}

/* Who connects and who accepts comes to ESTABLISHED by a state of its own. */
static void check_way_in(unsigned subject, enum tcp_state state, struct span span, struct diag *diag)
{
    if (state == STATE_SYN_SENT && subject == SERVER_BIT)
        diag_add(diag, DIAG_ERROR, span, "a server does not connect: what comes in front of its ESTABLISHED is SYN_RECV");
    else if (state == STATE_SYN_RECV && subject == CLIENT_BIT)
        diag_add(diag, DIAG_ERROR, span, "a client does not listen: what comes in front of its ESTABLISHED is SYN_SENT");
}

/* A connection's socket can be in all of them but LISTEN; and in CLOSE it stays for ever. */
static void check_state(const struct phrase *phrase, enum tcp_state state, struct span span, struct diag *diag)
{
    const struct value *side = phrase_value(phrase, SLOT_SIDE);

    if (side)
        check_way_in(side_bit(side->side), state, span, diag);
    if (state == STATE_LISTEN)
        diag_add(diag, DIAG_ERROR, span, "no socket of a connection is in LISTEN");
    else if (state == STATE_CLOSE && phrase->row->table == ROW_STANDING)
        diag_add(diag, DIAG_ERROR, span, "a socket that is CLOSE is gone, and stays so");
}

#define SENT_MOST 100000 /* what an effect sends by number is made one by one */

static bool is_record(const struct parsed *parsed)
{
    int deed = parsed->phrase.row->id;

    return parsed->phrase.row->table == ROW_DEED && (deed == DEED_SENDS_RECORD || deed == DEED_ABOUT_RECORD);
}

static void check_amount(const struct parsed *parsed, const struct value *value, struct diag *diag)
{
    bool range_may_be_zero = parsed->phrase.row->table == ROW_DEED && value->slot == SLOT_SIZE;

    if (value->slot == SLOT_SIZE && value->range.high == 0)
        diag_add(diag, DIAG_ERROR, value_span(parsed, value), "this is nothing: 1 byte is the least");
    else if (value->slot == SLOT_RATE && value->range.low == 0)
        diag_add(diag, DIAG_ERROR, value_span(parsed, value), "at this rate nothing goes through: write `hold`");
    else if (value->slot == SLOT_PERCENT && value->share <= 0)
        diag_add(diag, DIAG_WARNING, value_span(parsed, value), "0%% is never");
    else if (value->slot == SLOT_NUMBERS && value->range.high == 0)
        diag_add(diag, DIAG_ERROR, value_span(parsed, value), "0 times is `never`: `expect client never ...`");
    else if (is_record(parsed) && value->slot == SLOT_NUMBER && value->range.low == 0)
        diag_add(diag, DIAG_ERROR, value_span(parsed, value), "records are counted from 1");
    else if (parsed->phrase.row->table == ROW_EFFECT && value->slot == SLOT_NUMBER
             && (value->range.low == 0 || value->range.high > SENT_MOST))
        diag_add(diag, DIAG_ERROR, value_span(parsed, value), "so many cannot be sent: 1 to %d", SENT_MOST);
    else if (value->slot == SLOT_SIZE && value->range.low == 0 && !range_may_be_zero)
        diag_add(diag, DIAG_ERROR, value_span(parsed, value), "this range begins at nothing: 1 byte is the least");
}

/* Does this machine let this user do it? */
static void check_needs(const struct parsed *parsed, const struct rules_input *input, struct diag *diag)
{
    const struct means *means = input->means;
    enum need missing = means ? needs_missing(&parsed->phrase, means) : NEED_NOTHING;

    if (missing == NEED_NOTHING)
        return;
    diag_add(diag, input->checking ? DIAG_WARNING : DIAG_ERROR, parsed->span, "`%.*s` needs %s, and %s%s%s", WORDS(parsed->span),
             need_name(missing), means->reason[missing], means->remedy[0] ? "; what would allow it: " : "", means->remedy);
}

static const char *errno_name(int error)
{
    const struct name *name = names_errnos;

    while (name->name && name->value != error)
        name++;
    return name->name;
}

/* Not every error is one that a network can say. */
static void check_errno(const struct parsed *parsed, const struct value *value, struct diag *diag)
{
    const int *errnos = parsed->phrase.row->errnos;
    char list[256] = "";
    size_t length = 0;

    if (!errnos)
        return;
    for (size_t i = 0; errnos[i]; i++) {
        if (errnos[i] == value->error)
            return;
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "", errno_name(errnos[i]));
    }
    diag_add(diag, DIAG_ERROR, value_span(parsed, value), "no ICMP error becomes %s: one of %s", errno_name(value->error), list);
}

void check_phrase(struct draft *draft, struct parsed *parsed, const struct rules_input *input, struct diag *diag)
{
    check_needs(parsed, input, diag);
    for (size_t i = 0; i < PHRASE_VALUES; i++) {
        struct value *value = &parsed->phrase.values[i];

        if (!value->present)
            continue;
        if (value->slot == SLOT_RELAY)
            check_relay(draft, value, parsed->value_span[i], input, diag);
        else if (value->slot == SLOT_DEED)
            check_phrase(draft, parsed_of(value->deed), input, diag);
        else if (value->slot == SLOT_STATE)
            check_state(&parsed->phrase, value->state, parsed->value_span[i], diag);
        else if (value->slot == SLOT_ERRNO)
            check_errno(parsed, value, diag);
        else
            check_amount(parsed, value, diag);
    }
}

/* A hello is one side's: the words of the row begin with the client's and the server's. */
static void check_hello(unsigned subject, const struct parsed *deed, struct span span, struct diag *diag)
{
    unsigned word = deed->phrase.values[0].word;

    if (word == 0 && subject != CLIENT_BIT)
        diag_add(diag, DIAG_ERROR, span, "only the client says that: `client %.*s`", WORDS(deed->span));
    else if (word == 1 && subject != SERVER_BIT)
        diag_add(diag, DIAG_ERROR, span, "only the server says that: `server %.*s`", WORDS(deed->span));
}

/* Who can do what: accepting is the server's, connecting the client's. */
static void check_subject(unsigned subject, const struct parsed *deed, struct span span, struct diag *diag)
{
    switch ((enum deed)deed->phrase.row->id) {
    case DEED_CONNECTS:
    case DEED_CONNECTS_TO:
    case DEED_RECONNECTS:
        if (deed->phrase.row->table == ROW_DEED && subject != CLIENT_BIT)
            diag_add(diag, DIAG_ERROR, span, "only the client connects: `client %.*s`", WORDS(deed->span));
        break;
    case DEED_ACCEPTS:
    case DEED_REFUSES:
        if (subject != SERVER_BIT)
            diag_add(diag, DIAG_ERROR, span, "only the server does that: `server %.*s`", WORDS(deed->span));
        break;
    case DEED_SENDS_BYTES:
    case DEED_SENDS_TEXT:
    case DEED_SENDS_FIN:
    case DEED_CLOSES:
    case DEED_RESETS:
    case DEED_ABOUT_TO_SEND:
    case DEED_SILENT:
    case DEED_SIGNAL:
    case DEED_SENDS_ALERT:
    case DEED_SENDS_RECORD:
    case DEED_ABOUT_ALERT:
    case DEED_ABOUT_RECORD:
    case DEED_SENDS_NOTIFY:
    case DEED_ABOUT_NOTIFY:
    case DEED_ABORTS: break;
    case DEED_IN_STATE: check_way_in(subject, deed->phrase.values[0].state, deed->value_span[0], diag); break;
    case DEED_SENDS_MESSAGE:
    case DEED_ABOUT_MESSAGE: check_hello(subject, deed, span, diag); break;
    }
}

static void check_event(struct draft *draft, const struct draft_event *event, const struct rules_input *input, struct diag *diag)
{
    check_phrase(draft, event->deed, input, diag);
    check_subject(sides_bits(event->subject), event->deed, event->span, diag);
}

/* Whom an action is about. */
static unsigned action_sides(const struct parsed *effect)
{
    const struct value *side = phrase_value(&effect->phrase, SLOT_SIDE), *what = phrase_value(&effect->phrase, SLOT_WHAT);

    if (side)
        return side_bit(side->side);
    return what ? sides_bits(what->flow.sides) : BOTH_BITS;
}

/* Is the action about a side at all? `wait` is not. */
static bool concerns_side(const struct parsed *effect)
{
    return strstr(effect->phrase.row->syntax, "SIDE") || strstr(effect->phrase.row->syntax, "WHAT");
}

static void check_time(const struct draft_step *step, struct diag *diag)
{
    if (has_trait(step->phrase, ROW_NEEDS_TIME) && !step->has_time && !step->until)
        diag_add(diag, DIAG_ERROR, step->phrase->span, "`%.*s` for how long? `wait for 3s`, or `wait until` an event",
                 WORDS(step->phrase->span));
    if (!has_trait(step->phrase, ROW_TAKES_TIME) && (step->has_time || step->until))
        diag_add(diag, DIAG_ERROR, step->time_span, "`%.*s` takes no time: it is done at once", WORDS(step->phrase->span));
}

static bool begins_at_connect(const struct draft_rule *rule)
{
    const struct draft_event *event = rule->event;

    return !event || (event->subject == SIDES_CLIENT && event->deed->phrase.row->id == DEED_CONNECTS);
}

static const struct draft_selector *choice_by_hello(const struct draft_rule *rule)
{
    for (size_t i = 0; i < rule->selector_count; i++) {
        if (has_trait(rule->selectors[i].phrase, ROW_BY_HELLO))
            return &rule->selectors[i];
    }
    return NULL;
}

static void check_at_connect(const struct account *account, const struct draft_step *step)
{
    const struct draft_rule *rule = account->rule;
    const struct draft_selector *name = choice_by_hello(rule);

    if (!begins_at_connect(rule)) {
        diag_add(account->diag, DIAG_ERROR, step->span,
                 "the client is connected by then: `%.*s` goes with `client connects`, or with a window", WORDS(step->phrase->span));
        diag_add(account->diag, DIAG_NOTE, rule->event->span, "this is later");
    } else if (name && !has_trait(step->phrase, ROW_IN_HANDSHAKE)) {
        diag_add(account->diag, DIAG_ERROR, step->span, "the client is connected by then: `%.*s` comes too late when its hello is known",
                 WORDS(step->phrase->span));
        diag_add(account->diag, DIAG_NOTE, name->phrase->span, "this is known when the hello has come");
    } else if (account->waited) {
        diag_add(account->diag, DIAG_ERROR, step->span, "the client is connected by then: `%.*s` stands in front of actions that take time",
                 WORDS(step->phrase->span));
    }
    if (has_trait(step->phrase, ROW_UNHEARD) || phrase_value(&step->phrase->phrase, SLOT_WHAT))
        check_attempt(account->draft, rule, step, account->input, account->diag);
}

/* Warns of an action on what earlier ones have left nothing of. */
static void check_leftover(const struct account *account, const struct draft_step *step, unsigned sides)
{
    bool to_side = phrase_value(&step->phrase->phrase, SLOT_WHAT) == NULL;

    if (!concerns_side(step->phrase))
        return;
    if ((sides & ~account->ended) == 0) {
        diag_add(account->diag, DIAG_WARNING, step->span, "nothing is left for this: `%.*s` came before", WORDS(account->ender));
    } else if (to_side && (sides & ~account->closed) == 0 && strncmp(step->phrase->phrase.row->syntax, "send ", 5) == 0) {
        diag_add(account->diag, DIAG_WARNING, step->span, "nothing is sent behind a FIN: `%.*s` came before", WORDS(account->closer));
    }
}

/* `lose`, and not only the large ones. */
static bool loses_all(const struct parsed *effect, enum what what)
{
    const struct value *lost = phrase_value(&effect->phrase, SLOT_WHAT);

    return has_trait(effect, ROW_LOSES) && lost && lost->flow.what == what && !phrase_value(&effect->phrase, SLOT_SIZE);
}

static void account_for(struct account *account, const struct draft_step *step, unsigned sides)
{
    bool passes = step->has_time || step->until;

    account->waited |= passes;
    if (has_trait(step->phrase, ROW_ENDS_SIDE)) {
        account->ended |= sides;
        account->ender = step->phrase->span;
    }
    if (has_trait(step->phrase, ROW_CLOSES_SIDE)) {
        account->closed |= sides;
        account->closer = step->phrase->span;
    }
    if (!passes && (has_trait(step->phrase, ROW_DEAFENS_SIDE) || loses_all(step->phrase, WHAT_SEGMENTS))) {
        account->deaf |= sides;
        account->deafener = step->phrase->span;
    } else if (!passes && loses_all(step->phrase, WHAT_FIN)) {
        account->mute |= sides;
        account->deafener = step->phrase->span;
    }
}

static void check_action(struct account *account, const struct draft_step *step)
{
    unsigned sides = action_sides(step->phrase);

    if (!account->rule->broken) /* a broken one may be what is missing */
        check_time(step, account->diag);
    if (has_trait(step->phrase, ROW_AT_CONNECT))
        check_at_connect(account, step);
    check_leftover(account, step, sides);
    account_for(account, step, sides);
}

/* Can what is expected still come from a side that hears and says nothing on this connection? */
static bool outlives(const struct parsed *expected)
{
    const struct value *deed = phrase_value(&expected->phrase, SLOT_DEED), *stays = phrase_value(&expected->phrase, SLOT_WORDS);

    switch ((enum expectation_id)expected->phrase.row->id) {
    case EXPECT_WITHIN:
    case EXPECT_NEVER: return deed && (deed->deed->row->traits & ROW_OUTLIVES);
    case EXPECT_STAYS: return stays && stays->word == 2; /* away */
    }
    return true;
}

/* Does it pass only when something comes on this connection, or when it stays? */
static bool wants_life(const struct parsed *expected)
{
    const struct value *stays = phrase_value(&expected->phrase, SLOT_WORDS);

    switch ((enum expectation_id)expected->phrase.row->id) {
    case EXPECT_WITHIN: return !outlives(expected);
    case EXPECT_NEVER: return false;
    case EXPECT_STAYS: return stays && stays->word == 0; /* open */
    }
    return false;
}

static bool is_ending(const struct parsed *expected)
{
    const struct value *deed = phrase_value(&expected->phrase, SLOT_DEED);

    if (!deed)
        return false;
    return deed->deed->row->id == DEED_CLOSES || deed->deed->row->id == DEED_RESETS || deed->deed->row->id == DEED_SENDS_FIN;
}

/* `hold server data for 30s`, `expect client closes within 10s`: the clock starts behind the 30 s, which is seldom meant. */
static void check_clocks(const struct draft_step *step, const struct draft_step *before, struct diag *diag)
{
    const struct value *what = before ? phrase_value(&before->phrase->phrase, SLOT_WHAT) : NULL;
    const struct value *within = phrase_value(&step->phrase->phrase, SLOT_DURATION);

    if (!what || before->kind != STEP_ACTION || !before->has_time || what->flow.what != WHAT_DATA || !is_ending(step->phrase) || !within)
        return;
    if (within->range.high <= before->time.low)
        diag_add(diag, DIAG_WARNING, value_span(step->phrase, within),
                 "the clock starts when `%.*s` is over; to time the silence itself write `%.*s`", WORDS(before->span),
                 WORDS(before->phrase->span));
}

/* Growing pauses are judged by their halves: below four there is nothing to compare. */
static void check_pauses(const struct draft_step *step, struct diag *diag)
{
    const struct value *times = phrase_value(&step->phrase->phrase, SLOT_NUMBERS);
    const struct value *growing = phrase_value(&step->phrase->phrase, SLOT_WORDS);

    if (step->phrase->phrase.row->id == EXPECT_WITHIN && times && growing && times->range.high < 4)
        diag_add(diag, DIAG_ERROR, value_span(step->phrase, growing), "growing pauses are judged of 4 or more: `4..10 times`");
}

/* An address of this machine alone: who talks through it is on this machine as well. */
static bool is_loopback(const struct address *address)
{
    if (address->kind == ADDRESS_NAME)
        return strcmp(address->host, "localhost") == 0;
    return address->kind == ADDRESS_IP && (strncmp(address->host, "127.", 4) == 0 || strcmp(address->host, "::1") == 0);
}

/* Is that application on this machine, whatever relay it comes through? Then its socket can be looked at. */
static bool is_here(const struct draft *draft, enum side side)
{
    for (size_t i = 0; i < draft->relay_count; i++) {
        const struct relay_spec *spec = &draft->relays[i].spec;

        if (!is_loopback(side == SIDE_CLIENT ? &spec->listen : &spec->server))
            return false;
    }
    return draft->relay_count > 0;
}

/* Does its socket show what is expected? */
static bool is_seen(const struct parsed *expected)
{
    const struct value *deed = phrase_value(&expected->phrase, SLOT_DEED);

    return deed && (deed->deed->row->id == DEED_CLOSES || deed->deed->row->id == DEED_IN_STATE);
}

static bool is_unheard(const struct account *account, const struct draft_step *step)
{
    unsigned side = side_bit(step->side);

    return !outlives(step->phrase) && ((account->deaf & side) || ((account->mute & side) && is_ending(step->phrase)));
}

static void check_expectation(struct account *account, const struct draft_step *step, const struct draft_step *before)
{
    const struct value *deed = phrase_value(&step->phrase->phrase, SLOT_DEED);
    unsigned side = side_bit(step->side);
    const char *name = side_name(step->side);

    if (deed) {
        check_subject(side, parsed_of(deed->deed), step->span, account->diag);
        if (deed->deed->row->traits & ROW_NOT_EXPECTED)
            diag_add(account->diag, DIAG_ERROR, parsed_of(deed->deed)->span, "this can begin a rule, but not be expected");
    }
    if (!deed && outlives(step->phrase) && step->side == SIDE_SERVER)
        diag_add(account->diag, DIAG_ERROR, step->span, "only the client connects: `client stays away`");
    if (is_unheard(account, step) && !(is_seen(step->phrase) && is_here(account->draft, step->side)))
        diag_add(account->diag, is_seen(step->phrase) && account->draft->relay_count == 0 ? DIAG_WARNING : DIAG_ERROR, step->span,
                 "after `%.*s` the %s cannot be heard%s",
                 WORDS(account->deafener), name,
                 is_here(account->draft, step->side) ? ", only looked at: `closes`, or `is in` a state" :
                 step->side == SIDE_CLIENT ? ": it must be on this machine (`here`), or write `expect client reconnects within 30s`" :
                                             ": it must be on this machine (`here`)");
    else if ((account->ended & side) && wants_life(step->phrase))
        diag_add(account->diag, DIAG_ERROR, step->span,
                 "`%.*s` leaves nothing of the %s to %s: `expect client reconnects within 5s`, or `stays away`", WORDS(account->ender),
                 name, is_ending(step->phrase) ? "close" : "hear");
    check_clocks(step, before, account->diag);
    check_pauses(step, account->diag);
}

static void check_window(const struct draft_rule *rule, struct diag *diag)
{
    const struct window *window = &rule->window;
    bool fixed = window->has_end && !window->from.signal && !window->to.signal;

    if (!window->present)
        return;
    if (fixed && window->to.after.high <= window->from.after.low)
        diag_add(diag, DIAG_ERROR, rule->window_span, "this window ends before it begins");
    else if (fixed && window->repeats && window->every < window->to.after.high - window->from.after.low)
        diag_add(diag, DIAG_ERROR, rule->window_span, "this window is longer than the time it comes again after");
    else if (window->repeats && (!fixed || window->every == 0))
        diag_add(diag, DIAG_ERROR, rule->window_span, "what comes again has a beginning and an end in time: `from 10s to 12s every 30s`");
}

/* Events that a connection has once at most. */
static bool happens_once(const struct draft_event *event)
{
    int deed = event->deed->phrase.row->id;

    return event->subject != SIDES_BOTH && (deed == DEED_CONNECTS || deed == DEED_ACCEPTS || deed == DEED_REFUSES ||
                                            deed == DEED_SENDS_FIN || deed == DEED_CLOSES || deed == DEED_RESETS ||
                                            deed == DEED_SENDS_RECORD || deed == DEED_ABOUT_RECORD || deed == DEED_SENDS_NOTIFY ||
                                            deed == DEED_ABOUT_NOTIFY || deed == DEED_ABORTS);
}

static void check_occasion(const struct draft_rule *rule, struct diag *diag)
{
    if (rule->occasion == OCCASION_FIRST && rule->count == 0)
        diag_add(diag, DIAG_ERROR, rule->occasion_span, "the first none of them: 1 at least");
    else if (rule->occasion == OCCASION_NTH && rule->count > 1 && happens_once(rule->event))
        diag_add(diag, DIAG_WARNING, rule->occasion_span, "this never comes: `%.*s` happens once on a connection",
                 WORDS(rule->event->span));
}

/* What is over when the client's hello has come. */
static bool precedes_hello(const struct draft_event *event)
{
    const struct phrase *deed = &event->deed->phrase;

    return deed->row->table == ROW_DEED && (deed->row->id == DEED_ACCEPTS || deed->row->id == DEED_REFUSES ||
                                            (deed->row->id == DEED_ABOUT_MESSAGE && deed->values[0].word == 0));
}

static void check_hello_choice(const struct draft_rule *rule, struct diag *diag)
{
    const struct draft_selector *name = choice_by_hello(rule);

    for (size_t i = 0; i < rule->selector_count; i++) {
        const struct parsed *selector = rule->selectors[i].phrase;
        const struct value *string = phrase_value(&selector->phrase, SLOT_STRING);

        if (string && string->string.length == 0)
            diag_add(diag, DIAG_ERROR, value_span(selector, string), "no name is empty");
    }
    if (name && rule->event && precedes_hello(rule->event)) {
        diag_add(diag, DIAG_ERROR, rule->event->span, "this comes too early: the connection is chosen when the client's hello has come");
        diag_add(diag, DIAG_NOTE, name->phrase->span, "by this");
    }
}

void check_rule(struct draft *draft, struct draft_rule *rule, const struct rules_input *input, struct diag *diag)
{
    struct account account = { .draft = draft, .input = input, .rule = rule, .diag = diag };

    if (rule->step_count == 0 && !rule->broken)
        diag_add(diag, DIAG_ERROR, rule->name_span, "rule `%s` neither does nor expects anything: it needs a `then` or an `expect`",
                 rule->name);
    for (size_t i = 0; i < rule->selector_count; i++)
        check_phrase(draft, rule->selectors[i].phrase, input, diag);
    check_hello_choice(rule, diag);
    if (!rule->broken)
        check_window(rule, diag);
    if (rule->event)
        check_event(draft, rule->event, input, diag);
    if (!rule->broken)
        check_occasion(rule, diag);
    for (size_t i = 0; i < rule->step_count; i++) {
        struct draft_step *step = &rule->steps[i];

        check_phrase(draft, step->phrase, input, diag);
        if (step->until)
            check_event(draft, step->until, input, diag);
        if (step->kind == STEP_ACTION)
            check_action(&account, step);
        else
            check_expectation(&account, step, i > 0 ? &rule->steps[i - 1] : NULL);
    }
    check_tls(draft, rule, input, diag);
}
