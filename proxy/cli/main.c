/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup: looks up the subcommand and runs it. Called by the name toxiproxy-server it is that command. All else is in the commands' own
 * files.
 */
#include "cli/command.h"
#include "cli/help.h"
#include "cli/toxiproxy_server.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

/* Free memory at the end of a heap, bytes, from which it is given back. */
#define TRIM (1024 * 1024)

static bool is_either(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

static int unknown(const char *name)
{
    const char *nearest = command_nearest(name);

    fprintf(stderr, "hangup: there is no command `%s`", name);
    if (nearest)
        fprintf(stderr, "; did you mean `%s`?\n", nearest);
    else
        fprintf(stderr, "; `hangup help` lists them\n");
    return EXIT_USAGE;
}

/* What was printed may not have arrived: a full disk. */
static int finish(int code)
{
    bool lost = fflush(stdout) != 0 || ferror(stdout);

    if (!lost || code != EXIT_WELL)
        return code;
    fprintf(stderr, "hangup: standard output: what was printed could not all be written\n");
    return EXIT_CANNOT_RUN;
}

/* Without its folder. */
static const char *name_of(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;

    return slash ? slash + 1 : path ? path : "";
}

/* A standard stream that was closed would become some socket of ours. */
static void open_standard_streams(void)
{
    int fd = open("/dev/null", O_RDWR);

    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = dup(fd);
    if (fd > STDERR_FILENO)
        close(fd);
}

/* Left to itself the C library keeps twice as much as the largest piece that was ever freed, in each thread, until the end. It also maps
 * pieces of 128 KiB and more from now on, each by itself (mallopt(3)). */
static void give_memory_back(void)
{
    mallopt(M_TRIM_THRESHOLD, TRIM);
}

int main(int argc, char **argv)
{
    const struct command *command;

    open_standard_streams();
    give_memory_back();
    if (strcmp(name_of(argv[0]), command_toxiproxy_server.name) == 0)
        return finish(command_toxiproxy_server.run(argc, argv));
    if (argc < 2) {
        help_overview(stderr);
        return EXIT_USAGE;
    }
    if (is_either(argv[1], "--help", "-h")) {
        help_overview(stdout);
        return finish(EXIT_WELL);
    }
    if (is_either(argv[1], "--version", "-V")) {
        puts(PACKAGE_STRING);
        return finish(EXIT_WELL);
    }
    command = command_find(argv[1]);
    if (!command)
        return unknown(argv[1]);
    if (command_asked_for_help(command, argc - 1, argv + 1))
        return finish(EXIT_WELL);
    return finish(command->run(argc - 1, argv + 1));
}
