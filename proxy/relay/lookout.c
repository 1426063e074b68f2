/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lookout's thread: errands come in, and between them it looks at the sockets whose turn it is.
 */
#include "relay/lookout.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/processes.h"
#include "kernel/thread.h"
#include "relay/inbox.h"
#include "relay/post.h"
#include "relay/sight.h"
#include "relay/spin.h"
#include "relay/worker.h"
#include "rules/memory.h"

#define ONE_BY_ONE 64  /* so many sockets are looked up each by itself; more by a dump of all on their ports */
#define PORTS_MOST 8   /* so many ports are dumped each by itself; for more, everything is */
#define COST_RATIO 20  /* the thread rests so many times as long as looking has cost */
#define WALK_SLICE (2 * NS_PER_MS) /* going through all processes must not keep it from looking */

struct lookout {
    struct interest interest; /* what the posts begin with */
    struct inbox inbox; /* errands, from the workers */
    pthread_t thread;
    bool running;
    struct post **posts;
    size_t post_count;

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

/* --- messages ------------------------------------------------------------------------------------------------------------------------- */

/* To the thread. */
struct errand {
    struct message message;
    struct lookout *lookout;
    enum errand_kind kind;
    struct sight *sight; /* held; NULL: ERRAND_STOP */
    uint64_t at;         /* ns */
    struct side_interest interest; /* the post's in it */
};

/* --- looking -------------------------------------------------------------------------------------------------------------------------- */

/* A crowd is gone: a dump of it was megabytes, and its sights, which outlive its links, stood among those links' memory. */
static void forget_crowd(struct lookout *lookout)
{
    socket_list_release(&lookout->dump);
    malloc_trim(0);
}

static void drop(struct lookout *lookout, struct sight **place)
{
    struct sight *sight = *place;

    *place = sight->next;
    sight_release(sight);
    if (--lookout->sight_count <= ONE_BY_ONE && lookout->dump.capacity > 0)
        forget_crowd(lookout);
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

/* Whoever has read all there was, and has not closed, may be busy with that. The FIN itself may be unread: poll() tells of it. */
static void look_for_spinning(struct lookout *lookout, struct sight *sight, const struct socket_seen *seen, uint64_t at)
{
    char text[SPIN_TEXT];

    if (seen->state == STATE_CLOSE_WAIT && seen->unread <= 1 && sight->seen.owner.pid != 0
        && spins_look(&lookout->spins, &sight->seen.owner, lookout->sockets, at, text))
        post_say(sight, SIGHT_SAME, text);
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
        post_say(sight, verdict, "");
    if (found > 0)
        look_for_spinning(lookout, sight, &seen, at);
    sight->due = sight_next(sight, at);
    if (verdict == SIGHT_GONE || verdict == SIGHT_ELSEWHERE)
        return false;
    if (sight->left && !sight->interest.afterwards)
        post_say(sight, SIGHT_LEFT, "");
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

/* --- the thread ----------------------------------------------------------------------------------------------------------------------- */

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
            sight->due = lookout->next_look = now; /* now it may be known, or that it cannot be */
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

/* --- from other threads --------------------------------------------------------------------------------------------------------------- */

void lookout_send(struct lookout *lookout, enum errand_kind kind, struct sight *sight, const struct side_interest *interest)
{
    struct errand *errand = xmalloc(sizeof *errand);

    *errand = (struct errand){.message.run = errand_run, .lookout = lookout, .kind = kind, .sight = sight,
        .at = clock_monotonic.now(&clock_monotonic), .interest = *interest};
    if (sight != NULL)
        sight_hold(sight);
    inbox_post(&lookout->inbox, &errand->message);
}

void lookout_change(struct lookout *lookout, const struct interest *interest)
{
    for (size_t i = 0; i < lookout->post_count; i++)
        post_change(lookout->posts[i], interest);
}

/* --- beginning and end ---------------------------------------------------------------------------------------------------------------- */

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
    lookout->posts = xrealloc(lookout->posts, (lookout->post_count + 1) * sizeof *lookout->posts);
    lookout->posts[lookout->post_count++] = post_new(lookout, worker, &lookout->interest);
}

void lookout_stop(struct lookout *lookout)
{
    if (!lookout->running)
        return;
    lookout_send(lookout, ERRAND_STOP, NULL, &(struct side_interest){.soon = false});
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
    while (lookout->post_count > 0)
        post_free(lookout->posts[--lookout->post_count]);
    free(lookout->posts);
    socket_list_release(&lookout->dump);
    processes_free(lookout->processes);
    sockets_close(lookout->sockets);
    free(lookout);
}
