/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Toxiproxy's options, as Go reads them (-x and --x, -x=value and -x value), become a command line of `hangup serve`.
 */
#include "cli/toxiproxy_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/serve.h"
#include "control/toxiproxy/reply.h"

#define SEED_MOST ((1ULL << 53) - 1)

struct wishes {
    const char *host, *port, *config, *seed;
    bool version, metrics;
};

struct flag {
    const char *name;
    size_t value; /* where in the wishes; a text, or else a bool */
    bool is_text;
};

static const struct flag flags[] = {
    {"host", offsetof(struct wishes, host), true},
    {"port", offsetof(struct wishes, port), true},
    {"config", offsetof(struct wishes, config), true},
    {"seed", offsetof(struct wishes, seed), true},
    {"version", offsetof(struct wishes, version), false},
    {"proxy-metrics", offsetof(struct wishes, metrics), false},
    {"runtime-metrics", offsetof(struct wishes, metrics), false},
};

static const struct flag *find_flag(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strlen(flags[i].name) == length && strncmp(flags[i].name, word, length) == 0)
            return &flags[i];
    }
    return NULL;
}

/* One option, maybe with the word behind it. False: it is none. */
static bool take_flag(struct wishes *wishes, char **argv, int *at)
{
    const char *word = argv[*at], *equals = strchr(word, '=');
    size_t dashes = strspn(word, "-"), length = equals ? (size_t)(equals - word) : strlen(word);
    const struct flag *flag = dashes == 1 || dashes == 2 ? find_flag(word + dashes, length - dashes) : NULL;
    const char *value = equals ? equals + 1 : NULL;

    if (!flag)
        return false;
    if (!flag->is_text) {
        *(bool *)((char *)wishes + flag->value) = !value || strcmp(value, "false") != 0;
        return true;
    }
    if (!value)
        value = argv[++*at];
    *(const char **)((char *)wishes + flag->value) = value;
    return value != NULL;
}

/* Go's is signed and longer than ours: its low bits. False: it is no such number. */
static bool take_seed(const char *text, char seed[32])
{
    char *end;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    snprintf(seed, 32, "%llu", (unsigned long long)value & SEED_MOST);
    return errno == 0 && end != text && *end == '\0';
}

static int serve(const struct wishes *wishes)
{
    const char *host = wishes->host[0] != '\0' ? wishes->host : "::"; /* as Go, all addresses */
    char address[300], seed[32], *argv[8] = {(char *)(uintptr_t)"serve", (char *)(uintptr_t)"--control", address};
    int argc = 3;

    snprintf(address, sizeof address, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, wishes->port);
    if (wishes->seed) {
        if (!take_seed(wishes->seed, seed))
            return command_wrong(&command_toxiproxy_server, "-seed %s: a whole number", wishes->seed);
        argv[argc++] = (char *)(uintptr_t)"--seed";
        argv[argc++] = seed;
    }
    if (wishes->config) {
        argv[argc++] = (char *)(uintptr_t)"--proxies";
        argv[argc++] = (char *)(uintptr_t)wishes->config;
    }
    return command_serve.run(argc, argv);
}

static bool is_help(const char *word)
{
    word += word[0] == '-' && word[1] == '-';
    return strcmp(word, "-h") == 0 || strcmp(word, "-help") == 0;
}

static int run(int argc, char **argv)
{
    struct wishes wishes = {.host = "localhost", .port = "8474"};

    for (int i = 1; i < argc; i++) {
        if (is_help(argv[i])) {
            command_print_help(&command_toxiproxy_server);
            return EXIT_WELL;
        }
        if (!take_flag(&wishes, argv, &i))
            return command_wrong(&command_toxiproxy_server, "%s: no option of Toxiproxy's, or its value is missing",
                argv[i] ? argv[i] : argv[i - 1]);
    }
    if (wishes.version) {
        printf("toxiproxy-server version %s\n", REPLY_VERSION);
        return EXIT_WELL;
    }
    return serve(&wishes);
}

const struct command command_toxiproxy_server = {
    .name = "toxiproxy-server",
    .arguments = "[-host HOST] [-port PORT] [-config FILE] [-seed NUMBER] [-version]",
    .summary = "stands in for Toxiproxy, with its options; so does a link to hangup by that name",
    .help = "`hangup serve` for scripts that start Toxiproxy, and for its clients.\n"
            "  -host HOST          where it listens (localhost)\n"
            "  -port PORT          and at which port (8474)\n"
            "  -config FILE        proxies to begin with: a JSON list, as for POST /populate; a bad one is said, and no more\n"
            "  -seed NUMBER        what is left to chance is drawn from it\n"
            "  -version            says for which version it stands in\n"
            "-proxy-metrics and -runtime-metrics are taken, and change nothing: GET /metrics is always there.\n",
    .run = run,
};
