/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is told on a worker becomes errands for the lookout's thread; what the thread says, and who is interested in it, comes as messages.
 */
#include "relay/post.h"

#include <stdio.h>
#include <stdlib.h>

#include "relay/attempt.h"
#include "relay/dial.h"
#include "relay/inbox.h"
#include "relay/link.h"
#include "relay/relay.h"
#include "relay/spin.h"
#include "relay/worker.h"
#include "rules/memory.h"

#define SIGHTS_MOST 200000

/* What may change the state of an application's socket, or make that socket the only one that knows. */
#define STIRRING \
    (NOTICE_BIT(NOTICE_FIN_RECEIVED) | NOTICE_BIT(NOTICE_FIN_SENT) | NOTICE_BIT(NOTICE_FIN_ACKED) | NOTICE_BIT(NOTICE_RST_RECEIVED) \
        | NOTICE_BIT(NOTICE_RST_SENT) | NOTICE_BIT(NOTICE_TIMED_OUT) | NOTICE_BIT(NOTICE_CLOSED_ON) | NOTICE_BIT(NOTICE_GONE) \
        | NOTICE_BIT(NOTICE_ACTION_STARTED) | NOTICE_BIT(NOTICE_ACTION_ENDED))

#define HEARD \
    (STIRRING | NOTICE_BIT(NOTICE_OPENED) | NOTICE_BIT(NOTICE_ACCEPTED) | NOTICE_BIT(NOTICE_DIALLING) | NOTICE_BIT(NOTICE_CONNECTED) \
        | NOTICE_BIT(NOTICE_CLOSED) | NOTICE_BIT(NOTICE_RELAY_CLOSED))

/* The lookout on one worker. */
struct post {
    struct observer observer; /* of the worker */
    struct lookout *lookout;
    struct worker *worker;
    struct interest interest;
    struct sight *first; /* all that the worker may still be told of */
    size_t count;
};

/* From any thread to a post: the interest is another one. */
struct concern {
    struct message message;
    struct post *post;
    struct interest interest;
};

/* From the thread to a worker. */
struct telling {
    struct message message;
    struct sight *sight; /* held */
    enum verdict verdict;
    struct sighting sighting;
    char spins[SPIN_TEXT]; /* how it spins; "" if nothing is known of that */
};

/* --- what the thread has seen --------------------------------------------------------------------------------------------------------- */

/* Whether somebody waits for what becomes of sockets whose links are closed. */
static bool wants_an_end(const struct interest *interest)
{
    return interest->sides[SIDE_CLIENT].afterwards || interest->sides[SIDE_SERVER].afterwards;
}

static void notice_state(const struct sight *sight, const struct sighting *sighting)
{
    char who[SIGHTING_WHO], text[SIGHTING_WHO + 16];

    snprintf(text, sizeof text, "%s (%s)", tcp_state_name(sighting->state), sighting_who(sighting, who));
    worker_tell(sight->post->worker, &(struct notice){.kind = NOTICE_STATE, .at = timers_now(&sight->post->worker->timers),
        .relay = sight->relay, .link = sight->link, .number = sight->number, .client = &sight->client, .side = sight->side,
        .text = text, .sighting = sighting});
}

/* What our own socket says of an application that is elsewhere. */
static void notice_inferred(const struct sight *sight)
{
    const struct end *end = &sight->link->ends[sight->side];
    struct sighting sighting = {.at = timers_now(&sight->post->worker->timers), .owner.fd = -1};

    sighting.since = sighting.at;
    if (end->fin_acked && !end->fin_received) {
        sighting.state = STATE_CLOSE_WAIT;
        sighting.since = end->fin_acked_at;
    } else if (end->fin_received && !end->fin_sent)
        sighting.state = STATE_FIN_WAIT2;
    if (sighting.state != 0)
        notice_state(sight, &sighting);
}

static void notice_unseen(const struct sight *sight)
{
    worker_tell(sight->post->worker, &(struct notice){.kind = NOTICE_UNSEEN, .at = timers_now(&sight->post->worker->timers),
        .relay = sight->relay, .link = sight->link, .number = sight->number, .client = &sight->client, .side = sight->side});
}

static void notice_spinning(const struct sight *sight, const char *text)
{
    worker_tell(sight->post->worker, &(struct notice){.kind = NOTICE_SPINNING, .at = timers_now(&sight->post->worker->timers),
        .relay = sight->relay, .link = sight->link, .number = sight->number, .client = &sight->client, .side = sight->side,
        .text = text});
}

static void post_forget(struct sight *sight)
{
    struct post *post = sight->post;

    if (sight->previous_of_post != NULL)
        sight->previous_of_post->next_of_post = sight->next_of_post;
    else
        post->first = sight->next_of_post;
    if (sight->next_of_post != NULL)
        sight->next_of_post->previous_of_post = sight->previous_of_post;
    if (sight->link != NULL)
        sight->link->sights[sight->side] = NULL;
    sight->post = NULL;
    post->count--;
    sight_release(sight);
}

/* On the worker's thread. */
static void telling_run(struct message *message)
{
    struct telling *telling = (struct telling *)(void *)message;
    struct sight *sight = telling->sight;

    if (sight->post != NULL && telling->spins[0] != '\0')
        notice_spinning(sight, telling->spins);
    if (sight->post != NULL && (telling->verdict == SIGHT_CHANGED || telling->verdict == SIGHT_GONE))
        notice_state(sight, &telling->sighting);
    if (sight->post != NULL
        && (telling->verdict == SIGHT_ELSEWHERE || (telling->verdict == SIGHT_LEFT && wants_an_end(&sight->post->interest))))
        notice_unseen(sight);
    if (telling->verdict == SIGHT_ELSEWHERE && sight->post != NULL && sight->link != NULL) {
        sight->elsewhere = true; /* what can be inferred of it is still said, and of what came before that was known */
        notice_inferred(sight);
    } else if (sight->post != NULL && telling->verdict != SIGHT_CHANGED && telling->verdict != SIGHT_SAME)
        post_forget(sight);
    sight_release(sight);
    free(telling);
}

void post_say(struct sight *sight, enum verdict verdict, const char *spins)
{
    struct telling *telling = xmalloc(sizeof *telling);

    *telling = (struct telling){.message.run = telling_run, .sight = sight, .verdict = verdict, .sighting = sight->seen};
    snprintf(telling->spins, sizeof telling->spins, "%s", spins);
    sight_hold(sight);
    inbox_post(&sight->worker->inbox, &telling->message);
}

/* --- what happens on the worker ------------------------------------------------------------------------------------------------------- */

static void send_errand(const struct post *post, enum errand_kind kind, struct sight *sight)
{
    lookout_send(post->lookout, kind, sight, &post->interest.sides[sight->side]);
}

static bool is_early(const struct end *end)
{
    return end->state == END_HELD || end->state == END_CONNECTING;
}

/* The application's socket, as it names itself, as soon as that is known: whose SYN is held, or who is dialled, has none of ours yet. */
static bool facing(const struct link *link, enum side side, struct socket_pair *pair)
{
    const struct end *end = &link->ends[side];

    if (end->state == END_HELD) {
        *pair = (struct socket_pair){.local = link->client, .remote = *attempt_local(link->attempt)};
        return true;
    }
    return end->state == END_CONNECTING ? dial_facing(link->dial, pair) : socket_pair_facing(end->stream.fd, pair);
}

/* One that was followed early is connected; unless it is another one, as a server with several addresses is dialled at the next of them. */
static void post_go_on(struct post *post, struct sight *sight, const struct socket_pair *pair)
{
    if (socket_pair_equal(&sight->pair, pair)) {
        send_errand(post, ERRAND_CONNECTED, sight);
        return;
    }
    send_errand(post, ERRAND_FORGET, sight);
    post_forget(sight);
}

static void post_follow(struct post *post, struct link *link, enum side side)
{
    const struct side_interest *interest = &post->interest.sides[side];
    bool early = is_early(&link->ends[side]);
    struct socket_pair pair;
    struct sight *sight;

    if (!(interest->soon || interest->slowly || (interest->closing && !early)) || !facing(link, side, &pair))
        return;
    if (link->sights[side] != NULL)
        post_go_on(post, link->sights[side], &pair);
    if (link->sights[side] != NULL)
        return;
    if (post->count == SIGHTS_MOST) {
        link_tell(link, (struct notice){.kind = NOTICE_OVERLOOKED, .side = side});
        return;
    }
    sight = sight_new();
    sight->worker = post->worker;
    sight->relay = link->relay;
    relay_hold(sight->relay);
    sight->number = link->number;
    sight->side = side;
    sight->client = link->client;
    sight->pair = pair;
    sight->interest = *interest;
    sight->early = early;
    sight->post = post;
    sight->link = link;
    sight->next_of_post = post->first;
    if (post->first != NULL)
        post->first->previous_of_post = sight;
    post->first = sight;
    post->count++;
    link->sights[side] = sight;
    send_errand(post, ERRAND_FOLLOW, sight);
}

static void post_stir(struct post *post, struct link *link)
{
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        if (link->sights[side] != NULL && !link->sights[side]->elsewhere)
            send_errand(post, ERRAND_STIR, link->sights[side]);
    }
}

static void post_leave(struct post *post, struct link *link)
{
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        struct sight *sight = link->sights[side];
        if (sight == NULL) { /* it never was looked after, or is gone */
            if (wants_an_end(&post->interest))
                link_tell(link, (struct notice){.kind = NOTICE_UNSEEN, .side = side});
            continue;
        }
        if (sight->elsewhere) {
            post_forget(sight);
            continue;
        }
        link->sights[side] = NULL;
        sight->link = NULL;
        send_errand(post, ERRAND_LEAVE, sight);
    }
}

/* The relay goes: nothing more can be said of what came in there. */
static void post_lose_relay(struct post *post, const struct relay *relay)
{
    for (struct sight *sight = post->first, *next; sight != NULL; sight = next) {
        next = sight->next_of_post;
        if (sight->relay == relay) {
            send_errand(post, ERRAND_FORGET, sight);
            post_forget(sight);
        }
    }
}

static void post_tell(struct observer *observer, const struct notice *notice)
{
    struct post *post = (struct post *)(void *)observer;

    if (notice->kind == NOTICE_RELAY_CLOSED)
        post_lose_relay(post, notice->relay);
    if (notice->link == NULL)
        return;
    if (notice->kind == NOTICE_OPENED || notice->kind == NOTICE_ACCEPTED)
        post_follow(post, notice->link, SIDE_CLIENT);
    else if (notice->kind == NOTICE_DIALLING || notice->kind == NOTICE_CONNECTED)
        post_follow(post, notice->link, SIDE_SERVER);
    else if (notice->kind == NOTICE_CLOSED)
        post_leave(post, notice->link);
    else if ((NOTICE_BIT(notice->kind) & STIRRING) != 0)
        post_stir(post, notice->link);
    if ((notice->kind == NOTICE_FIN_ACKED || notice->kind == NOTICE_FIN_RECEIVED) && notice->link->sights[notice->side] != NULL
        && notice->link->sights[notice->side]->elsewhere)
        notice_inferred(notice->link->sights[notice->side]);
}

/* On the worker's thread. */
static void concern_run(struct message *message)
{
    struct concern *concern = (struct concern *)(void *)message;
    struct post *post = concern->post;

    post->interest = concern->interest;
    for (struct link *link = post->worker->links; link != NULL; link = link->next) {
        for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
            if (link->sights[side] == NULL)
                post_follow(post, link, side);
            else if (!link->sights[side]->elsewhere)
                send_errand(post, ERRAND_CARE, link->sights[side]);
        }
    }
    free(concern);
}

void post_change(struct post *post, const struct interest *interest)
{
    struct concern *concern = xmalloc(sizeof *concern);

    *concern = (struct concern){.message.run = concern_run, .post = post, .interest = *interest};
    inbox_post(&post->worker->inbox, &concern->message);
}

/* --- beginning and end ---------------------------------------------------------------------------------------------------------------- */

struct post *post_new(struct lookout *lookout, struct worker *worker, const struct interest *interest)
{
    struct post *post = xmalloc(sizeof *post);

    *post = (struct post){.observer = {.tell = post_tell, .ignores = ~HEARD}, .lookout = lookout, .worker = worker, .interest = *interest};
    worker_observe(worker, &post->observer);
    return post;
}

void post_free(struct post *post)
{
    while (post->first != NULL) {
        post->first->link = NULL; /* gone, without our being told */
        post_forget(post->first);
    }
    free(post);
}
