/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a look at a socket means.
 */
#include "relay/sight.h"

#include <stdlib.h>

#include "relay/relay.h"
#include "rules/memory.h"

#define MISSES 3 /* so many looks that do not find a socket whose connection is up: it is elsewhere */

/* Between two looks: while something is going on (it did so long ago at most), and else. */
#define SOON_BUSY (2 * NS_PER_MS)
#define SOON_IDLE (10 * NS_PER_MS)
#define SLOW_BUSY (20 * NS_PER_MS)
#define SLOW_IDLE (250 * NS_PER_MS)
#define BUSY_FOR (100 * NS_PER_MS)
#define LEFT_IDLE NS_PER_S /* of one that only waits for its end: TIME_WAIT */

struct sight *sight_new(void)
{
    struct sight *sight = xmalloc(sizeof *sight);

    *sight = (struct sight){.elsewhere = false};
    atomic_init(&sight->references, 1);
    return sight;
}

void sight_hold(struct sight *sight)
{
    atomic_fetch_add(&sight->references, 1);
}

void sight_release(struct sight *sight)
{
    if (atomic_fetch_sub(&sight->references, 1) > 1)
        return;
    if (sight->relay != NULL)
        relay_let_go(sight->relay);
    free(sight);
}

/* Who has the socket: asked when it is another inode than before, as long as it is not known, and when its state changes, for a socket may
 * be handed on. Nobody's (TIME_WAIT, an orphan) has none. */
static struct owner owner_of(struct sight *sight, const struct socket_seen *found, const struct processes *processes, uint64_t at)
{
    bool same = found->inode == sight->inode;
    struct owner owner;

    if (same && found->state == sight->seen.state && sight->owner_known)
        return sight->seen.owner;
    if (!same || sight->asked_at == 0)
        sight->asked_at = at;
    sight->inode = found->inode;
    sight->owner_known = processes_owner(processes, found->inode, sight->asked_at, &owner) >= 0;
    return owner;
}

static bool is_new(const struct sighting *one, const struct sighting *other)
{
    return one->state != other->state || one->owned != other->owned || one->owner.pid != other->owner.pid
        || one->owner.others != other->owner.others;
}

/* The pair of addresses is in use again, by another connection: the socket that was meant is gone. */
static bool is_another(const struct sight *sight, const struct socket_seen *found)
{
    bool young = found->state == STATE_ESTABLISHED || found->state == STATE_SYN_SENT || found->state == STATE_SYN_RECV;

    return sight->left && young && found->inode != sight->inode;
}

static enum verdict look_found(struct sight *sight, const struct socket_seen *found, const struct processes *processes, uint64_t at)
{
    struct sighting seen = {
        .exact = true,
        .socket = sight->seen.socket,
        .state = found->state,
        .before = sight->seen.state,
        .at = at,
        .since = found->state == sight->seen.state ? sight->seen.since : at,
        .owned = found->inode != 0,
        .uid = found->uid,
    };
    bool moved = found->state != sight->seen.state;

    seen.owner = owner_of(sight, found, processes, at);
    if (!is_new(&seen, &sight->seen))
        return SIGHT_SAME;
    sight->seen = seen;
    if (moved)
        sight->stirred_at = at;
    return SIGHT_CHANGED;
}

static enum verdict look_gone(struct sight *sight, uint64_t at)
{
    sight->seen = (struct sighting){
        .exact = true,
        .socket = sight->seen.socket,
        .state = STATE_CLOSE,
        .before = sight->seen.state,
        .at = at,
        .since = at,
        .owner.fd = -1,
    };
    return SIGHT_GONE;
}

enum verdict sight_look(struct sight *sight, const struct socket_seen *found, const struct processes *processes, uint64_t at)
{
    if (found != NULL && sight->seen.state != 0 && is_another(sight, found))
        found = NULL;
    if (found != NULL)
        return look_found(sight, found, processes, at);
    if (sight->seen.state != 0)
        return look_gone(sight, at);
    if (sight->early)
        return SIGHT_SAME;
    return ++sight->misses < MISSES ? SIGHT_SAME : SIGHT_ELSEWHERE;
}

void sight_stir(struct sight *sight, uint64_t at)
{
    sight->asleep = false;
    sight->stirred_at = at;
}

uint64_t sight_next(const struct sight *sight, uint64_t now)
{
    bool busy = now < sight->stirred_at + BUSY_FOR;

    if (sight->asleep)
        return TIME_NEVER;
    if (sight->seen.state == STATE_TIME_WAIT)
        return now + LEFT_IDLE;
    if (sight->interest.soon)
        return now + (busy ? SOON_BUSY : SOON_IDLE);
    return now + (busy ? SLOW_BUSY : SLOW_IDLE);
}
