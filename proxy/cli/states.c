/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup states [PID|PORT]: reads the command line, and has the roll called.
 */
#include "cli/states.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/roll.h"

#define SHOWN 10 /* sockets of one process in one state, unless --all */

struct line {
    struct roll_wanted wanted;
    bool all;
};

/* A positive number, or 0. */
static long read_number(const char *text, long most)
{
    char *end;
    long number = strtol(text, &end, 10);

    return *text >= '0' && *text <= '9' && *end == '\0' && number > 0 && number <= most ? number : 0;
}

static bool is_process(long number)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/%ld", number);
    return access(path, F_OK) == 0;
}

static bool is_port_in_use(long number)
{
    struct roll roll;
    bool found = number <= UINT16_MAX && roll_call(&roll, &(struct roll_wanted){.port = (uint16_t)number});

    if (found) {
        found = roll.count > 0;
        roll_release(&roll);
    }
    return found;
}

/* A number by itself is what there is of that number. */
static int read_argument(struct line *line, const char *text)
{
    long number = read_number(text, INT32_MAX);
    bool process = number > 0 && is_process(number), port = number > 0 && is_port_in_use(number);

    if (number == 0)
        return command_wrong(&command_states, "%s is neither a process's number nor a port", text);
    if (process && port)
        return command_wrong(&command_states, "%ld is a process and a port: write --pid %ld or --port %ld", number, number, number);
    if (!process && !port) {
        fprintf(stderr, "hangup states: there is no process %ld, and no socket on that port\n", number);
        return EXIT_USAGE;
    }
    if (process)
        line->wanted.pid = (pid_t)number;
    else
        line->wanted.port = (uint16_t)number;
    return EXIT_WELL;
}

static int show(const struct line *line)
{
    struct roll roll;

    if (!roll_call(&roll, &line->wanted)) {
        if (line->wanted.pid != 0 && (errno == EACCES || errno == ENOENT))
            fprintf(stderr, "hangup states: process %d %s\n", (int)line->wanted.pid,
                errno == ENOENT ? "does not exist" : "may not be looked into: it is another user's; try it as root");
        else
            fprintf(stderr, "hangup states: the kernel does not show its sockets: %s\n", strerror(errno));
        return EXIT_CANNOT_RUN;
    }
    if (isatty(STDOUT_FILENO))
        roll_print(stdout, &roll, line->all ? SIZE_MAX : SHOWN);
    else
        roll_print_fields(stdout, &roll);
    if (roll.count == 0 && isatty(STDOUT_FILENO))
        puts("no TCP socket");
    roll_release(&roll);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "hangup states: standard output: %s\n", strerror(errno));
        return EXIT_CANNOT_RUN;
    }
    return EXIT_WELL;
}

static int read_options(struct line *line, int argc, char **argv)
{
    static const struct option options[] = {{"pid", required_argument, NULL, 'p'}, {"port", required_argument, NULL, 'o'},
        {"all", no_argument, NULL, 'a'}, {NULL, 0, NULL, 0}};
    int option;

    opterr = 0;
    optind = 0; /* GNU: begin anew, and options may stand behind the argument */
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == 'a')
            line->all = true;
        else if (option == 'p' && (line->wanted.pid = (pid_t)read_number(optarg, INT32_MAX)) == 0)
            return command_wrong(&command_states, "--pid %s: write a process's number", optarg);
        else if (option == 'o' && (line->wanted.port = (uint16_t)read_number(optarg, UINT16_MAX)) == 0)
            return command_wrong(&command_states, "--port %s: write a port, 1 to 65535", optarg);
        else if (option == ':')
            return command_wrong(&command_states, "%s wants a number", argv[optind - 1]);
        else if (option == '?')
            return command_wrong(&command_states, "there is no option %s", argv[optind - 1]);
    }
    return EXIT_WELL;
}

static int run_states(int argc, char **argv)
{
    struct line line = {.all = false};
    int code = read_options(&line, argc, argv);

    if (code == EXIT_WELL && optind < argc - 1)
        return command_wrong(&command_states, "one process or port at a time");
    if (code == EXIT_WELL && optind < argc)
        code = read_argument(&line, argv[optind]);
    return code == EXIT_WELL ? show(&line) : code;
}

const struct command command_states = {
    .name = "states",
    .arguments = "[--all] [--pid PID] [--port PORT] [PID | PORT]",
    .summary = "shows the TCP states of a process's sockets, or of all on a port, or of all there are",
    .help = "For people: by process, how many are in each state, and the sockets in states that should not last, the oldest first. In a\n"
            "pipe: a line for each socket, tabs between its fields; see hangup(1).\n"
            "  --pid PID     only what that process has open; a bare number means it, unless it is a port in use\n"
            "  --port PORT   only what has that port at either end\n"
            "  --all         shows every socket of a state, not only 10\n",
    .run = run_states,
};
