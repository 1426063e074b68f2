/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everybody's sockets, sorted by inode: a table of the many processes that have few descriptors, and one of the giants. Each is made by
 * rounds of its own with a rest of its own, so that nobody is found late because of another's ten thousand descriptors.
 */
#include "kernel/processes.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <time.h>

#include "kernel/process.h"
#include "rules/memory.h"

#define NS_PER_S UINT64_C(1000000000)

#define FEW 512 /* descriptors: who has more is a giant */

/* A round has to be followed by a rest that many times as long as it took; what was rested so far, up to so much, counts. Both kinds
 * together take a twentieth of a processor. */
#define REST_RATIO 40
#define REST_KEPT (5 * NS_PER_S)

/* One descriptor of one process. */
struct holding {
    uint64_t inode;
    pid_t pid;
    int fd;
};

struct table {
    struct holding *list;
    size_t count, capacity;
};

struct round {
    struct table table; /* of the last whole one; sorted by inode, pid, descriptor */
    uint64_t seen_from; /* ns: when that began; 0: there was none, or it missed somebody */
    struct table next;  /* of the one that is under way */
    bool under_way;
    uint64_t began;     /* ns: when it began */
    uint64_t cost;      /* ns of processor time: what it has taken so far */
    uint64_t next_walk; /* ns: when all has been rested for; none is begun before then */
};

/* Until a whole round through the giants has seen it, the rounds through the few look at it as well, as far as they look. */
struct giant {
    pid_t pid;
    bool seen;
};

struct processes {
    struct round few, giants;
    DIR *proc;    /* where the round through the few is */
    struct giant *giant;
    size_t giant_count, giant_capacity;
    size_t at;    /* where the round through them is */
};

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

/* What this thread has cost so far: not the time that it had to wait for a processor. */
static uint64_t processor_time(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

struct processes *processes_new(void)
{
    struct processes *processes = xmalloc(sizeof *processes);

    *processes = (struct processes){.proc = NULL};
    return processes;
}

static void round_release(struct round *round)
{
    free(round->table.list);
    free(round->next.list);
}

void processes_free(struct processes *processes)
{
    if (processes == NULL)
        return;
    if (processes->proc != NULL)
        closedir(processes->proc);
    round_release(&processes->few);
    round_release(&processes->giants);
    free(processes->giant);
    free(processes);
}

/* --- rounds --------------------------------------------------------------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
    const struct holding *a = left, *b = right;

    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    return a->pid != b->pid ? (a->pid < b->pid ? -1 : 1) : (a->fd > b->fd) - (a->fd < b->fd);
}

static void add_sockets(struct table *table, pid_t pid, const struct process_socket *list, ssize_t count)
{
    for (ssize_t i = 0; i < count; i++) {
        if (table->count == table->capacity) {
            table->capacity = table->capacity ? 2 * table->capacity : 256;
            table->list = xrealloc(table->list, table->capacity * sizeof *table->list);
        }
        table->list[table->count++] = (struct holding){.inode = list[i].inode, .pid = pid, .fd = list[i].fd};
    }
}

static const struct giant *find_giant(const struct processes *processes, pid_t pid)
{
    size_t i = 0;

    while (i < processes->giant_count && processes->giant[i].pid != pid)
        i++;
    return i < processes->giant_count ? &processes->giant[i] : NULL;
}

/* The last round through the giants has missed it. */
static void add_giant(struct processes *processes, pid_t pid)
{
    if (processes->giant_count == processes->giant_capacity) {
        processes->giant_capacity = processes->giant_capacity ? 2 * processes->giant_capacity : 8;
        processes->giant = xrealloc(processes->giant, processes->giant_capacity * sizeof *processes->giant);
    }
    processes->giant[processes->giant_count++] = (struct giant){.pid = pid};
    processes->giants.seen_from = 0;
}

/* If it is still there, the last round through the few has missed it, and the one that is under way may have. */
static void remove_giant(struct processes *processes, size_t at, bool is_there)
{
    processes->giant[at] = processes->giant[--processes->giant_count];
    if (is_there)
        processes->few.seen_from = processes->few.began = 0;
}

/* False: there is nobody left. */
static bool visit_next(struct processes *processes)
{
    const struct dirent *entry = processes->proc != NULL ? readdir(processes->proc) : NULL;
    pid_t pid = entry != NULL && isdigit((unsigned char)entry->d_name[0]) ? (pid_t)atoi(entry->d_name) : 0;
    const struct giant *giant = find_giant(processes, pid);
    struct process_socket *list;
    ssize_t count;
    size_t seen;

    if (pid == 0 || (giant != NULL && giant->seen))
        return entry != NULL;
    count = process_sockets(pid, FEW + 1, &list, &seen);
    if (seen > FEW && giant == NULL)
        add_giant(processes, pid);
    add_sockets(&processes->few.next, pid, list, count);
    free(list);
    return true;
}

/* Likewise. Who has half of what makes a giant, or is gone, is none any more. */
static bool visit_next_giant(struct processes *processes)
{
    struct process_socket *list;
    ssize_t count;
    size_t seen;
    pid_t pid;

    if (processes->at >= processes->giant_count)
        return false;
    pid = processes->giant[processes->at].pid;
    count = process_sockets(pid, SIZE_MAX, &list, &seen);
    if (seen <= FEW / 2)
        remove_giant(processes, processes->at, count >= 0);
    else
        processes->at++;
    add_sockets(&processes->giants.next, pid, list, count);
    free(list);
    return true;
}

static void begin_round(struct processes *processes, struct round *round)
{
    round->under_way = true;
    round->began = now();
    round->cost = 0;
    processes->at = round == &processes->giants ? 0 : processes->at;
    processes->proc = round == &processes->few ? opendir("/proc") : processes->proc;
}

static void end_round(struct processes *processes, struct round *round)
{
    uint64_t from = now() - REST_KEPT;

    if (round == &processes->few && processes->proc != NULL) {
        closedir(processes->proc);
        processes->proc = NULL;
    }
    for (size_t i = 0; round == &processes->giants && i < processes->giant_count; i++)
        processes->giant[i].seen = true;
    round->under_way = false;
    free(round->table.list);
    round->table = round->next;
    round->next = (struct table){.list = NULL};
    round->seen_from = round->began;
    round->next_walk = (round->next_walk > from ? round->next_walk : from) + round->cost * REST_RATIO;
    if (round->table.count > 0)
        qsort(round->table.list, round->table.count, sizeof *round->table.list, compare);
}

static bool there_are_giants(const struct processes *processes)
{
    return processes->giants.under_way || processes->giant_count > 0;
}

/* Whose turn it is: a round through the giants that is under way waits for the few as soon as these are due. */
static bool is_the_giants_turn(const struct processes *processes)
{
    if (processes->giants.under_way)
        return !processes->few.under_way && processes->few.next_walk > now();
    return there_are_giants(processes) && processes->giants.next_walk < processes->few.next_walk;
}

bool processes_walk(struct processes *processes, uint64_t slice)
{
    bool giants = is_the_giants_turn(processes), more = true;
    struct round *round = giants ? &processes->giants : &processes->few;
    uint64_t started = processor_time(), taken = 0;

    if (!round->under_way)
        begin_round(processes, round);
    while (more && taken < slice) {
        more = giants ? visit_next_giant(processes) : visit_next(processes);
        taken = processor_time() - started;
    }
    round->cost += taken;
    if (!more)
        end_round(processes, round);
    return !more;
}

static bool are_seen_since(const struct processes *processes, uint64_t time)
{
    return processes->few.seen_from > time && (processes->giant_count == 0 || processes->giants.seen_from > time);
}

void processes_walk_all(struct processes *processes)
{
    uint64_t start = now() - 1;

    while (!are_seen_since(processes, start))
        processes_walk(processes, UINT64_MAX);
}

uint64_t processes_next_slice(const struct processes *processes)
{
    uint64_t few = processes->few.under_way ? 0 : processes->few.next_walk;
    uint64_t giants = processes->giants.under_way ? 0 : processes->giants.next_walk;

    return there_are_giants(processes) && giants < few ? giants : few;
}

/* --- owners -------------------------------------------------------------------------------------------------------------------------- */

/* The first that holds it, or the table's end. */
static const struct holding *first_holding(const struct table *table, uint64_t inode)
{
    size_t low = 0, high = table->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->list[middle].inode < inode)
            low = middle + 1;
        else
            high = middle;
    }
    return table->list + low;
}

static bool is_held(const struct table *table, uint64_t inode, pid_t pid)
{
    const struct holding *at = first_holding(table, inode), *end = table->list + table->count;

    while (at < end && at->inode == inode && (at->pid != pid || !process_has_socket(pid, at->fd, inode)))
        at++;
    return at < end && at->inode == inode;
}

/* By a round's table. Who became a giant, or is none any more, may be in both: `other`, or NULL, was asked before. */
static void find_holders(const struct table *table, const struct table *other, uint64_t inode, struct owner *owner)
{
    pid_t last = 0;

    for (const struct holding *at = first_holding(table, inode); at < table->list + table->count && at->inode == inode; at++) {
        if (at->pid == last || !process_has_socket(at->pid, at->fd, inode) || (other != NULL && is_held(other, inode, at->pid)))
            continue;
        last = at->pid;
        if (owner->pid != 0) {
            owner->others++;
        } else if (process_name(at->pid, owner->name)) {
            owner->pid = at->pid;
            owner->fd = at->fd;
        }
    }
}

int processes_owner(const struct processes *processes, uint64_t inode, uint64_t asked_at, struct owner *owner)
{
    *owner = (struct owner){.fd = -1};
    if (inode == 0)
        return 0;
    find_holders(&processes->few.table, NULL, inode, owner);
    find_holders(&processes->giants.table, &processes->few.table, inode, owner);
    if (owner->pid != 0)
        return 1;
    return are_seen_since(processes, asked_at) ? 0 : -1;
}
