/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lookout's thread, and its posts on the workers: what is told on a worker becomes messages to the thread, what the thread has seen
 * messages to the worker.
 */
#include "relay/lookout.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/processes.h"
#include "kernel/thread.h"
#include "relay/attempt.h"
#include "relay/dial.h"
#include "relay/inbox.h"
#include "relay/link.h"
#include "relay/relay.h"
#include "relay/sight.h"
#include "relay/spin.h"
#include "relay/worker.h"
#include "rules/memory.h"

#define ONE_BY_ONE 64  /* so many sockets are looked up each by itself; more by a dump of all on their ports */
#define PORTS_MOST 8   /* so many ports are dumped each by itself; for more, everything is */
#define COST_RATIO 20  /* the thread rests so many times as long as looking has cost */
#define WALK_SLICE (2 * NS_PER_MS) /* going through all processes must not keep it from looking */
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
    struct post *next;   /* of the lookout's */
};

struct lookout {
    struct interest interest; /* what the posts begin with */
    struct inbox inbox; /* errands, from the workers */
    pthread_t thread;
    bool running;
    struct post *posts;

    /* The thread's. */
    struct sockets *sockets;
    struct processes *processes;
    struct sight *sights;
    size_t sight_count;
    uint64_t last_socket; /* numbers for sightings */
    uint64_t rested_at;   /* ns: no look before then */
    struct socket_list dump;
    struct spins spins;
    uint64_t next_look;   /* ns: when the first of them is due */
    bool searches;        /* it is not known of some of them who has it */
    bool stopping;
};

/* --- messages ------------------------------------------------------------------------------------------------------------------------ */

enum errand_kind { ERRAND_FOLLOW, ERRAND_CONNECTED, ERRAND_CARE, ERRAND_STIR, ERRAND_LEAVE, ERRAND_FORGET, ERRAND_STOP };

/* From a worker to the thread. */
struct errand {
    struct message message;
    struct lookout *lookout;
    enum errand_kind kind;
    struct sight *sight; /* held; NULL: ERRAND_STOP */
    uint64_t at;         /* ns */
    struct side_interest interest; /* ERRAND_CARE */
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

static void tell(struct sight *sight, enum verdict verdict, const char *spins)
{
    struct telling *telling = xmalloc(sizeof *telling);

    *telling = (struct telling){.message.run = telling_run, .sight = sight, .verdict = verdict, .sighting = sight->seen};
    snprintf(telling->spins, sizeof telling->spins, "%s", spins);
    sight_hold(sight);
    inbox_post(&sight->worker->inbox, &telling->message);
}

/* --- looking ------------------------------------------------------------------------------------------------------------------------- */

static void drop(struct lookout *lookout, struct sight **place)
{
    struct sight *sight = *place;

    *place = sight->next;
    lookout->sight_count--;
    sight_release(sight);
}

/* As sockets_find(). A socket moves from one of the kernel's lists to another when it enters TIME_WAIT: one look that does not find it may
 * be wrong. */
static int find(struct lookout *lookout, struct sight *sight, struct socket_seen *seen)
{
    int found;

    if (sight->glimpsed) {
        *seen = sight->glimpse;
        sight->glimpsed = false;
        return 1;
    }
    found = sockets_find(lookout->sockets, &sight->pair, false, seen);
    return found != 0 ? found : sockets_find(lookout->sockets, &sight->pair, false, seen);
}

/* Whoever has read as far as the end, and has not closed, may be busy with that. */
static void look_for_spinning(struct lookout *lookout, struct sight *sight, const struct socket_seen *seen, uint64_t at)
{
    char text[SPIN_TEXT];

    if (seen->state == STATE_CLOSE_WAIT && seen->unread == 0 && sight->seen.owner.pid != 0
        && spins_look(&lookout->spins, &sight->seen.owner, lookout->sockets, at, text))
        tell(sight, SIGHT_SAME, text);
}

/* Yields whether it is still looked after. */
static bool look_at(struct lookout *lookout, struct sight *sight, uint64_t at)
{
    struct socket_seen seen;
    int found = find(lookout, sight, &seen);
    enum verdict verdict = found < 0 ? SIGHT_SAME : sight_look(sight, found > 0 ? &seen : NULL, lookout->processes, at);

    if (verdict == SIGHT_CHANGED && sight->seen.socket == 0)
        sight->seen.socket = ++lookout->last_socket;
    if (verdict != SIGHT_SAME)
        tell(sight, verdict, "");
    if (found > 0)
        look_for_spinning(lookout, sight, &seen, at);
    sight->due = sight_next(sight, at);
    if (verdict == SIGHT_GONE || verdict == SIGHT_ELSEWHERE)
        return false;
    if (sight->left && !sight->interest.afterwards)
        tell(sight, SIGHT_LEFT, "");
    return !sight->left || sight->interest.afterwards;
}

/* The port by which a dump finds it: the relay's for clients, the server's for servers. */
static struct sockets_wanted port_of(const struct sight *sight)
{
    if (sight->side == SIDE_CLIENT)
        return (struct sockets_wanted){.remote_port = socket_port(&sight->pair.remote)};
    return (struct sockets_wanted){.local_port = socket_port(&sight->pair.local)};
}

/* The dumps that find all that are due; a single one of everything if they are too many. */
static size_t choose_dumps(const struct lookout *lookout, uint64_t now, struct sockets_wanted wanted[PORTS_MOST])
{
    size_t count = 0;

    for (const struct sight *sight = lookout->sights; sight != NULL; sight = sight->next) {
        struct sockets_wanted one = port_of(sight);
        size_t i = 0;
        if (sight->due > now)
            continue;
        while (i < count && (wanted[i].local_port != one.local_port || wanted[i].remote_port != one.remote_port))
            i++;
        if (i == PORTS_MOST) {
            wanted[0] = (struct sockets_wanted){.family = 0};
            return 1;
        }
        wanted[i] = one;
        count += i == count;
    }
    return count;
}

static void glimpse(struct lookout *lookout, struct sight *const *buckets, size_t mask)
{
    for (size_t i = 0; i < lookout->dump.count; i++) {
        const struct socket_seen *seen = &lookout->dump.list[i];
        struct sight *sight = buckets[socket_pair_hash(&seen->pair) & mask];
        while (sight != NULL && !socket_pair_equal(&sight->pair, &seen->pair))
            sight = sight->next_hash;
        if (sight != NULL) {
            sight->glimpse = *seen;
            sight->glimpsed = true;
        }
    }
}

static void look_by_dump(struct lookout *lookout, uint64_t now)
{
    struct sockets_wanted wanted[PORTS_MOST];
    size_t dumps = choose_dumps(lookout, now, wanted), size = 1;
    struct sight **buckets;

    while (size < 2 * lookout->sight_count)
        size *= 2;
    buckets = xmalloc(size * sizeof *buckets);
    memset(buckets, 0, size * sizeof *buckets);
    for (struct sight *sight = lookout->sights; sight != NULL; sight = sight->next) {
        struct sight **bucket = &buckets[socket_pair_hash(&sight->pair) & (size - 1)];
        sight->next_hash = *bucket;
        *bucket = sight;
    }
    for (size_t i = 0; i < dumps; i++) {
        if (sockets_dump(lookout->sockets, &wanted[i], &lookout->dump) == 0)
            glimpse(lookout, buckets, size - 1);
    }
    free(buckets);
}

static void look_around(struct lookout *lookout, uint64_t now)
{
    size_t due = 0;

    lookout->next_look = TIME_NEVER;
    lookout->searches = false;
    for (const struct sight *sight = lookout->sights; sight != NULL; sight = sight->next)
        due += sight->due <= now;
    if (due > ONE_BY_ONE)
        look_by_dump(lookout, now);
    for (struct sight **place = &lookout->sights; *place != NULL;) {
        struct sight *sight = *place;
        if (sight->due <= now && !look_at(lookout, sight, now)) {
            drop(lookout, place);
            continue;
        }
        lookout->next_look = sight->due < lookout->next_look ? sight->due : lookout->next_look;
        lookout->searches |= sight->inode != 0 && !sight->owner_known;
        place = &sight->next;
    }
}

/* --- the thread ---------------------------------------------------------------------------------------------------------------------- */

static void look_soon(struct lookout *lookout, struct sight *sight, uint64_t at)
{
    sight_stir(sight, at);
    sight->due = at;
    lookout->next_look = at < lookout->next_look ? at : lookout->next_look;
}

/* Its interest is new. For what only a finding about its end wants to know, its end is waited for. */
static void care(struct lookout *lookout, struct sight *sight, uint64_t at)
{
    if (sight->interest.soon || sight->interest.slowly) {
        look_soon(lookout, sight, at);
    } else {
        sight->asleep = true;
        sight->due = TIME_NEVER;
    }
}

static void follow(struct lookout *lookout, struct sight *sight, uint64_t at)
{
    sight_hold(sight);
    sight->next = lookout->sights;
    lookout->sights = sight;
    lookout->sight_count++;
    care(lookout, sight, at);
}

/* It may have been dropped already. */
static void forget(struct lookout *lookout, const struct sight *sight)
{
    struct sight **place = &lookout->sights;

    while (*place != NULL && *place != sight)
        place = &(*place)->next;
    if (*place != NULL)
        drop(lookout, place);
}

/* On the lookout's thread. */
static void errand_run(struct message *message)
{
    struct errand *errand = (struct errand *)(void *)message;
    struct lookout *lookout = errand->lookout;

    switch (errand->kind) {
    case ERRAND_FOLLOW: follow(lookout, errand->sight, errand->at); break;
    case ERRAND_CONNECTED:
        errand->sight->early = false;
        look_soon(lookout, errand->sight, errand->at);
        break;
    case ERRAND_CARE:
        errand->sight->interest = errand->interest;
        care(lookout, errand->sight, errand->at);
        break;
    case ERRAND_STIR: look_soon(lookout, errand->sight, errand->at); break;
    case ERRAND_LEAVE:
        errand->sight->left = true;
        errand->sight->early = false;
        look_soon(lookout, errand->sight, errand->at);
        break;
    case ERRAND_FORGET: forget(lookout, errand->sight); break;
    case ERRAND_STOP: lookout->stopping = true; break;
    }
    if (errand->sight != NULL)
        sight_release(errand->sight);
    free(errand);
}

/* When there is something to do, but for errands. */
static uint64_t next_turn(const struct lookout *lookout)
{
    uint64_t look = lookout->next_look > lookout->rested_at ? lookout->next_look : lookout->rested_at;
    uint64_t walk = lookout->searches ? processes_next_slice(lookout->processes) : TIME_NEVER;

    look = lookout->next_look == TIME_NEVER ? TIME_NEVER : look;
    return look < walk ? look : walk;
}

static void run_errands(struct lookout *lookout)
{
    uint64_t now = clock_monotonic.now(&clock_monotonic), next = next_turn(lookout);
    struct pollfd mail = {.fd = lookout->inbox.fd, .events = POLLIN};
    struct timespec wait = {.tv_sec = 0};

    if (next > now && next != TIME_NEVER)
        wait = (struct timespec){.tv_sec = (time_t)((next - now) / NS_PER_S), .tv_nsec = (long)((next - now) % NS_PER_S)};
    if (ppoll(&mail, 1, next == TIME_NEVER ? NULL : &wait, NULL) > 0)
        inbox_run(&lookout->inbox);
}

/* What this thread has cost so far: not the time that it had to wait for a processor. */
static uint64_t processor_time(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

static void take_turn(struct lookout *lookout)
{
    uint64_t now = clock_monotonic.now(&clock_monotonic), cost = processor_time();

    if (lookout->next_look <= now && lookout->rested_at <= now) {
        look_around(lookout, now);
        lookout->rested_at = clock_monotonic.now(&clock_monotonic) + (processor_time() - cost) * COST_RATIO;
    }
    if (!lookout->searches || processes_next_slice(lookout->processes) > now || !processes_walk(lookout->processes, WALK_SLICE))
        return;
    lookout->searches = false;
    for (struct sight *sight = lookout->sights; sight != NULL; sight = sight->next) {
        if (sight->inode != 0 && !sight->owner_known)
            sight->due = lookout->next_look = now; /* now it is known, or that it cannot be */
    }
}

static void *lookout_run(void *argument)
{
    struct lookout *lookout = argument;

    while (!lookout->stopping) {
        run_errands(lookout);
        take_turn(lookout);
    }
    return NULL;
}

/* --- on the worker ------------------------------------------------------------------------------------------------------------------- */

/* From any thread. */
static void send_errand(struct lookout *lookout, enum errand_kind kind, struct sight *sight)
{
    struct errand *errand = xmalloc(sizeof *errand);

    *errand = (struct errand){.message.run = errand_run, .lookout = lookout, .kind = kind, .sight = sight,
        .at = clock_monotonic.now(&clock_monotonic)};
    if (kind == ERRAND_CARE)
        errand->interest = sight->post->interest.sides[sight->side];
    if (sight != NULL)
        sight_hold(sight);
    inbox_post(&lookout->inbox, &errand->message);
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
        send_errand(post->lookout, ERRAND_CONNECTED, sight);
        return;
    }
    send_errand(post->lookout, ERRAND_FORGET, sight);
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
    send_errand(post->lookout, ERRAND_FOLLOW, sight);
}

static void post_stir(struct post *post, struct link *link)
{
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        if (link->sights[side] != NULL && !link->sights[side]->elsewhere)
            send_errand(post->lookout, ERRAND_STIR, link->sights[side]);
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
        send_errand(post->lookout, ERRAND_LEAVE, sight);
    }
}

/* The relay goes: nothing more can be said of what came in there. */
static void post_lose_relay(struct post *post, const struct relay *relay)
{
    for (struct sight *sight = post->first, *next; sight != NULL; sight = next) {
        next = sight->next_of_post;
        if (sight->relay == relay) {
            send_errand(post->lookout, ERRAND_FORGET, sight);
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
                send_errand(post->lookout, ERRAND_CARE, link->sights[side]);
        }
    }
    free(concern);
}

void lookout_change(struct lookout *lookout, const struct interest *interest)
{
    for (struct post *post = lookout->posts; post != NULL; post = post->next) {
        struct concern *concern = xmalloc(sizeof *concern);
        *concern = (struct concern){.message.run = concern_run, .post = post, .interest = *interest};
        inbox_post(&post->worker->inbox, &concern->message);
    }
}

/* --- beginning and end --------------------------------------------------------------------------------------------------------------- */

static bool side_is_interesting(const struct side_interest *side)
{
    return side->soon || side->slowly || side->closing;
}

bool interest_is_any(const struct interest *interest)
{
    return side_is_interesting(&interest->sides[SIDE_CLIENT]) || side_is_interesting(&interest->sides[SIDE_SERVER]);
}

struct lookout *lookout_start(const struct interest *interest)
{
    struct lookout *lookout = xmalloc(sizeof *lookout);
    int error;

    *lookout = (struct lookout){.interest = *interest, .inbox.fd = -1, .next_look = TIME_NEVER};
    lookout->sockets = sockets_open();
    lookout->processes = processes_new();
    lookout->running = lookout->sockets != NULL && inbox_open(&lookout->inbox) && thread_start(&lookout->thread, lookout_run, lookout);
    if (lookout->running)
        return lookout;
    error = errno;
    lookout_free(lookout);
    errno = error;
    return NULL;
}

void lookout_attach(struct lookout *lookout, struct worker *worker)
{
    struct post *post = xmalloc(sizeof *post);

    *post = (struct post){.observer = {.tell = post_tell, .ignores = ~HEARD}, .lookout = lookout, .worker = worker,
        .interest = lookout->interest, .next = lookout->posts};
    lookout->posts = post;
    worker_observe(worker, &post->observer);
}

void lookout_stop(struct lookout *lookout)
{
    if (!lookout->running)
        return;
    send_errand(lookout, ERRAND_STOP, NULL);
    pthread_join(lookout->thread, NULL);
    lookout->running = false;
}

void lookout_free(struct lookout *lookout)
{
    if (lookout == NULL)
        return;
    inbox_close(&lookout->inbox);
    while (lookout->sights != NULL)
        drop(lookout, &lookout->sights);
    while (lookout->posts != NULL) {
        struct post *post = lookout->posts;
        lookout->posts = post->next;
        while (post->first != NULL) {
            post->first->link = NULL; /* gone, without our being told */
            post_forget(post->first);
        }
        free(post);
    }
    socket_list_release(&lookout->dump);
    processes_free(lookout->processes);
    sockets_close(lookout->sockets);
    free(lookout);
}
