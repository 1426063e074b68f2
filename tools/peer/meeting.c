/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands `post` and `await`, by which two peers agree on an order that TCP leaves open, and `pause`. */
#include "tools/peer/meeting.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/peer/clock.h"
#include "tools/peer/command.h"

static void format_path(const struct call *call, const char *name, const char *suffix, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s%s", call->peer->meeting, name, suffix);
}

bool meeting_read(const struct call *call, const char *name, uint64_t *sent)
{
    char path[PATH_MAX];
    format_path(call, name, "", path);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool good = fscanf(file, "%" SCNu64, sent) == 1;
    fclose(file);
    return good;
}

static const char *check_name(const struct line *line)
{
    return strchr(line->words[1].text, '/') == NULL ? NULL : "a name has no slash";
}

/* The file appears under its name with its content: the other peer must not read it half written. */
static void run_post(struct call *call)
{
    if (call->peer->meeting == NULL) {
        call_result(call, "no --meet folder");
        return;
    }
    char path[PATH_MAX], unfinished[PATH_MAX];
    format_path(call, call->line->words[1].text, "", path);
    format_path(call, call->line->words[1].text, ".new", unfinished);
    FILE *file = fopen(unfinished, "we");
    if (file == NULL) {
        call_errno(call, errno);
        return;
    }
    fprintf(file, "%" PRIu64 "\n", call->connection->sent);
    fclose(file);
    call_returned(call, rename(unfinished, path));
}

static bool was_posted(struct call *call)
{
    uint64_t sent;
    return meeting_read(call, call->line->words[1].text, &sent);
}

static void run_await(struct call *call)
{
    if (call->peer->meeting == NULL)
        call_result(call, "no --meet folder");
    else if (call_until(call, was_posted))
        call_result(call, "0");
}

static const char *check_time(const struct line *line)
{
    uint64_t ns;
    return clock_parse(line->words[1].text, &ns) ? NULL : "that is no time";
}

static void run_pause(struct call *call)
{
    uint64_t ns = 0;
    clock_parse(call->line->words[1].text, &ns);
    clock_sleep(ns);
    call_result(call, "0");
}

const struct command meet_commands[] = {
    {"post", "NAME", 1, 1, check_name, run_post, false,
     "Tells the other peer, by a file in the --meet folder, that this place of the script was reached."},
    {"await", "NAME", 1, 1, check_name, run_await, false,
     "Waits until the other peer has posted that."},
    {"pause", "TIME", 1, 1, check_time, run_pause, false,
     "Does nothing for so long."},
    {0},
};
