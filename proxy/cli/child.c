/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * COMMAND: starting it, its terminal and its signals, and whether an ending comes from an exit, which /proc tells.
 */
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

enum life { LIFE_LIVES, LIFE_EXITS, LIFE_ZOMBIE };

/* Field 3 and field 9 of /proc/PID/stat. A process that is not there any more has exited. */
static enum life look_at(pid_t pid)
{
    char path[64], line[512];
    char state = 'R';
    unsigned flags = 0;
    const char *behind_name;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    file = fopen(path, "re");
    if (file == NULL) {
        return errno == ENOENT || errno == ESRCH ? LIFE_EXITS : LIFE_LIVES;
    }
    if (fgets(line, sizeof(line), file) != NULL && (behind_name = strrchr(line, ')')) != NULL) {
        (void)sscanf(behind_name + 1, " %c %*d %*d %*d %*d %*d %u", &state, &flags);
    }
    fclose(file);
    if (state == 'Z' || state == 'X') {
        return LIFE_ZOMBIE;
    }
    return (flags & PF_EXITING) != 0 ? LIFE_EXITS : LIFE_LIVES;
}

/* A zombie has closed its sockets when it became one: it counts when it is first seen. */
static bool is_new_zombie(struct child *child, pid_t pid)
{
    size_t kept = child->zombie_count < CHILD_ZOMBIES ? child->zombie_count : CHILD_ZOMBIES;

    for (size_t i = 0; i < kept; i++) {
        if (child->zombies[i] == pid) {
            return false;
        }
    }
    child->zombies[child->zombie_count++ % CHILD_ZOMBIES] = pid;
    return true;
}

static bool any_is_exiting(struct child *child, pid_t pid, int depth, int *left);

static bool any_child_is_exiting(struct child *child, const char *path, int depth, int *left)
{
    FILE *file = fopen(path, "re");
    bool found = false;
    int pid;

    while (file != NULL && !found && fscanf(file, "%d", &pid) == 1) {
        found = any_is_exiting(child, (pid_t)pid, depth, left);
    }
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

/* Each thread's children are listed by themselves. */
static bool descendant_is_exiting(struct child *child, pid_t pid, int depth, int *left)
{
    char path[320];
    bool found = false;
    const struct dirent *thread;
    DIR *threads;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    threads = opendir(path);
    while (threads != NULL && !found && (thread = readdir(threads)) != NULL) {
        if (thread->d_name[0] != '.') {
            snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, thread->d_name);
            found = any_child_is_exiting(child, path, depth, left);
        }
    }
    if (threads != NULL) {
        closedir(threads);
    }
    return found;
}

/* This process or one that descends from it. */
static bool any_is_exiting(struct child *child, pid_t pid, int depth, int *left)
{
    enum life life = look_at(pid);

    if (life == LIFE_ZOMBIE) {
        return pid == child->pid || is_new_zombie(child, pid);
    }
    return life == LIFE_EXITS || (depth > 0 && --*left > 0 && descendant_is_exiting(child, pid, depth - 1, left));
}

void child_look_around(struct child *child)
{
    int left = PROCESSES_MOST, tries = CHILD_ZOMBIES;

    while (child->pid > 0 && tries-- > 0 && any_is_exiting(child, child->pid, DEPTH_MOST, &left)) { /* it stops at each one that is new */
    }
}

static bool child_is_exit(struct judge_exits *exits, const struct notice *ending)
{
    struct child *child = (struct child *)(void *)exits;
    int left = PROCESSES_MOST;

    (void)ending;
    if (child->killed || child->ended) {
        return true;
    }
    return child->pid > 0 && any_is_exiting(child, child->pid, DEPTH_MOST, &left);
}

/* ---- starting ---- */

/* HANGUP_ and the relay's name in capitals, what no shell takes in a name as `_`. */
struct variable {
    char name[128];
};

static struct variable variable_of(const struct relay_spec *relay)
{
    struct variable variable = {"HANGUP_"};
    size_t at = strlen(variable.name);

    for (const char *c = relay->name; *c != '\0' && at + 1 < sizeof(variable.name); c++) {
        variable.name[at++] = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
    }
    return variable;
}

bool child_names_differ(const struct ruleset *rules)
{
    for (size_t i = 0; i < rules->relay_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(variable_of(&rules->relays[i]).name, variable_of(&rules->relays[j]).name) == 0) {
                fprintf(stderr, "hangup: relays %s and %s would both be %s in COMMAND's environment: rename one\n", rules->relays[j].name,
                    rules->relays[i].name, variable_of(&rules->relays[i]).name);
                return false;
            }
        }
    }
    return true;
}

/* In the child: never returns. */
static void become(char **argv, const struct worker *worker, const struct rlimit *files, bool foreground, int report)
{
    sigset_t none;
    int error;

    setpgid(0, 0);
    setrlimit(RLIMIT_NOFILE, files);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (foreground) { /* by both of us: whoever is first */
        signal(SIGTTOU, SIG_IGN);
        tcsetpgrp(STDIN_FILENO, getpgrp());
    }
    signal(SIGTTOU, SIG_DFL);
    for (const struct relay *relay = worker->relays; relay != NULL; relay = relay->next) {
        setenv(variable_of(relay->spec).name, relay->text, 1);
    }
    execvp(argv[0], argv);
    error = errno;
    (void)!write(report, &error, sizeof(error));
    _exit(127);
}

static void lend_terminal(struct child *child)
{
    signal(SIGTTOU, SIG_IGN);
    child->owns_terminal = tcsetpgrp(STDIN_FILENO, child->group) == 0;
}

bool child_start(struct child *child, char **argv, const struct worker *worker, const struct rlimit *files)
{
    bool foreground = isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
    int report[2], error = 0;
    ssize_t got;

    *child = (struct child){.exits = {.is_exit = child_is_exit}};
    if (pipe2(report, O_CLOEXEC) < 0) {
        return false;
    }
    fflush(NULL);
    child->pid = child->group = fork();
    if (child->pid == 0) {
        become(argv, worker, files, foreground, report[1]);
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
    if (foreground) {
        lend_terminal(child);
    }
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

bool child_left_behind(const struct child *child)
{
    return child->group > 0 && kill(-child->group, 0) == 0;
}

void child_kill_left_behind(const struct child *child)
{
    if (child->group > 0) {
        kill(-child->group, SIGKILL);
    }
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
