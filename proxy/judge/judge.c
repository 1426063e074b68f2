/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judge: what is told goes to the subject that it is about, and to who waits for that; what is decided becomes a finding.
 */
#include "judge/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/docket.h"
#include "judge/standings.h"
#include "judge/vigil.h"
#include "relay/relay.h"
#include "rules/memory.h"

#define VIGILS 1000 /* of one expectation on one connection at a time; what fires beyond is not watched */

struct rule_count {
    const struct rule *rule; /* its rule set is held */
    uint64_t firings;
    bool happened; /* an action of it could be felt */
    bool stands;   /* it is in force */
    bool later;    /* it came while the run was under way */
    bool left;     /* during a change: it was in force, and is not among those that are now */
};

struct judge {
    struct observer observer;
    struct docket docket;
    struct judge_options options;
    struct rule_count *rules; /* in the order of their indices */
    size_t rule_count;
    struct standings standings;
    struct findings findings;
    struct tally tally;
    bool over;
};

/* --- findings ---------------------------------------------------------------------------------------------------------------------- */

static void hand_out(struct judge *judge, const struct finding *finding, const struct relay *relay)
{
    char *line = finding_line(finding);
    struct notice notice = {
        .kind = NOTICE_FINDING,
        .at = judge->options.start + finding->at,
        .relay = relay,
        .number = finding->number,
        .text = line,
        .rule = finding->rule,
        .step = finding->step,
    };
    tally_finding(&judge->tally, finding->outcome);
    findings_add(&judge->findings, finding);
    observers_tell(judge->options.observers, &notice);
    free(line);
}

static void decide(struct judge *judge, struct claim *claim)
{
    const struct subject *subject = claim->subject;
    struct finding finding = {
        .outcome = claim->outcome,
        .rule = claim->rule,
        .step = claim->step,
        .relay = subject->relay->spec,
        .number = subject->number,
        .at = claim->at > judge->options.start ? claim->at - judge->options.start : 0,
        .took = claim->took,
        .seen = claim->seen,
        .client = subject->client_text,
    };
    claim->decided = true;
    hand_out(judge, &finding, subject->relay);
}

/* Takes away the settled vigils, or all of them. */
static void take_vigils(struct claim *claim, bool all)
{
    for (struct vigil **at = &claim->vigils; *at;) {
        struct vigil *vigil = *at;
        if (!all && !vigil->settled) {
            at = &vigil->next;
            continue;
        }
        *at = vigil->next;
        vigil_free(vigil);
    }
}

/* A failure is final; all else when no firing is under way any more and none can come. */
static void sweep_claim(struct judge *judge, struct claim *claim)
{
    bool failed = claim->has_outcome && claim->outcome == OUTCOME_FAILED;
    take_vigils(claim, failed);
    bool last = claim->subject->closed || judge->over || !claim_repeats(claim);
    if (!claim->decided && claim->has_outcome && (failed || (claim->vigil_count == 0 && last)))
        decide(judge, claim);
}

/* A socket that outlives its connection, and whose states count. */
static bool is_followed(const struct judge *judge, const struct subject *subject)
{
    bool followed = false;
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++)
        followed |= !subject->peers[side].unseen && subject->peers[side].seen.state != STATE_CLOSE;
    return followed && judge->options.sees && judge->standings.count > 0;
}

/* Whose sockets were never seen: in a state that cannot be inferred they were not counted. */
static void count_unseen(struct judge *judge, const struct subject *subject)
{
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        if (!subject->peers[side].seen.state)
            standings_unseen(&judge->standings, side);
    }
}

static void sweep(struct docket *docket)
{
    struct judge *judge = (struct judge *)((char *)docket - offsetof(struct judge, docket));
    while (docket->dirty) {
        struct subject *subject = docket->dirty;
        bool pending = false;
        docket->dirty = subject->next_dirty;
        subject->dirty = false;
        for (struct claim *claim = subject->claims; claim; claim = claim->next) {
            sweep_claim(judge, claim);
            pending |= claim->vigil_count > 0;
        }
        if ((subject->closed && !pending && !is_followed(judge, subject)) || judge->over) {
            count_unseen(judge, subject);
            subjects_remove(&docket->subjects, subject);
        }
    }
}

/* --- states ------------------------------------------------------------------------------------------------------------------------ */

/* The state that `peer` is in, or was in, ends: who judges states hears how long it lasted. */
static void state_left(struct judge *judge, const struct subject *subject, enum side side, const struct peer *peer, uint64_t at, bool still)
{
    struct peer_state state = peer_state(peer);
    struct offender stay = {
        .relay = subject->relay->spec,
        .number = subject->number,
        .side = side,
        .lasted = at - state.since,
        .until = at - judge->options.start,
        .still = still,
    };
    peer_who(peer, stay.who);
    if (state.state)
        standings_left(&judge->standings, state.state, &stay);
}

static void state_moves(struct judge *judge, const struct subject *subject, enum side side, const struct peer *before, uint64_t at)
{
    struct peer_state old = peer_state(before), new = peer_state(&subject->peers[side]);
    if (old.state == new.state)
        return;
    state_left(judge, subject, side, before, at, false);
    if (new.state)
        standings_entered(&judge->standings, new.state, side, at - judge->options.start);
}

/* What becomes of its applications' sockets is not seen any more. */
static void lose_sight(struct judge *judge, struct subject *subject, uint64_t at)
{
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        struct peer before = subject->peers[side];
        subject->peers[side].seen = (struct sighting){.state = 0};
        subject->peers[side].unseen = true;
        state_moves(judge, subject, side, &before, at);
    }
    docket_mark(&judge->docket, subject);
}

/* --- rules that come and go -------------------------------------------------------------------------------------------------------- */

/* The place of the first whose index is not below. */
static size_t rule_place(const struct judge *judge, unsigned index)
{
    size_t low = 0, high = judge->rule_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (judge->rules[middle].rule->index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct rule_count *find_rule(const struct judge *judge, const struct rule *rule)
{
    size_t place = rule_place(judge, rule->index);
    return place < judge->rule_count && judge->rules[place].rule == rule ? &judge->rules[place] : NULL;
}

static void add_rule(struct judge *judge, const struct rule *rule)
{
    size_t place = rule_place(judge, rule->index);
    judge->rules = xrealloc(judge->rules, (judge->rule_count + 1) * sizeof *judge->rules);
    memmove(&judge->rules[place + 1], &judge->rules[place], (judge->rule_count - place) * sizeof *judge->rules);
    judge->rule_count++;
    ruleset_ref(rule->set);
    judge->rules[place] = (struct rule_count){.rule = rule, .stands = true};
    findings_expect_rule(&judge->findings, rule);
}

/* What is in its state already counts from now on. */
static void add_standing(struct judge *judge, const struct standing *standing, uint64_t now)
{
    struct standing_watch *watch = standings_add(&judge->standings, standing);
    if (!watch)
        return;
    findings_expect_standing(&judge->findings, standing);
    for (size_t i = 0; i < judge->docket.subjects.bucket_count; i++) {
        for (const struct subject *subject = judge->docket.subjects.buckets[i]; subject; subject = subject->next) {
            for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++)
                standing_entered(watch, peer_state(&subject->peers[side]).state, side, now - judge->options.start);
        }
    }
}

static void end_standing(struct judge *judge, struct standing_watch *watch, uint64_t now)
{
    if (watch->over)
        return;
    struct finding finding = standing_finding(watch, now - judge->options.start);
    watch->over = true;
    hand_out(judge, &finding, NULL);
    free(finding.seen);
}

static bool expects_something(const struct rule *rule)
{
    bool expects = false;
    for (size_t i = 0; i < rule->step_count; i++)
        expects |= rule->steps[i].kind == STEP_EXPECTATION;
    return expects;
}

/* Ends what waits on all connections, of one rule or of one relay. */
static void end_vigils(struct judge *judge, const struct rule *rule, const struct relay *relay, uint64_t at)
{
    for (size_t i = 0; i < judge->docket.subjects.bucket_count; i++) {
        for (struct subject *subject = judge->docket.subjects.buckets[i]; subject; subject = subject->next) {
            for (struct claim *claim = subject->claims; claim; claim = claim->next) {
                for (struct vigil *vigil = claim->vigils; vigil; vigil = vigil->next) {
                    if (rule && claim->rule == rule)
                        vigil_rule_over(vigil, at);
                    if (relay && subject->relay == relay)
                        vigil_relay_over(vigil, at);
                }
            }
        }
    }
    sweep(&judge->docket);
}

/* Its sockets are followed no longer, either. */
static void relay_closed(struct judge *judge, const struct notice *notice)
{
    for (size_t i = 0; i < judge->docket.subjects.bucket_count; i++) {
        for (struct subject *subject = judge->docket.subjects.buckets[i]; subject; subject = subject->next) {
            if (subject->relay == notice->relay)
                lose_sight(judge, subject, notice->at);
        }
    }
    end_vigils(judge, NULL, notice->relay, notice->at);
}

/* Of a rule without expectations nothing is to be told in the end: it is forgotten. */
static void end_rules(struct judge *judge, uint64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < judge->rule_count; i++) {
        struct rule_count *count = &judge->rules[i];
        count->stands = count->stands && !count->left;
        if (count->left && expects_something(count->rule))
            end_vigils(judge, count->rule, NULL, now);
    }
    for (size_t i = 0; i < judge->rule_count; i++) {
        if (judge->rules[i].left && !expects_something(judge->rules[i].rule))
            ruleset_unref(judge->rules[i].rule->set);
        else
            judge->rules[kept++] = judge->rules[i];
    }
    judge->rule_count = kept;
}

static bool rosters(const struct roster *roster, const struct standing *standing)
{
    for (size_t i = 0; i < roster->standing_count; i++) {
        if (roster->standings[i] == standing)
            return true;
    }
    return false;
}

void judge_change(struct judge *judge, const struct roster *roster, uint64_t now)
{
    for (size_t i = 0; i < judge->rule_count; i++)
        judge->rules[i].left = judge->rules[i].stands;
    for (size_t i = 0; i < roster->rule_count; i++) {
        struct rule_count *count = find_rule(judge, roster->rules[i].rule);
        if (count) {
            count->later = count->later || !count->stands; /* it had gone, and comes again */
            count->stands = true;
            count->left = false;
        } else {
            add_rule(judge, roster->rules[i].rule);
            find_rule(judge, roster->rules[i].rule)->later = true;
        }
    }
    end_rules(judge, now);
    for (size_t i = 0; i < judge->standings.count; i++) {
        if (!rosters(roster, judge->standings.list[i].standing))
            end_standing(judge, &judge->standings.list[i], now);
    }
    for (size_t i = 0; i < roster->standing_count; i++)
        add_standing(judge, roster->standings[i], now);
}

/* --- what is told ------------------------------------------------------------------------------------------------------------------ */

static struct subject *find(struct judge *judge, const struct notice *notice)
{
    return notice->client ? subjects_find(&judge->docket.subjects, notice->relay, notice->number) : NULL;
}

static void client_comes(struct judge *judge, const struct client *client, const struct notice *notice)
{
    struct waiting *waiting = clients_waiting(&judge->docket.clients, client, clients_relay(notice->relay->spec->name));
    for (; waiting; waiting = waiting->next) {
        struct vigil *vigil = (struct vigil *)((char *)waiting - offsetof(struct vigil, waiting));
        if (notice->at > vigil->fired_at)
            vigil_deed(vigil, notice->at, NULL);
    }
}

static void opened(struct judge *judge, const struct notice *notice)
{
    struct client client = client_of(notice->client);
    client_comes(judge, &client, notice);
    struct subject *subject = subjects_add(&judge->docket.subjects, notice->relay, notice->number);
    subject->docket = &judge->docket;
    subject->client = client;
    snprintf(subject->client_text, sizeof subject->client_text, "%s", notice->text);
}

/* A further firing of a rule tells `never` nothing new while it waits already. */
static bool wants_vigil(const struct claim *claim)
{
    bool waits = claim->vigils && claim->vigils->aim.id == EXPECT_NEVER;
    return !claim->decided && !waits && claim->vigil_count < VIGILS;
}

static void fired(struct subject *subject, const struct notice *notice)
{
    for (size_t i = 0; i < notice->rule->step_count; i++) {
        const struct step *step = &notice->rule->steps[i];
        if (step->kind != STEP_EXPECTATION)
            continue;
        struct claim *claim = subject_claim(subject, notice->rule, step);
        if (wants_vigil(claim))
            vigil_begin(claim, notice->firing, notice->at);
    }
}

/* The engine has something to say about one expectation, of one firing (`never` has one vigil for all). */
static void expectation_told(struct subject *subject, const struct notice *notice)
{
    struct claim *claim = subject->claims;
    while (claim && claim->step != notice->step)
        claim = claim->next;
    for (struct vigil *vigil = claim ? claim->vigils : NULL; vigil; vigil = vigil->next) {
        if (vigil->firing != notice->firing && vigil->aim.id != EXPECT_NEVER)
            continue;
        if (notice->kind == NOTICE_EXPECTED)
            vigil_clock(vigil, notice->at);
        else if (notice->kind == NOTICE_DEED_MISSED)
            vigil_missed(vigil, notice->at, notice->text);
        else if (notice->kind == NOTICE_DEED_HIDDEN)
            vigil_hidden(vigil, notice->at);
        else
            vigil_deed(vigil, notice->at, notice->text);
    }
}

static bool is_exit(struct judge *judge, const struct subject *subject, const struct notice *notice)
{
    bool seen = notice->kind == NOTICE_STATE && notice->sighting->exact && state_is_closed(notice->sighting->state);
    bool ending = notice->kind == NOTICE_FIN_RECEIVED || notice->kind == NOTICE_RST_RECEIVED || seen;
    return ending && subject->claims && judge->options.exits && judge->options.exits->is_exit(judge->options.exits, notice);
}

/* Who answers a bare FIN by TLS's goodbye has taken it for a clean end; who has noticed says nothing, or an alert. */
static void tls_told(struct judge *judge, const struct subject *subject, const struct notice *notice)
{
    const struct peer *peer = &subject->peers[notice->side];
    struct offender offender = {
        .relay = subject->relay->spec, .number = subject->number, .side = notice->side, .until = notice->at - judge->options.start};
    if (notice->kind != NOTICE_FIN_ACKED && notice->kind != NOTICE_NOTIFY_RECEIVED)
        return;
    if (peer_is_truncated(peer))
        standings_truncated(&judge->standings, &offender, notice->kind == NOTICE_NOTIFY_RECEIVED);
}

static void link_told(struct judge *judge, struct subject *subject, const struct notice *notice)
{
    struct peer *peer = &subject->peers[notice->side];
    struct peer was = *peer;
    struct peer_state before = peer_state(peer);
    bool exit = is_exit(judge, subject, notice);
    peer->exited = peer->exited || exit;
    if (notice_rows[notice->kind].has_side)
        peer_told(peer, notice);
    state_moves(judge, subject, notice->side, &was, notice->at);
    tls_told(judge, subject, notice);
    for (struct claim *claim = subject->claims; claim; claim = claim->next) {
        for (struct vigil *vigil = claim->vigils; vigil; vigil = vigil->next)
            vigil_told(vigil, notice, before, exit);
    }
    if (subject->closed)
        docket_mark(&judge->docket, subject);
}

static void closed(struct judge *judge, struct subject *subject, uint64_t at)
{
    subject->closed = true;
    for (struct claim *claim = subject->claims; claim; claim = claim->next) {
        for (struct vigil *vigil = claim->vigils; vigil; vigil = vigil->next)
            vigil_connection_over(vigil, at);
    }
    docket_mark(&judge->docket, subject);
}

static void spins(struct judge *judge, struct subject *subject, const struct notice *notice)
{
    struct offender offender = {.relay = subject->relay->spec, .number = subject->number, .side = notice->side};
    snprintf(offender.who, sizeof offender.who, "%s", notice->text);
    subject->peers[notice->side].spins = true;
    standings_spinning(&judge->standings, &offender);
}

static void subject_told(struct judge *judge, struct subject *subject, const struct notice *notice)
{
    switch (notice->kind) {
    case NOTICE_RULE_FIRED: fired(subject, notice); break;
    case NOTICE_EXPECTED:
    case NOTICE_DEED_SEEN:
    case NOTICE_DEED_MISSED:
    case NOTICE_DEED_HIDDEN:
    case NOTICE_BYTE_SEEN: expectation_told(subject, notice); break;
    case NOTICE_SPINNING: spins(judge, subject, notice); break;
    case NOTICE_CLOSED: closed(judge, subject, notice->at); break;
    case NOTICE_CONNECTED:
    case NOTICE_REFUSED:
    case NOTICE_FIN_RECEIVED:
    case NOTICE_FIN_SENT:
    case NOTICE_FIN_ACKED:
    case NOTICE_RST_RECEIVED:
    case NOTICE_GAVE_UP:
    case NOTICE_RST_SENT:
    case NOTICE_TIMED_OUT:
    case NOTICE_STATE:
    case NOTICE_UNSEEN:
    case NOTICE_OVERLOOKED:
    case NOTICE_HANDSHAKE_DONE:
    case NOTICE_NOTIFY_RECEIVED:
    case NOTICE_NOTIFY_SENT:
    case NOTICE_ALERT_SENT:
    case NOTICE_GONE: link_told(judge, subject, notice); break;
    case NOTICE_HANDSHAKE_ABORTED:
    case NOTICE_TLS_ENDED:
    case NOTICE_TLS_FAILED:
    case NOTICE_ALERT_RECEIVED:
    case NOTICE_OPENED:
    case NOTICE_ACCEPTED:
    case NOTICE_TURNED_AWAY:
    case NOTICE_DIALLING:
    case NOTICE_RECEIVED:
    case NOTICE_DELIVERED:
    case NOTICE_CLOSED_ON:
    case NOTICE_BUFFER_FULL:
    case NOTICE_TLS_MESSAGE:
    case NOTICE_TLS_RECORD:
    case NOTICE_ACTION_STARTED:
    case NOTICE_ACTION_HAPPENED:
    case NOTICE_ACTION_ENDED:
    case NOTICE_FINDING:
    case NOTICE_RELAY_LISTENING:
    case NOTICE_RELAY_PAUSED:
    case NOTICE_RELAY_RESUMED:
    case NOTICE_RELAY_REFUSING:
    case NOTICE_RELAY_ACCEPTING:
    case NOTICE_RELAY_REMOVED:
    case NOTICE_RELAY_CLOSED:
    case NOTICE_KINDS: break; /* say nothing about an application */
    }
}

static void count_rule(struct judge *judge, const struct notice *notice)
{
    struct rule_count *count = find_rule(judge, notice->rule);
    if (!count)
        return; /* what is left of a rule that is gone */
    if (notice->kind == NOTICE_RULE_FIRED)
        count->firings++;
    if (notice->kind == NOTICE_ACTION_HAPPENED)
        count->happened = true;
}

static void tell(struct observer *observer, const struct notice *notice)
{
    struct judge *judge = (struct judge *)((char *)observer - offsetof(struct judge, observer));
    if (notice->rule)
        count_rule(judge, notice);
    if (judge->findings.expected_count == 0 && !judge->options.live)
        return; /* nothing is expected */
    if (notice->kind == NOTICE_OPENED)
        opened(judge, notice);
    if (notice->kind == NOTICE_RELAY_CLOSED)
        relay_closed(judge, notice);
    struct subject *subject = find(judge, notice);
    if (subject)
        subject_told(judge, subject, notice);
    sweep(&judge->docket);
}

/* --- the whole --------------------------------------------------------------------------------------------------------------------- */

struct judge *judge_new(const struct judge_options *options)
{
    struct judge *judge = xmalloc(sizeof *judge);
    *judge = (struct judge){
        .observer = {.tell = tell, .ignores = NOTICE_BIT(NOTICE_RECEIVED) | NOTICE_BIT(NOTICE_DELIVERED)},
        .docket = {.timers = options->timers, .start = options->start, .sweep = sweep},
        .options = *options,
    };
    tally_init(&judge->tally);
    for (size_t i = 0; i < options->ruleset->rule_count; i++)
        add_rule(judge, &options->ruleset->rules[i]);
    for (size_t i = 0; i < options->ruleset->standing_count; i++)
        add_standing(judge, &options->ruleset->standings[i], options->start);
    return judge;
}

static int compare(const void *left, const void *right)
{
    const struct subject *a = *(struct subject *const *)left, *b = *(struct subject *const *)right;
    if (a->relay != b->relay)
        return a->relay->index < b->relay->index ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

/* All subjects, in order, so that what is told of them at the end is the same in each run. The caller frees the list. */
static struct subject **all_subjects(const struct subjects *subjects)
{
    struct subject **list = xmalloc((subjects->count + 1) * sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < subjects->bucket_count; i++) {
        for (struct subject *subject = subjects->buckets[i]; subject; subject = subject->next)
            list[count++] = subject;
    }
    list[count] = NULL;
    qsort(list, count, sizeof *list, compare);
    return list;
}

static void finish_subject(struct judge *judge, struct subject *subject, uint64_t now)
{
    for (struct claim *claim = subject->claims; claim; claim = claim->next) {
        for (struct vigil *vigil = claim->vigils; vigil; vigil = vigil->next)
            vigil_run_over(vigil, now);
    }
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++)
        state_left(judge, subject, side, &subject->peers[side], now, true);
    docket_mark(&judge->docket, subject);
    sweep(&judge->docket);
}

void judge_finish(struct judge *judge, uint64_t now)
{
    struct subject **subjects = all_subjects(&judge->docket.subjects);
    judge->over = true;
    for (size_t i = 0; subjects[i]; i++)
        finish_subject(judge, subjects[i], now);
    free(subjects);
    for (size_t i = 0; i < judge->standings.count; i++)
        end_standing(judge, &judge->standings.list[i], now);
    findings_sort(&judge->findings);
}

void judge_free(struct judge *judge)
{
    if (!judge)
        return;
    struct subject **subjects = all_subjects(&judge->docket.subjects);
    for (size_t i = 0; subjects[i]; i++) {
        for (struct claim *claim = subjects[i]->claims; claim; claim = claim->next)
            take_vigils(claim, true);
        subjects_remove(&judge->docket.subjects, subjects[i]);
    }
    free(subjects);
    subjects_release(&judge->docket.subjects);
    clients_release(&judge->docket.clients);
    standings_release(&judge->standings);
    findings_release(&judge->findings);
    for (size_t i = 0; i < judge->rule_count; i++)
        ruleset_unref(judge->rules[i].rule->set);
    free(judge->rules);
    free(judge);
}

struct observer *judge_observer(struct judge *judge)
{
    return &judge->observer;
}

size_t judge_rule_count(const struct judge *judge)
{
    return judge->rule_count;
}

const struct rule *judge_rule(const struct judge *judge, size_t place)
{
    return judge->rules[place].rule;
}

bool judge_rule_is_due(const struct judge *judge, const struct rule *rule)
{
    const struct rule_count *count = find_rule(judge, rule);
    return count && count->stands && !count->later;
}

const struct tally *judge_tally(const struct judge *judge)
{
    return &judge->tally;
}

struct observer *judge_tally_observer(struct judge *judge)
{
    return &judge->tally.observer;
}

struct findings *judge_findings(struct judge *judge)
{
    return &judge->findings;
}

uint64_t judge_firings(const struct judge *judge, const struct rule *rule)
{
    const struct rule_count *count = find_rule(judge, rule);
    return count ? count->firings : 0;
}

static bool has_action(const struct rule *rule)
{
    for (size_t i = 0; i < rule->step_count; i++) {
        if (rule->steps[i].kind == STEP_ACTION)
            return true;
    }
    return false;
}

bool judge_rule_happened(const struct judge *judge, const struct rule *rule)
{
    const struct rule_count *count = find_rule(judge, rule);
    return count && (has_action(rule) ? count->happened : count->firings > 0);
}
