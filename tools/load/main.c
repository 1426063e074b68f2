/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup's load generator: `load serve` and `load host` are servers, `load relay` is a relay with nothing to it; the other commands are
 * clients that reach a server through a relay, or directly, and print what they measured as JSON. tools/bench runs them. It judges nothing.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/load/job.h"
#include "tools/load/sockets.h"

static const struct client {
    const char *name;
    void (*run)(const struct job *job);
    const char *help;
} clients[] = {
    {"bulk", bulk, "sends as fast as it can"},
    {"ask", ask, "a message there and back, and the next one"},
    {"connect", connects, "connects, has a byte sent back, closes; so many at a time"},
    {"idle", idle, "opens links and keeps them until its input ends"},
    {"delay", delay, "how long messages are on their way"},
    {"pull", pull, "reads as fast as it comes"},
    {"soak", soak, "many links that do all sorts of things, to the server `load host`; looks whether each byte has come"},
};

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: load serve | load host SECONDS | load relay ADDRESS SERVER\n"
        "       load CLIENT [-n LINKS] [-t SECONDS] [OPTION…] ADDRESS\n");
    for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++)
        fprintf(stderr, "  %-8s %s\n", clients[i].name, clients[i].help);
    fprintf(stderr, "-n: how many links (1); -t: for so long (3); -e: delay, from a message to its link's next (0: when it came)\n"
        "-k, -b: soak, how many rules keep what is said, and break it: 127.1.1.1 and on, 127.2.1.1 and on (0)\n");
    exit(2);
}

static const struct client *find_client(const char *name)
{
    for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++)
        if (strcmp(clients[i].name, name) == 0)
            return &clients[i];
    usage();
}

static struct job parse_job(int argc, char **argv)
{
    struct job job = {.links = 1, .length = 3000000000u};
    int option;

    while ((option = getopt(argc, argv, "n:t:e:k:b:")) != -1) {
        if (option == 'n')
            job.links = atoi(optarg);
        else if (option == 't')
            job.length = (uint64_t)(atof(optarg) * 1e9);
        else if (option == 'e')
            job.every = (uint64_t)(atof(optarg) * 1e6);
        else if (option == 'k')
            job.touched.kept = atoi(optarg);
        else if (option == 'b')
            job.touched.broken = atoi(optarg);
        else
            usage();
    }
    if (optind != argc - 1 || job.links < 1)
        usage();
    job.address = sockets_parse(argv[optind]);
    return job;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && strcmp(argv[1], "serve") == 0)
        serve();
    if (argc == 3 && strcmp(argv[1], "host") == 0)
        host((uint64_t)(atof(argv[2]) * 1e9));
    if (argc == 4 && strcmp(argv[1], "relay") == 0)
        relay(sockets_parse(argv[2]), sockets_parse(argv[3]));
    if (argc < 2)
        usage();
    const struct client *client = find_client(argv[1]);
    struct job job = parse_job(argc - 1, argv + 1);
    client->run(&job);
    return 0;
}
