/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/child.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "relay/relay.h"
#include "relay/worker.h"

/* The kernel's mark of a process that is on its way out (include/linux/sched.h), shown in /proc/PID/stat. */
#define PF_EXITING 0x4u

/* How far into COMMAND's descendants an exit is looked for. */
#define DEPTH_MOST 8
#define PROCESSES_MOST 256

/* ---- who is exiting ---- */

/* Field 3 and field 9 of /proc/PID/stat. A process that is not there any more has exited. */
static bool process_is_exiting(pid_t pid)
{
    char path[64], line[512];
    char state = 'X';
    unsigned flags = PF_EXITING;
    const char *behind_name;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    file = fopen(path, "re");
    if (file == NULL) {
        return true;
    }
    if (fgets(line, sizeof(line), file) != NULL && (behind_name = strrchr(line, ')')) != NULL) {
        (void)sscanf(behind_name + 1, " %c %*d %*d %*d %*d %*d %u", &state, &flags);
    }
    fclose(file);
    return state == 'Z' || state == 'X' || (flags & PF_EXITING) != 0;
}

static bool any_is_exiting(pid_t pid, int depth, int *left);

static bool any_child_is_exiting(const char *path, int depth, int *left)
{
    FILE *file = fopen(path, "re");
    bool found = false;
    int child;

    while (file != NULL && !found && fscanf(file, "%d", &child) == 1) {
        found = any_is_exiting((pid_t)child, depth, left);
    }
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

/* This process or one that descends from it. Each thread's children are listed by themselves. */
static bool any_is_exiting(pid_t pid, int depth, int *left)
{
    char path[320];
    bool found = process_is_exiting(pid);
    const struct dirent *thread;
    DIR *threads;

    if (found || depth == 0 || --*left <= 0) {
        return found;
    }
    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    threads = opendir(path);
    while (threads != NULL && !found && (thread = readdir(threads)) != NULL) {
        if (thread->d_name[0] != '.') {
            snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, thread->d_name);
            found = any_child_is_exiting(path, depth - 1, left);
        }
    }
    if (threads != NULL) {
        closedir(threads);
    }
    return found;
}

static bool child_is_exit(struct judge_exits *exits, const struct notice *ending)
{
    const struct child *child = (const struct child *)(const void *)exits;
    int left = PROCESSES_MOST;

    (void)ending;
    if (child->killed || child->ended) {
        return true;
    }
    return child->pid > 0 && any_is_exiting(child->pid, DEPTH_MOST, &left);
}

/* ---- starting ---- */

/* HANGUP_ and the relay's name in capitals, what no shell takes in a name as `_`. */
static void export_relay(const struct relay *relay)
{
    char name[128];
    size_t at = (size_t)snprintf(name, sizeof(name), "HANGUP_");

    for (const char *c = relay->spec->name; *c != '\0' && at + 1 < sizeof(name); c++) {
        name[at++] = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
    }
    name[at] = '\0';
    setenv(name, relay->text, 1);
}

/* In the child: never returns. */
static void become(char **argv, const struct worker *worker, int report)
{
    sigset_t none;
    int error;

    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGTTOU, SIG_DFL);
    for (const struct relay *relay = worker->relays; relay != NULL; relay = relay->next) {
        export_relay(relay);
    }
    execvp(argv[0], argv);
    error = errno;
    (void)!write(report, &error, sizeof(error));
    _exit(127);
}

static void lend_terminal(struct child *child)
{
    if (isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp()) {
        signal(SIGTTOU, SIG_IGN);
        child->owns_terminal = tcsetpgrp(STDIN_FILENO, child->group) == 0;
    }
}

bool child_start(struct child *child, char **argv, const struct worker *worker)
{
    int report[2], error = 0;
    ssize_t got;

    *child = (struct child){.exits = {.is_exit = child_is_exit}};
    if (pipe2(report, O_CLOEXEC) < 0) {
        return false;
    }
    fflush(NULL);
    child->pid = child->group = fork();
    if (child->pid == 0) {
        become(argv, worker, report[1]);
    }
    error = errno;
    close(report[1]);
    if (child->pid < 0) {
        child->pid = 0;
        close(report[0]);
        errno = error;
        return false;
    }
    setpgid(child->pid, child->pid);
    got = read(report[0], &error, sizeof(error)); /* ends when exec has closed it */
    close(report[0]);
    if (got == sizeof(error)) {
        waitpid(child->pid, NULL, 0);
        child->pid = 0;
        errno = error;
        return false;
    }
    lend_terminal(child);
    return true;
}

bool child_is_over(struct child *child)
{
    if (child->pid > 0 && waitpid(child->pid, &child->status, WNOHANG) == child->pid) {
        child->pid = 0;
        child->ended = true;
    }
    return child->ended;
}

void child_signal(struct child *child, int number)
{
    if (child->pid > 0) {
        child->killed = child->killed || number == SIGTERM || number == SIGKILL || number == SIGINT || number == SIGQUIT;
        kill(-child->group, number);
    }
}

void child_release(struct child *child)
{
    if (child->owns_terminal) {
        tcsetpgrp(STDIN_FILENO, getpgrp());
        child->owns_terminal = false;
    }
}
