/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hangup show: a trace as text, one line an event, or link by link.
 */
#include "cli/show.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/draw.h"
#include "trace/ladder.h"
#include "trace/links.h"
#include "trace/reader.h"

enum view { VIEW_EVENTS, VIEW_LINKS, VIEW_TIMELINE };

struct show {
    enum view view;
    const char *relay; /* show only this one's; NULL: all */
    size_t relay_length;
    uint64_t link; /* of `relay`; 0: all of its links */
    const char *path;
};

/* RELAY/NUMBER, or RELAY. */
static bool parse_link(struct show *show, const char *text)
{
    const char *slash = strrchr(text, '/');
    char *end;
    show->relay = text;
    show->relay_length = slash ? (size_t)(slash - text) : strlen(text);
    if (!slash)
        return show->relay_length > 0;
    errno = 0;
    show->link = strtoull(slash + 1, &end, 10);
    return show->relay_length > 0 && slash[1] >= '0' && slash[1] <= '9' && *end == '\0' && errno == 0 && show->link > 0;
}

static bool is_wanted(const struct show *show, const struct record *record)
{
    if (!show->relay)
        return true;
    return record->relay && strlen(record->relay) == show->relay_length && memcmp(record->relay, show->relay, show->relay_length) == 0 &&
           (show->link == 0 || record->link == show->link);
}

static void draw_links(const struct show *show, const struct traced_links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        if (show->view == VIEW_LINKS) {
            traced_link_summary(stdout, &links->links[i]);
            continue;
        }
        if (i > 0)
            putchar('\n');
        ladder_draw(stdout, links->links[i].records, links->links[i].count);
    }
}

/* What could be read is shown, even if the rest cannot. */
static int show_all(const struct show *show, struct trace_reader *reader)
{
    struct traced_links links = {.links = NULL};
    struct record record;
    bool any = false;
    int result;
    while ((result = trace_reader_next(reader, &record)) == 1) {
        if (!is_wanted(show, &record))
            continue;
        any = true;
        if (show->view == VIEW_EVENTS)
            draw_event(stdout, &record);
        else
            traced_links_add(&links, &record);
    }
    draw_links(show, &links);
    traced_links_release(&links);
    if (result == -1) {
        fflush(stdout);
        fprintf(stderr, "%s\n", trace_reader_error(reader));
        return EXIT_USAGE;
    }
    if (show->relay && !any) {
        fprintf(stderr, "hangup show: nothing of %s in %s; `hangup show --links %s` lists what there is\n", show->relay, show->path,
            show->path);
        return EXIT_USAGE;
    }
    return EXIT_WELL;
}

static int show_file(const struct show *show)
{
    struct trace_reader *reader = trace_reader_open(show->path);
    if (!reader) {
        fprintf(stderr, "hangup show: %s: %s\n", show->path, strerror(errno));
        return EXIT_USAGE;
    }
    int result = show_all(show, reader);
    trace_reader_close(reader);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "hangup show: standard output: %s\n", strerror(errno));
        return EXIT_CANNOT_RUN;
    }
    return result;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"links", no_argument, NULL, 'l'},
        {"timeline", no_argument, NULL, 't'},
        {"link", required_argument, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    struct show show = {.view = VIEW_EVENTS};
    int option;
    if (command_asked_for_help(&command_show, argc, argv))
        return EXIT_WELL;
    opterr = 0;
    optind = 0; /* GNU: begin anew, and options may stand behind the file */
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == 'l')
            show.view = VIEW_LINKS;
        else if (option == 't')
            show.view = VIEW_TIMELINE;
        else if (option == 'n' && !parse_link(&show, optarg))
            return command_wrong(&command_show, "--link %s: write the relay's name and the connection's number, redis/3", optarg);
        else if (option == ':')
            return command_wrong(&command_show, "%s wants a relay and a number, redis/3", argv[optind - 1]);
        else if (option == '?')
            return command_wrong(&command_show, "%s is no option of it", argv[optind - 1]);
    }
    if (optind != argc - 1)
        return command_wrong(&command_show, optind == argc ? "which trace?" : "one trace at a time");
    show.path = argv[optind];
    return show_file(&show);
}

const struct command command_show = {
    .name = "show",
    .arguments = "[--timeline | --links] [--link RELAY/NUMBER] TRACE",
    .summary = "shows what was recorded with `hangup run --trace TRACE`",
    .help = "Without an option: a line for each event, with its time in seconds since the run began.\n"
            "  --timeline            each connection as a ladder: the client on the left, the server on the right, hangup between them\n"
            "  --links               a line for each connection, then which rules fired on it and what was found\n"
            "  --link RELAY/NUMBER   only this connection; RELAY alone: only those of this relay\n",
    .run = run,
};
