/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/PID: its fd, comm, stat, io and task.
 */
#include "kernel/process.h"

#include <dirent.h>
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

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

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

ssize_t process_sockets(pid_t pid, size_t most, struct process_socket **list, size_t *looked_at)
{
    char path[32];
    size_t count = 0, capacity = 0, seen = 0;
    const struct dirent *entry;
    DIR *folder;

    *list = NULL;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    folder = opendir(path);
    while (folder != NULL && seen < most && (entry = readdir(folder)) != NULL) {
        uint64_t inode;
        if (entry->d_name[0] == '.')
            continue;
        seen++;
        inode = socket_inode(dirfd(folder), entry->d_name);
        if (inode == 0)
            continue;
        if (count == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            *list = xrealloc(*list, capacity * sizeof **list);
        }
        (*list)[count++] = (struct process_socket){.inode = inode, .fd = atoi(entry->d_name)};
    }
    if (looked_at != NULL)
        *looked_at = seen;
    if (folder == NULL)
        return -1;
    closedir(folder);
    return (ssize_t)count;
}

bool process_has_socket(pid_t pid, int fd, uint64_t inode)
{
    char path[48];

    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
    return socket_inode(AT_FDCWD, path) == inode;
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
