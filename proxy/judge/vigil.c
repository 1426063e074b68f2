/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Vigils: when each of the expectations passes, fails, or is never reached.
 */
#include "judge/vigil.h"

#include <stdlib.h>

#include "judge/seen.h"
#include "judge/words.h"
#include "relay/relay.h"
#include "rules/memory.h"

static const struct peer *peer_of(const struct vigil *vigil)
{
    return &vigil->claim->subject->peers[vigil->aim.side];
}

static void settle(struct vigil *vigil, enum outcome outcome, uint64_t at, uint64_t took, char *seen)
{
    struct subject *subject = vigil->claim->subject;
    vigil->settled = true;
    claim_merge(vigil->claim, outcome, at, took, seen);
    docket_mark(subject->docket, subject);
}

static void pass(struct vigil *vigil, uint64_t at, char *seen)
{
    bool timed = vigil->aim.id == EXPECT_WITHIN && !vigil->aim.counted && vigil->clock_at && at >= vigil->clock_at;
    settle(vigil, OUTCOME_PASSED, at, timed ? at - vigil->clock_at : TIME_NEVER, seen);
}

static void fail(struct vigil *vigil, uint64_t at, char *seen)
{
    settle(vigil, OUTCOME_FAILED, at, TIME_NEVER, seen);
}

static void never_reached(struct vigil *vigil, uint64_t at, char *seen)
{
    settle(vigil, OUTCOME_NEVER_REACHED, at, TIME_NEVER, seen);
}

static uint64_t deadline(const struct vigil *vigil)
{
    return vigil->clock_at && vigil->aim.time != TIME_NEVER ? vigil->clock_at + vigil->aim.time : TIME_NEVER;
}

/* An action of the rule, above the expectation, keeps that side from being heard, and its socket was not seen: who knows what it did? */
static bool is_unknown(const struct vigil *vigil)
{
    const struct claim *claim = vigil->claim;
    bool deaf = false;
    for (const struct step *step = claim->rule->steps; step < claim->step; step++) {
        if (step->kind != STEP_ACTION || !(step->action.effect.row->traits & ROW_DEAFENS_SIDE))
            continue;
        const struct value *side = phrase_value(&step->action.effect, SLOT_SIDE);
        deaf |= !side || side->side == vigil->aim.side;
    }
    return deaf && vigil->aim.deed == DEED_CLOSES && !peer_of(vigil)->seen.state;
}

/* Its time is over, without the deed or, if that was to be counted, with some. */
static void time_over(struct vigil *vigil)
{
    const struct aim *aim = &vigil->aim;
    uint64_t at = deadline(vigil);
    if (aim->kind == AIM_DEED && is_unknown(vigil))
        never_reached(vigil, at, words("it cannot be heard, and its socket was not seen on this machine"));
    else if (aim->id == EXPECT_STAYS)
        pass(vigil, at, words("it did"));
    else if (!aim->counted)
        fail(vigil, at, seen_nothing(vigil));
    else if (vigil->count < aim->least || (aim->growing && !pauses_grow(&vigil->pauses)))
        fail(vigil, at, seen_times(vigil));
    else
        pass(vigil, at, seen_times(vigil));
}

static void deed(struct vigil *vigil, uint64_t at, const char *how)
{
    vigil->count++;
    if (vigil->aim.id != EXPECT_WITHIN)
        fail(vigil, at, seen_deed_unwanted(vigil, at, how));
    else if (!vigil->aim.counted)
        pass(vigil, at, seen_deed_wanted(vigil, at, how));
    else if (vigil->count > vigil->aim.most)
        fail(vigil, at, seen_times(vigil));
    else if (vigil->aim.growing)
        pauses_add(&vigil->pauses, at);
}

/* Whether it is settled, which it is now if its time was over by then and nobody has said so yet. */
static bool is_settled(struct vigil *vigil, uint64_t at)
{
    if (!vigil->settled && at > deadline(vigil))
        time_over(vigil);
    return vigil->settled;
}

void vigil_deed(struct vigil *vigil, uint64_t at, const char *how)
{
    if (!is_settled(vigil, at))
        deed(vigil, at, how);
}

void vigil_hidden(struct vigil *vigil, uint64_t at)
{
    if (!is_settled(vigil, at))
        never_reached(vigil, at, words("an alert came, but it is encrypted: which one cannot be seen on a relay without tls"));
}

void vigil_missed(struct vigil *vigil, uint64_t at, const char *why)
{
    const struct peer *peer = peer_of(vigil);
    if (is_settled(vigil, at) || vigil->aim.id != EXPECT_WITHIN || (vigil->aim.counted && vigil->count >= vigil->aim.least))
        return;
    if (why)
        fail(vigil, at, words("%s", why));
    else if (peer->exited)
        never_reached(vigil, at, words("the application exited"));
    else
        fail(vigil, at, words("its %s came instead", peer->rst_received ? "RST" : "FIN"));
}

/* --- time -------------------------------------------------------------------------------------------------------------------------- */

static void fire(struct timer *timer)
{
    struct vigil *vigil = (struct vigil *)((char *)timer - offsetof(struct vigil, timer));
    struct docket *docket = vigil->claim->subject->docket;
    uint64_t now = timers_now(docket->timers);
    if (vigil->settled)
        return;
    if (vigil->clock_at)
        time_over(vigil);
    else
        never_reached(vigil, now, seen_over(vigil, now, "the connection"));
    docket->sweep(docket);
}

void vigil_clock(struct vigil *vigil, uint64_t at)
{
    if (vigil->settled || vigil->clock_at)
        return;
    vigil->clock_at = at;
    if (vigil->aim.growing && vigil->pauses.count == 1)
        vigil->pauses.times[0] = at;
    if (vigil->aim.time != TIME_NEVER)
        timer_set(vigil->claim->subject->docket->timers, &vigil->timer, deadline(vigil));
}

/* --- the connection ---------------------------------------------------------------------------------------------------------------- */

/* Its socket was seen to say goodbye, where its FIN or RST may not reach us. A socket that we have reset has not closed. */
static bool is_seen_closed(const struct vigil *vigil, const struct notice *notice)
{
    return notice->kind == NOTICE_STATE && notice->sighting->exact && state_is_closed(notice->sighting->state) &&
           !peer_is_cut_off(peer_of(vigil));
}

/* Whether this is the deed. */
static bool is_deed(const struct vigil *vigil, const struct notice *notice, struct peer_state before)
{
    const struct aim *aim = &vigil->aim;
    bool mine = notice_rows[notice->kind].has_side && notice->side == aim->side;
    if (aim->kind != AIM_DEED)
        return false;
    switch (aim->deed) {
    case DEED_ACCEPTS: return notice->kind == NOTICE_CONNECTED && aim->side == SIDE_SERVER;
    case DEED_REFUSES: return notice->kind == NOTICE_REFUSED && aim->side == SIDE_SERVER;
    case DEED_SENDS_FIN: return mine && notice->kind == NOTICE_FIN_RECEIVED;
    case DEED_RESETS: return mine && notice->kind == NOTICE_RST_RECEIVED;
    case DEED_CLOSES:
        if (vigil->closing)
            return peer_is_over(peer_of(vigil));
        return mine && (notice->kind == NOTICE_FIN_RECEIVED || notice->kind == NOTICE_RST_RECEIVED || notice->kind == NOTICE_GAVE_UP ||
                        is_seen_closed(vigil, notice));
    case DEED_IN_STATE:
        return mine && peer_state(peer_of(vigil)).state == aim->words->values[0].state && before.state != aim->words->values[0].state;
    case DEED_CONNECTS:
    case DEED_CONNECTS_TO:
    case DEED_RECONNECTS:    /* told by vigil_deed(), from the client's next connection */
    case DEED_SENDS_BYTES:
    case DEED_SENDS_TEXT:
    case DEED_SENDS_MESSAGE:
    case DEED_SENDS_ALERT:
    case DEED_SENDS_RECORD:
    case DEED_SENDS_NOTIFY:
    case DEED_ABORTS:
    case DEED_SILENT:        /* told by vigil_deed(), from the engine */
    case DEED_ABOUT_TO_SEND:
    case DEED_ABOUT_MESSAGE:
    case DEED_ABOUT_ALERT:
    case DEED_ABOUT_RECORD:
    case DEED_ABOUT_NOTIFY:
    case DEED_SIGNAL: return false; /* of no expectation */
    }
    return false;
}

/* What happened in the deed's place and is final, so that it cannot come any more: the server's other answer, an RST instead of a FIN. Else
 * NULL. */
static const char *opposite(const struct vigil *vigil, const struct notice *notice)
{
    const struct aim *aim = &vigil->aim;
    if (aim->id != EXPECT_WITHIN || aim->kind != AIM_DEED)
        return NULL;
    if (aim->deed == DEED_ACCEPTS && notice->kind == NOTICE_REFUSED)
        return "it refused";
    if (aim->deed == DEED_REFUSES && notice->kind == NOTICE_CONNECTED)
        return "it accepted";
    if (aim->deed == DEED_SENDS_FIN && notice->kind == NOTICE_RST_RECEIVED && notice->side == aim->side)
        return "its RST came instead";
    if (aim->deed == DEED_IN_STATE && notice->kind == NOTICE_STATE && notice->side == aim->side && notice->sighting->exact &&
        notice->sighting->state == STATE_CLOSE)
        return "its socket is gone";
    return NULL;
}

/* We have reset the application: nothing more can be seen of it on this connection. */
static bool is_cut_off(const struct vigil *vigil, const struct notice *notice)
{
    return notice->kind == NOTICE_RST_SENT && notice->side == vigil->aim.side && !aim_outlives(&vigil->aim) &&
           vigil->aim.id != EXPECT_NEVER && peer_is_cut_off(peer_of(vigil));
}

static char *by_whom(const struct notice *notice)
{
    if (notice->rule)
        return words("rule %s reset it: what it does now cannot be seen", notice->rule->name);
    return words("it was reset by the other side: what it does now cannot be seen");
}

void vigil_told(struct vigil *vigil, const struct notice *notice, struct peer_state before, bool exit)
{
    if (is_settled(vigil, notice->at))
        return;
    if (exit && aim_is_ending(&vigil->aim) && notice->side == vigil->aim.side) {
        if (vigil->aim.id != EXPECT_NEVER)
            never_reached(vigil, notice->at, words("the application exited"));
        return;
    }
    if (notice->at > vigil->fired_at && is_deed(vigil, notice, before))
        deed(vigil, notice->at, NULL);
    else if (opposite(vigil, notice))
        fail(vigil, notice->at, words("%s", opposite(vigil, notice)));
    else if (is_cut_off(vigil, notice))
        never_reached(vigil, notice->at, by_whom(notice));
    else if (notice->at <= vigil->fired_at && notice->kind == NOTICE_FIN_RECEIVED && notice->side == vigil->aim.side)
        vigil->closing = true; /* it is what the rule fired on */
}

/* The connection or the run is over. */
static void over(struct vigil *vigil, uint64_t at, const char *what)
{
    if (!vigil->settled && at >= deadline(vigil))
        time_over(vigil);
    if (vigil->settled)
        return;
    if (vigil->aim.id == EXPECT_NEVER && vigil->clock_at)
        pass(vigil, at, words("not until %s ended", what));
    else
        never_reached(vigil, at, seen_over(vigil, at, what));
}

/* What outlives the connection goes on. If its clock never starts then, that ends it, but not before a client that comes again could be
 * seen. */
void vigil_connection_over(struct vigil *vigil, uint64_t at)
{
    if (!aim_outlives(&vigil->aim))
        over(vigil, at, "the connection");
    else if (!vigil->settled && !vigil->clock_at && vigil->aim.time != TIME_NEVER)
        timer_set(vigil->claim->subject->docket->timers, &vigil->timer, at + vigil->aim.time);
}

void vigil_run_over(struct vigil *vigil, uint64_t at)
{
    over(vigil, at, "the run");
}

void vigil_rule_over(struct vigil *vigil, uint64_t at)
{
    over(vigil, at, "the rule");
}

void vigil_relay_over(struct vigil *vigil, uint64_t at)
{
    over(vigil, at, "the relay");
}

/* --- its beginning and its end ----------------------------------------------------------------------------------------------------- */

static void wait_for_client(struct vigil *vigil)
{
    struct subject *subject = vigil->claim->subject;
    if (vigil->aim.side != SIDE_CLIENT)
        return; /* a server does not connect */
    const char *name = vigil->aim.deed == DEED_CONNECTS_TO ? vigil->aim.words->values[0].name : subject->relay->spec->name;
    uint64_t relay = clients_relay(name);
    clients_wait(&subject->docket->clients, &vigil->waiting, &subject->client, relay);
}

/* What is so already when the rule fires. */
static void look_back(struct vigil *vigil, uint64_t at)
{
    const struct peer *peer = peer_of(vigil);
    const struct aim *aim = &vigil->aim;
    vigil->closing = peer->fin_received != 0;
    if (aim->kind != AIM_DEED)
        return;
    bool closed = aim->deed == DEED_CLOSES && peer_is_over(peer);
    bool in_state = aim->deed == DEED_IN_STATE && peer_state(peer).state == aim->words->values[0].state;
    if (closed || in_state)
        deed(vigil, at, NULL);
}

void vigil_begin(struct claim *claim, uint64_t firing, uint64_t at)
{
    struct vigil *vigil = xmalloc(sizeof *vigil);
    *vigil = (struct vigil){
        .next = claim->vigils, .claim = claim, .aim = aim_of(claim->expectation), .timer.fire = fire, .firing = firing, .fired_at = at};
    claim->vigils = vigil;
    claim->vigil_count++;
    if (vigil->aim.growing)
        pauses_add(&vigil->pauses, at);
    if (aim_awaits_client(&vigil->aim))
        wait_for_client(vigil);
    look_back(vigil, at);
}

void vigil_free(struct vigil *vigil)
{
    struct subject *subject = vigil->claim->subject;
    timer_cancel(subject->docket->timers, &vigil->timer);
    clients_forget(&subject->docket->clients, &vigil->waiting);
    pauses_release(&vigil->pauses);
    vigil->claim->vigil_count--;
    free(vigil);
}
