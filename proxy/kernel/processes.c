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
#define THREADS_MOST 258 /* with . and .. */

/* A walk has to be followed by a rest that many times as long as it took; what was rested so far, up to so much, counts. */
#define REST_RATIO 20
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

struct processes {
    struct table table; /* of the last whole walk; sorted by inode, pid, descriptor */
    uint64_t seen_from; /* ns: when that began; 0: there was none */
    struct table next;  /* of the walk that is under way */
    DIR *proc;          /* where that is; NULL: there is none */
    uint64_t began;     /* ns: when it began */
    uint64_t cost;      /* ns of processor time: what it has taken so far */
    uint64_t next_walk; /* ns: when all has been rested for; none is begun before then */
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

void processes_free(struct processes *processes)
{
    if (processes == NULL)
        return;
    if (processes->proc != NULL)
        closedir(processes->proc);
    free(processes->table.list);
    free(processes->next.list);
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
    char path[96];
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

/* Fields 10, 14 and 15 of proc(5)'s stat, times in clock ticks; the name in front of them may hold anything. */
static bool read_times(pid_t pid, struct effort *effort)
{
    uint64_t tick = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    char text[1024];
    const char *behind_name;

    if (!read_file(pid, "stat", text, sizeof text) || (behind_name = strrchr(text, ')')) == NULL)
        return false;
    if (sscanf(behind_name + 1, " %*c %*d %*d %*d %*d %*d %*u %" SCNu64 " %*u %*u %*u %" SCNu64 " %" SCNu64, &effort->faults, &effort->user,
            &effort->kernel) != 3)
        return false;
    effort->user *= tick;
    effort->kernel *= tick;
    return true;
}

static bool read_bytes(pid_t pid, struct effort *effort)
{
    char text[1024];

    return read_file(pid, "io", text, sizeof text)
        && sscanf(text, "rchar: %" SCNu64 " wchar: %" SCNu64 " syscr: %" SCNu64, &effort->read, &effort->written, &effort->reads) == 3;
}

static void add_thread(pid_t pid, const char *thread, struct effort *effort)
{
    char name[64], text[4096];
    uint64_t ran, waited, sleeps;
    const char *line;

    snprintf(name, sizeof name, "task/%.16s/schedstat", thread);
    if (read_file(pid, name, text, sizeof text) && sscanf(text, "%" SCNu64 " %" SCNu64, &ran, &waited) == 2)
        effort->awake += ran + waited;
    snprintf(name, sizeof name, "task/%.16s/status", thread);
    if (read_file(pid, name, text, sizeof text) && (line = strstr(text, "\nvoluntary_ctxt_switches:")) != NULL
        && sscanf(line, " voluntary_ctxt_switches: %" SCNu64, &sleeps) == 1)
        effort->sleeps += sleeps;
}

bool process_effort(pid_t pid, struct effort *effort)
{
    char path[48];
    const struct dirent *entry;
    int left = THREADS_MOST;
    DIR *threads;

    *effort = (struct effort){.at = now()};
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    if (!read_times(pid, effort) || !read_bytes(pid, effort) || (threads = opendir(path)) == NULL)
        return false;
    while (left-- > 0 && (entry = readdir(threads)) != NULL) {
        if (entry->d_name[0] != '.')
            add_thread(pid, entry->d_name, effort);
    }
    closedir(threads);
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

static void add_process(struct table *table, pid_t pid)
{
    struct process_socket *list;
    ssize_t count = process_sockets(pid, &list);

    for (ssize_t i = 0; i < count; i++) {
        if (table->count == table->capacity) {
            table->capacity = table->capacity ? 2 * table->capacity : 256;
            table->list = xrealloc(table->list, table->capacity * sizeof *table->list);
        }
        table->list[table->count++] = (struct holding){.inode = list[i].inode, .pid = pid, .fd = list[i].fd};
    }
    free(list);
}

static void end_walk(struct processes *processes)
{
    struct table old = processes->table;
    uint64_t from = now() - REST_KEPT;

    if (processes->proc != NULL)
        closedir(processes->proc);
    processes->proc = NULL;
    processes->table = processes->next;
    processes->next = old;
    processes->seen_from = processes->began;
    processes->next_walk = (processes->next_walk > from ? processes->next_walk : from) + processes->cost * REST_RATIO;
    if (processes->table.count > 0)
        qsort(processes->table.list, processes->table.count, sizeof *processes->table.list, compare);
}

bool processes_walk(struct processes *processes, uint64_t slice)
{
    uint64_t started = processor_time(), taken = 0;
    const struct dirent *entry = NULL;

    if (processes->proc == NULL) {
        processes->next.count = 0;
        processes->began = now();
        processes->cost = 0;
        processes->proc = opendir("/proc");
    }
    while (taken < slice && processes->proc != NULL && (entry = readdir(processes->proc)) != NULL) {
        if (isdigit((unsigned char)entry->d_name[0]))
            add_process(&processes->next, (pid_t)atoi(entry->d_name));
        taken = processor_time() - started;
    }
    processes->cost += taken;
    if (entry != NULL)
        return false;
    end_walk(processes);
    return true;
}

uint64_t processes_next_slice(const struct processes *processes)
{
    return processes->proc != NULL ? 0 : processes->next_walk;
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

static bool still_holds(const struct holding *holding)
{
    char path[48];

    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)holding->pid, holding->fd);
    return socket_inode(AT_FDCWD, path) == holding->inode;
}

int processes_owner(const struct processes *processes, uint64_t inode, uint64_t asked_at, struct owner *owner)
{
    const struct table *table = &processes->table;
    pid_t last = 0;

    *owner = (struct owner){.fd = -1};
    if (inode == 0)
        return 0;
    for (const struct holding *at = first_holding(table, inode); at < table->list + table->count && at->inode == inode; at++) {
        if (at->pid == last || !still_holds(at))
            continue;
        last = at->pid;
        if (owner->pid != 0) {
            owner->others++;
        } else if (process_name(at->pid, owner->name)) {
            owner->pid = at->pid;
            owner->fd = at->fd;
        }
    }
    if (owner->pid != 0)
        return 1;
    return processes->seen_from > asked_at ? 0 : -1;
}
