/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two times of observation, one behind the other, in which a process does nothing but spin.
 */
#include "relay/spin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "relay/timers.h"

#define OBSERVED (400 * NS_PER_MS) /* one time of observation */
#define FORGOTTEN (5 * NS_PER_S)    /* who was not suspected for so long begins anew */
#define READS_LEAST 500            /* in a second, and fewer bytes than reads */

/* Hundredths of the time: awake (running, or waiting for a processor), and in the kernel of what it ran. */
#define AWAKE_LEAST 85
#define KERNEL_LEAST 20

/* In a second: who sleeps more often waits for something, who is given more pages is using memory. */
#define SLEEPS_MOST 20
#define FAULTS_MOST 200

/* What a process did in a time. */
struct doing {
    uint64_t time, awake, used, kernel; /* ns */
    uint64_t reads, bytes;              /* read() and its like */
    uint64_t sleeps, faults;
};

static struct doing doing_of(const struct effort *before, const struct effort *after)
{
    return (struct doing){
        .time = after->at - before->at,
        .awake = after->awake - before->awake,
        .used = after->user + after->kernel - before->user - before->kernel,
        .kernel = after->kernel - before->kernel,
        .reads = after->reads - before->reads,
        .bytes = after->read + after->written - before->read - before->written,
        .sleeps = after->sleeps - before->sleeps,
        .faults = after->faults - before->faults,
    };
}

/* All bytes that its TCP sockets have taken in and sent so far. */
static uint64_t bytes_moved(struct sockets *sockets, pid_t pid)
{
    struct process_socket *own;
    struct socket_list found = {.list = NULL};
    ssize_t count = process_sockets(pid, SIZE_MAX, &own, NULL);
    uint64_t moved = 0;

    if (count > 0 && sockets_dump(sockets, &(struct sockets_wanted){.detailed = true}, &found) == 0) {
        for (size_t i = 0; i < found.count; i++) {
            for (ssize_t j = 0; j < count; j++)
                moved += own[j].inode == found.list[i].inode ? found.list[i].received + found.list[i].sent : 0;
        }
    }
    socket_list_release(&found);
    free(own);
    return moved;
}

static uint64_t hundredths(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100 * part / whole : 0;
}

static bool reads_nothing(const struct doing *doing)
{
    return doing->reads * NS_PER_S >= READS_LEAST * doing->time && doing->bytes < doing->reads;
}

static bool calls_for_nothing(const struct doing *doing)
{
    return hundredths(doing->awake, doing->time) >= AWAKE_LEAST && hundredths(doing->kernel, doing->used) >= KERNEL_LEAST
        && doing->bytes == 0 && doing->sleeps * NS_PER_S <= SLEEPS_MOST * doing->time
        && doing->faults * NS_PER_S <= FAULTS_MOST * doing->time;
}

static void say(const struct owner *owner, const struct doing *doing, char text[SPIN_TEXT])
{
    if (reads_nothing(doing))
        snprintf(text, SPIN_TEXT, "pid %d %s spins: %" PRIu64 " reads in %.1f s that returned nothing, while fd %d is at its end",
            (int)owner->pid, owner->name, doing->reads, (double)doing->time / (double)NS_PER_S, owner->fd);
    else
        snprintf(text, SPIN_TEXT, "pid %d %s spins: it never sleeps, is in the kernel for %" PRIu64 " %% of its time, and moves no byte, "
            "while fd %d is at its end", (int)owner->pid, owner->name, hundredths(doing->kernel, doing->used), owner->fd);
}

/* The end of a time of observation. True: it is the second of two in which it spun. */
static bool judge(struct spin *spin, const struct effort *now, struct sockets *sockets, struct doing *doing)
{
    uint64_t moved = 0;
    bool idle;

    *doing = doing_of(&spin->before, now);
    idle = spin->before.at != 0 && (reads_nothing(doing) || calls_for_nothing(doing));
    if (idle)
        moved = bytes_moved(sockets, spin->pid);
    spin->found = idle && spin->suspected && moved == spin->moved;
    spin->before = *now;
    spin->moved = moved;
    spin->suspected = idle;
    return spin->found;
}

/* Its place among the suspects; it has not been one for a while: a new one. */
static struct spin *find(struct spins *spins, pid_t pid, uint64_t at)
{
    struct spin *oldest = &spins->list[0];

    for (size_t i = 0; i < SPINS_MOST; i++) {
        struct spin *spin = &spins->list[i];
        if (spin->pid == pid && at < spin->looked_at + FORGOTTEN)
            return spin;
        if (spin->looked_at < oldest->looked_at)
            oldest = spin;
    }
    *oldest = (struct spin){.pid = pid};
    return oldest;
}

bool spins_look(struct spins *spins, const struct owner *owner, struct sockets *sockets, uint64_t at, char text[SPIN_TEXT])
{
    struct spin *spin = find(spins, owner->pid, at);
    struct effort now;
    struct doing doing;

    spin->looked_at = at;
    if (spin->found || (spin->before.at != 0 && at < spin->before.at + OBSERVED) || !process_effort(owner->pid, &now)
        || !judge(spin, &now, sockets, &doing))
        return false;
    say(owner, &doing, text);
    return true;
}
