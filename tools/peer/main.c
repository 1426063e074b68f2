/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup-peer: a TCP application that does what a script says and prints what each system call returned. It is what the end-to-end
 * tests put at both sides of hangup, and handy for finding out what a socket shows. It knows nothing of hangup.
 */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/peer/clock.h"
#include "tools/peer/script.h"

enum { EXIT_UNEXPECTED = 1, EXIT_USAGE = 2 };

static const char usage[] =
    "usage: hangup-peer [OPTION…] [COMMAND…]\n"
    "A TCP application that does what a script says and prints what each call returned.\n"
    "\n"
    "Each COMMAND is one line of the script (quote it); without one the script is read from\n"
    "--file or from standard input. A line is\n"
    "\n"
    "    [NAME:] COMMAND ARGUMENT… [within TIME] [=> RESULT [or RESULT]…]     # comment\n"
    "\n"
    "NAME is a connection's, for scripts with several. A line waits up to TIME. $NAME is an\n"
    "environment variable. With => RESULT, any other result ends the script with exit code 1;\n"
    "without, only a timeout does. Each line is printed with its result, so that an output is\n"
    "a script again, but for the line `listening ADDRESS`. Exit code 2: the script or an option\n"
    "is wrong, and nothing was run.\n"
    "\n"
    "Options:\n"
    "  -f, --file FILE      read the script from FILE\n"
    "  -m, --meet FOLDER    where `post` and `await` of two peers meet\n"
    "  -r, --ready-fd N     write `listening ADDRESS` there (default: standard output)\n"
    "  -l, --limit TIME     what a line may take (default 10s)\n"
    "  -a, --addresses      `name` and `peer` print addresses\n"
    "  -t, --times          print seconds since the start in front of each line\n"
    "  -k, --keep-going     go on after an unexpected result, unless it is a timeout\n"
    "  -h, --help           print this\n";

static const char example[] =
    "\n"
    "Example: a server that answers a half-closed request, and its client\n"
    "  hangup-peer 'listen 127.0.0.1:0' accept 'read to end' 'send \"bye\"' close\n"
    "  hangup-peer 'connect 127.0.0.1:41234' 'send \"hello\"' 'shutdown wr' \\\n"
    "      'read to end => \"bye\", then end' state\n";

static const struct option long_options[] = {
    {"file", required_argument, NULL, 'f'},  {"meet", required_argument, NULL, 'm'}, {"ready-fd", required_argument, NULL, 'r'},
    {"limit", required_argument, NULL, 'l'}, {"addresses", no_argument, NULL, 'a'},  {"times", no_argument, NULL, 't'},
    {"keep-going", no_argument, NULL, 'k'},  {"help", no_argument, NULL, 'h'},       {0},
};

/* What the command line says. */
struct options {
    const char *file;
    struct peer peer;
    struct script_settings settings;
};

static void help(void)
{
    fputs(usage, stdout);
    command_help(stdout);
    fputs(example, stdout);
    exit(EXIT_SUCCESS);
}

static void refuse(const char *what, const char *value)
{
    fprintf(stderr, "hangup-peer: error: %s `%s`; see --help\n", what, value);
    exit(EXIT_USAGE);
}

static void read_options(int argc, char **argv, struct options *options)
{
    int letter;
    while ((letter = getopt_long(argc, argv, "+f:m:r:l:atkh", long_options, NULL)) != -1) {
        char *end = NULL;
        if (letter == 'f')
            options->file = optarg;
        else if (letter == 'm')
            options->peer.meeting = optarg;
        else if (letter == 'a')
            options->peer.with_addresses = true;
        else if (letter == 't')
            options->settings.with_times = true;
        else if (letter == 'k')
            options->settings.keep_going = true;
        else if (letter == 'h')
            help();
        else if (letter == 'r' && ((options->peer.ready_fd = (int)strtol(optarg, &end, 10)) < 0 || *end != '\0'))
            refuse("--ready-fd takes a descriptor's number, not", optarg);
        else if (letter == 'l' && !clock_parse(optarg, &options->settings.limit))
            refuse("--limit takes a time such as 10s, not", optarg);
        else if (letter == '?')
            exit(EXIT_USAGE);
    }
}

static bool read_script(struct script *script, const char *path, char **commands)
{
    bool good = true;
    for (char **one = commands; *one != NULL; one++)
        good = script_add(script, "command", *one) && good;
    if (*commands != NULL)
        return good;
    if (path == NULL)
        return script_read(script, "stdin", stdin);

    FILE *file = fopen(path, "re");
    if (file == NULL) {
        perror(path);
        return false;
    }
    good = script_read(script, path, file);
    fclose(file);
    return good;
}

int main(int argc, char **argv)
{
    struct options options = {.peer.ready_fd = STDOUT_FILENO, .settings.limit = 10000000000u};
    struct script script = {0};
    read_options(argc, argv, &options);
    if (!read_script(&script, options.file, argv + optind)) {
        script_free(&script);
        return EXIT_USAGE;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);

    bool good = script_run(&script, &options.peer, &options.settings);
    connections_free(&options.peer.connections);
    script_free(&script);
    return good ? EXIT_SUCCESS : EXIT_UNEXPECTED;
}
