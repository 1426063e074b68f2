/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that receive: one recv(), so many bytes, all there is. Short data is printed, long data is described. */
#include "tools/peer/command.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/peer/meeting.h"
#include "tools/peer/pattern.h"
#include "tools/peer/text.h"

#define CHUNK 65536

/* Up to so many bytes are printed as they are. */
#define PRINTED 160

/* What was received by one command. */
struct heard {
    uint64_t count;
    char first[PRINTED];
    uint64_t hash;       /* FNV-1a */
    uint64_t pattern;    /* where the pattern stood before */
    bool is_pattern;     /* so far all of it went on with the pattern */
    bool ended;          /* recv() returned 0 */
    int error;
};

static struct heard heard_nothing(const struct connection *connection)
{
    return (struct heard){.hash = 14695981039346656037u, .pattern = connection->heard_pattern, .is_pattern = true};
}

static void note_bytes(struct heard *heard, const char *bytes, size_t length)
{
    if (heard->count < PRINTED)
        memcpy(heard->first + heard->count, bytes, length < PRINTED - heard->count ? length : (size_t)(PRINTED - heard->count));
    heard->is_pattern = heard->is_pattern && pattern_matches(bytes, heard->pattern + heard->count, length);
    heard->count += length;
    for (size_t i = 0; i < length; i++)
        heard->hash = (heard->hash ^ (unsigned char)bytes[i]) * 1099511628211u;
}

/* One recv() of at most `length` bytes. False: nothing is there now. */
static bool hear_once(struct connection *connection, struct heard *heard, uint64_t length, int flags)
{
    char bytes[CHUNK];
    ssize_t count = recv(connection->fd, bytes, length < CHUNK ? (size_t)length : CHUNK, flags);
    if (count > 0)
        note_bytes(heard, bytes, (size_t)count);
    else if (count == 0)
        heard->ended = true;
    else if (errno == EAGAIN)
        return false;
    else
        heard->error = errno;
    return true;
}

/* Receives `length` bytes, or what comes before an ending. False: the deadline came first; what was heard until then is noted. */
static bool hear(struct call *call, struct heard *heard, uint64_t length)
{
    while (heard->count < length && !heard->ended && heard->error == 0) {
        if (!hear_once(call->connection, heard, length - heard->count, 0) && !call_poll(call, call->connection->fd, POLLIN))
            return false;
    }
    return true;
}

static void report_bytes(struct call *call, const struct heard *heard)
{
    char text[text_quoted_size(PRINTED)];
    if (heard->count <= PRINTED) {
        text_quote(text, heard->first, (size_t)heard->count);
        call_result(call, "%s", text);
    } else if (heard->is_pattern) {
        call_result(call, "%" PRIu64 " bytes, pattern from %" PRIu64, heard->count, heard->pattern);
    } else {
        call_result(call, "%" PRIu64 " bytes, hash %016" PRIx64, heard->count, heard->hash);
    }
}

static void report_ending(struct call *call, const struct heard *heard)
{
    if (heard->ended)
        call_result(call, "end");
    else if (heard->error != 0)
        call_errno(call, heard->error);
}

/* `"hello"`, `"he", then end`, `ECONNRESET`; in front of a timeout that is in the result already: `"he", then timeout`. */
static void report(struct call *call, const struct heard *heard)
{
    char late[sizeof("timeout")];
    strcpy(late, call->timed_out ? "timeout" : "");
    call->result[0] = '\0';

    bool has_more = heard->ended || heard->error != 0 || call->timed_out;
    if (heard->count > 0 || !has_more) {
        report_bytes(call, heard);
        if (heard->is_pattern)
            call->connection->heard_pattern += heard->count;
        if (has_more)
            call_result(call, ", then ");
    }
    report_ending(call, heard);
    call_result(call, "%s", late);
}

static const char *check_recv(const struct line *line)
{
    uint64_t size;
    bool known = line->count == 1 || line_is(line, 1, "now") || line_is(line, 1, "urgent") || text_size(line->words[1].text, &size);
    return known ? NULL : "that is no size";
}

static void run_recv(struct call *call)
{
    struct heard heard = heard_nothing(call->connection);
    bool is_urgent = line_is(call->line, 1, "urgent");
    bool is_now = line_is(call->line, 1, "now") || is_urgent;
    uint64_t length = CHUNK;
    if (call->line->count > 1 && !is_now)
        text_size(call->line->words[1].text, &length);

    if (is_now || call_poll(call, call->connection->fd, POLLIN)) {
        if (!hear_once(call->connection, &heard, length, is_urgent ? MSG_OOB : 0))
            heard.error = EAGAIN;
    }
    report(call, &heard);
}

static const char *check_read(const struct line *line)
{
    uint64_t size;
    if (line->count == 3)
        return line_is(line, 1, "to") && line_is(line, 2, "end") ? NULL : "that is neither a size nor `to end`";
    return text_size(line->words[1].text, &size) ? NULL : "that is no size";
}

static void run_read(struct call *call)
{
    uint64_t length = UINT64_MAX;
    if (call->line->count == 2)
        text_size(call->line->words[1].text, &length);
    struct heard heard = heard_nothing(call->connection);
    hear(call, &heard, length);
    report(call, &heard);
}

/* How much fits between two applications differs from run to run, so it is not printed but compared with what the speaker posted. */
static void run_drain(struct call *call)
{
    uint64_t posted;
    struct heard heard = heard_nothing(call->connection);
    if (!hear(call, &heard, UINT64_MAX))
        return;
    if (!meeting_read(call, call->line->words[1].text, &posted)) {
        call_result(call, "nobody posted that");
        return;
    }
    const char *share = heard.count == posted ? "all" : heard.count == 0 ? "nothing" : heard.count < posted ? "some" : "too much";
    call_result(call, "%s%s, then ", share, heard.is_pattern ? "" : " (not the pattern)");
    report_ending(call, &heard);
}

const struct command hear_commands[] = {
    {"recv", "[SIZE|now|urgent]", 0, 1, check_recv, run_recv, true,
     "Waits for data or an ending and calls recv() once; `now`: without waiting; `urgent`: MSG_OOB, without waiting."},
    {"read", "SIZE|to end", 1, 2, check_read, run_read, true,
     "Receives exactly so much, or until recv() returns 0 or fails: \"TEXT\"; \"TEXT\", then end; ECONNRESET."},
    {"drain", "NAME", 1, 1, NULL, run_drain, true,
     "Reads to the end and compares with the bytes that the other peer had sent when it wrote `post NAME`: all, some, nothing."},
    {0},
};
