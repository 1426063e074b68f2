/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/PID/fd: what is open where. One walk through all of it makes a table, sorted by inode.
 */
#include "kernel/processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rules/memory.h"

#define NS_PER_S UINT64_C(1000000000)
#define PAUSE_LEAST UINT64_C(20000000) /* ns between two walks */
#define PAUSE_RATIO 20                 /* and that many times as long as a walk takes */

/* One descriptor of one process. */
struct holding {
    uint64_t inode;
    pid_t pid;
    int fd;
};

struct processes {
    struct holding *table; /* sorted by inode, pid, descriptor */
    size_t count, capacity;
    uint64_t next_walk; /* ns: not before then */
};

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

struct processes *processes_new(void)
{
    struct processes *processes = xmalloc(sizeof *processes);

    *processes = (struct processes){.table = NULL};
    return processes;
}

void processes_free(struct processes *processes)
{
    if (processes == NULL)
        return;
    free(processes->table);
    free(processes);
}

/* --- one process --------------------------------------------------------------------------------------------------------------------- */

/* The inode of a descriptor that is a socket, else 0. */
static uint64_t socket_inode(int folder, const char *fd)
{
    char target[64];
    uint64_t inode = 0;
    ssize_t length = readlinkat(folder, fd, target, sizeof target - 1);

    if (length <= 0)
        return 0;
    target[length] = '\0';
    return sscanf(target, "socket:[%" SCNu64 "]", &inode) == 1 ? inode : 0;
}

ssize_t process_sockets(pid_t pid, struct process_socket **list)
{
    char path[32];
    size_t count = 0, capacity = 0;
    const struct dirent *entry;
    DIR *folder;

    *list = NULL;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    folder = opendir(path);
    if (folder == NULL)
        return -1;
    while ((entry = readdir(folder)) != NULL) {
        uint64_t inode = entry->d_name[0] == '.' ? 0 : socket_inode(dirfd(folder), entry->d_name);
        if (inode == 0)
            continue;
        if (count == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            *list = xrealloc(*list, capacity * sizeof **list);
        }
        (*list)[count++] = (struct process_socket){.inode = inode, .fd = atoi(entry->d_name)};
    }
    closedir(folder);
    return (ssize_t)count;
}

/* Any process may give itself any name. */
static void make_printable(char *name)
{
    for (char *c = name; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
            *c = '?';
    }
}

/* The start of a file of /proc/PID. False: there is no such process, or it may not be read. */
static bool read_file(pid_t pid, const char *name, char *text, size_t size)
{
    char path[48];
    ssize_t got;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    got = read(fd, text, size - 1);
    close(fd);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

bool process_name(pid_t pid, char name[PROCESS_NAME])
{
    if (!read_file(pid, "comm", name, PROCESS_NAME))
        return false;
    name[strcspn(name, "\n")] = '\0';
    make_printable(name);
    return true;
}

bool process_time(pid_t pid, uint64_t *used)
{
    char text[1024];
    const char *behind_name;
    uint64_t user, system;

    /* Fields 14 and 15 of proc(5)'s stat, in clock ticks; the name in front of them may hold anything. */
    if (!read_file(pid, "stat", text, sizeof text) || (behind_name = strrchr(text, ')')) == NULL)
        return false;
    if (sscanf(behind_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64, &user, &system) != 2)
        return false;
    *used = (user + system) * (NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK));
    return true;
}

/* --- all of them --------------------------------------------------------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
    const struct holding *a = left, *b = right;

    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    return a->pid != b->pid ? (a->pid < b->pid ? -1 : 1) : (a->fd > b->fd) - (a->fd < b->fd);
}

static void add_process(struct processes *processes, pid_t pid)
{
    struct process_socket *list;
    ssize_t count = process_sockets(pid, &list);

    for (ssize_t i = 0; i < count; i++) {
        if (processes->count == processes->capacity) {
            processes->capacity = processes->capacity ? 2 * processes->capacity : 256;
            processes->table = xrealloc(processes->table, processes->capacity * sizeof *processes->table);
        }
        processes->table[processes->count++] = (struct holding){.inode = list[i].inode, .pid = pid, .fd = list[i].fd};
    }
    free(list);
}

static void walk(struct processes *processes)
{
    uint64_t started = now(), pause;
    const struct dirent *entry;
    DIR *proc = opendir("/proc");

    processes->count = 0;
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        if (isdigit((unsigned char)entry->d_name[0]))
            add_process(processes, (pid_t)atoi(entry->d_name));
    }
    if (proc != NULL)
        closedir(proc);
    if (processes->count > 0)
        qsort(processes->table, processes->count, sizeof *processes->table, compare);
    pause = (now() - started) * PAUSE_RATIO;
    processes->next_walk = now() + (pause > PAUSE_LEAST ? pause : PAUSE_LEAST);
}

/* The first that holds it, or NULL. */
static const struct holding *first_holding(const struct processes *processes, uint64_t inode)
{
    size_t low = 0, high = processes->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (processes->table[middle].inode < inode)
            low = middle + 1;
        else
            high = middle;
    }
    return low < processes->count && processes->table[low].inode == inode ? &processes->table[low] : NULL;
}

static bool still_holds(const struct holding *holding)
{
    char path[48];

    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)holding->pid, holding->fd);
    return socket_inode(AT_FDCWD, path) == holding->inode;
}

/* From the table: the first that still holds it, and how many other processes do. */
static bool remembered_owner(const struct processes *processes, uint64_t inode, struct owner *owner)
{
    const struct holding *end = processes->table + processes->count, *holding = first_holding(processes, inode);
    pid_t last = 0;

    *owner = (struct owner){.fd = -1};
    for (; holding != NULL && holding < end && holding->inode == inode; holding++) {
        if (holding->pid == last || !still_holds(holding))
            continue;
        last = holding->pid;
        if (owner->pid != 0) {
            owner->others++;
        } else if (process_name(holding->pid, owner->name)) {
            owner->pid = holding->pid;
            owner->fd = holding->fd;
        }
    }
    return owner->pid != 0;
}

bool processes_owner(struct processes *processes, uint64_t inode, struct owner *owner)
{
    if (inode != 0 && remembered_owner(processes, inode, owner))
        return true;
    if (inode == 0 || now() < processes->next_walk)
        return false;
    walk(processes);
    return remembered_owner(processes, inode, owner);
}
