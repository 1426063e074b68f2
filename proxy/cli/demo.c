/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup demo: runs a session as `hangup run` does, with rules and applications of its own, and tells what there is to see: the rules,
 * what the applications do, the time lines, the verdict. It is the first that a stranger sees of hangup. The applications are
 * demo_cast.c's.
 */
#include "cli/demo.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/demo_cast.h"
#include "cli/session.h"
#include "relay/timers.h"
#include "trace/ladder.h"
#include "trace/links.h"
#include "trace/reader.h"

static const char relays[] =
    "relay tidy { listen 127.0.0.1:0  server 127.0.0.1:%" PRIu16 " }\n"
    "relay leaky { listen 127.0.0.1:0  server 127.0.0.1:%" PRIu16 " }\n"
    "\n";

static const char rules[] =
    "rule goodbye {\n"
    "    for connection 1\n"
    "    when both are silent for 300ms\n"
    "    then send fin to server\n"
    "    expect server closes within 1s\n"
    "}\n"
    "\n"
    "rule torn-reply {\n"
    "    for relay tidy and connection 2\n"
    "    when server sends 9 bytes\n"
    "    then reset\n"
    "    expect client reconnects within 1s\n"
    "}\n";

#define PASSED 2 /* so many findings are to pass, */
#define FAILED 1 /* and so many to fail */

struct demo {
    struct demo_server tidy, leaky;
    char document[sizeof(relays) + sizeof(rules) + 16]; /* ports are longer than their format */
    char program[PATH_MAX]; /* this one: the client is another of it */
    int trace_fd;
    char trace[64]; /* its path */
    bool as_planned;
};

static void head(const char *text)
{
    printf(isatty(STDOUT_FILENO) ? "\n\033[1m%s\033[0m\n\n" : "\n%s\n\n", text);
    fflush(stdout);
}

static void print_indented(const char *text)
{
    while (*text != '\0') {
        int length = (int)strcspn(text, "\n");

        printf("%s%.*s\n", length > 0 ? "    " : "", length, text);
        text += length + (text[length] == '\n');
    }
}

static bool has_rule(const struct traced_link *link)
{
    for (size_t i = 0; i < link->count; i++) {
        if (link->records[i].rule != NULL) {
            return true;
        }
    }
    return false;
}

/* A time line for each on which a rule fired, a line for the others. */
static void draw_links(const char *path)
{
    struct trace_reader *reader = trace_reader_open(path);
    struct traced_links links = {.links = NULL};
    struct record record;

    while (reader != NULL && trace_reader_next(reader, &record) == 1) {
        traced_links_add(&links, &record);
    }
    for (size_t i = 0; i < links.count; i++) {
        printf("%s", i > 0 ? "\n" : "");
        if (has_rule(&links.links[i])) {
            ladder_draw(stdout, links.links[i].records, links.links[i].count);
        } else {
            traced_link_summary(stdout, &links.links[i]);
        }
    }
    traced_links_release(&links);
    trace_reader_close(reader);
}

static void tell(void *context, struct judge *judge, const struct run_end *end)
{
    struct demo *demo = context;
    const uint64_t *counts = judge_findings(judge)->counts;

    head("What went over the wire (hangup run --trace FILE; hangup show --timeline FILE)");
    draw_links(demo->trace);
    head("The verdict");
    verdict_print(stdout, judge, end, isatty(STDOUT_FILENO));
    demo->as_planned = counts[OUTCOME_PASSED] == PASSED && counts[OUTCOME_FAILED] == FAILED && counts[OUTCOME_NEVER_REACHED] == 0;
}

static int perform(struct demo *demo)
{
    char *command[] = {demo->program, (char[]){"demo"}, (char[]){"--client"}, NULL};
    struct session_options options = {
        .input = {.document = demo->document, .document_name = "demo.rule"},
        .trace = demo->trace,
        .buffer = SESSION_BUFFER,
        .workers = 1,
        .time_limit = 30 * NS_PER_S,
        .ready_fd = -1,
        .quiet = true,
        .command = command,
        .say = tell,
        .context = demo,
    };
    int length = snprintf(demo->document, sizeof(demo->document), relays, demo->tidy.port, demo->leaky.port);

    snprintf(demo->document + length, sizeof(demo->document) - (size_t)length, "%s", rules);
    puts("Two servers: tidy closes its socket when read returns 0, leaky forgets to. One client.\n"
         "Between them stands hangup, with these rules:\n");
    print_indented(demo->document);
    head("What the applications do");
    return session_run(&options);
}

static int conclude(const struct demo *demo, int code)
{
    if (code != EXIT_FAILED || !demo->as_planned) {
        fputs("hangup demo: this did not go as planned: one expectation should have failed, and two passed. Is this machine very busy?\n",
            stderr);
        return EXIT_CANNOT_RUN;
    }
    puts("\nleaky was told goodbye, acknowledged it, and keeps its socket: it sits in CLOSE_WAIT, for as long as it lives.\n"
         "`hangup run` ends with exit code 1 for that, so that a test fails where the bug is. Now with a server of yours:\n\n"
         "    hangup list\n"
         "    hangup run --listen 127.0.0.1:6380 --server 127.0.0.1:6379 close-wait-server\n");
    return EXIT_WELL;
}

/* All that it needs: its own path, a trace that leaves no file behind however this ends, the servers. False, and errno. */
static bool set_up(struct demo *demo)
{
    demo->trace_fd = memfd_create("demo.trace", MFD_CLOEXEC);
    snprintf(demo->trace, sizeof(demo->trace), "/proc/self/fd/%d", demo->trace_fd);
    return demo->trace_fd >= 0 && readlink("/proc/self/exe", demo->program, sizeof(demo->program) - 1) > 0 &&
           demo_server_start(&demo->tidy) && demo_server_start(&demo->leaky);
}

static int run(int argc, char **argv)
{
    struct demo demo = {.tidy = {.name = "tidy"}, .leaky = {.name = "leaky", .forgets = true}};
    int code = EXIT_CANNOT_RUN;

    if (argc == 2 && strcmp(argv[1], "--client") == 0) {
        return demo_client();
    }
    if (argc > 1) {
        return command_wrong(&command_demo, "it takes no argument");
    }
    if (set_up(&demo)) {
        code = conclude(&demo, perform(&demo));
    } else {
        fprintf(stderr, "hangup demo: %s\n", strerror(errno));
    }
    demo_server_stop(&demo.tidy);
    demo_server_stop(&demo.leaky);
    if (demo.trace_fd >= 0) {
        close(demo.trace_fd);
    }
    return code;
}

const struct command command_demo = {
    .name = "demo",
    .arguments = "",
    .summary = "shows a server that forgets to close, and one that does not, under two rules, and the verdict",
    .help = "Takes a few seconds, and nothing but this machine's loopback.\n"
            "Exit code 0: it showed what it should, a failed expectation included; 3: it did not.\n",
    .run = run,
};
