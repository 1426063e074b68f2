/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that send: text, or a stretch of the pattern (pattern.h); whole, byte by byte, urgent, or until there is no room. */
#include "tools/peer/command.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/peer/clock.h"
#include "tools/peer/pattern.h"
#include "tools/peer/text.h"

#define CHUNK 65536

/* No room for so long (ms) means: the receiver does not read. */
#define BLOCKED_MS 300

/* What is to be sent. */
struct speech {
    const char *text; /* NULL: the pattern */
    uint64_t length;
    size_t step; /* bytes a send() */
    int flags;
    uint64_t sent;
    int error; /* that ended it early; 0: none */
};

/* The next bytes of the speech; `room` is for the pattern's. */
static const char *next_bytes(const struct speech *speech, const struct connection *connection, char *room, size_t *length)
{
    uint64_t left = speech->length - speech->sent;
    *length = left < speech->step ? (size_t)left : speech->step;
    if (speech->text != NULL)
        return speech->text + speech->sent;
    pattern_write(room, connection->sent_pattern, *length);
    return room;
}

/* Waits until there is room, or for `patience_ms` (-1: the call's deadline). False: there is none. */
static bool wait_for_room(struct call *call, int patience_ms)
{
    if (patience_ms < 0)
        return call_poll(call, call->connection->fd, POLLOUT);
    struct pollfd poll_fd = {.fd = call->connection->fd, .events = POLLOUT};
    return poll(&poll_fd, 1, patience_ms) > 0;
}

/* Sends until all is sent, there is an error, or no room. False: no room. */
static bool speak(struct call *call, struct speech *speech, int patience_ms)
{
    struct connection *connection = call->connection;
    char room[CHUNK];
    while (speech->sent < speech->length) {
        size_t length;
        const char *bytes = next_bytes(speech, connection, room, &length);
        ssize_t sent = send(connection->fd, bytes, length, speech->flags | MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            if (!wait_for_room(call, patience_ms))
                return false;
        } else if (sent < 0) {
            speech->error = errno;
            return true;
        } else {
            speech->sent += (uint64_t)sent;
            connection->sent += (uint64_t)sent;
            if (speech->text == NULL)
                connection->sent_pattern += (uint64_t)sent;
        }
    }
    return true;
}

/* "5", "3, then EPIPE", "EPIPE". */
static void report(struct call *call, const struct speech *speech)
{
    if (speech->sent > 0 || speech->error == 0)
        call_result(call, "%llu%s", (unsigned long long)speech->sent, speech->error != 0 ? ", then " : "");
    if (speech->error != 0)
        call_errno(call, speech->error);
}

static const char *check_send(const struct line *line)
{
    size_t last = line->count - 1;
    bool is_urgent = line_is(line, 1, "urgent"), is_upto = line_is(line, 1, "upto");
    uint64_t size;
    if (last == 2 && !is_urgent && !is_upto && !line_is(line, 1, "each"))
        return "in front of what is sent stands `each`, `urgent` or `upto`";
    if (last == 1 && (is_urgent || is_upto || line_is(line, 1, "each")))
        return "what is to be sent?";
    if (line->words[last].quoted)
        return is_upto ? "`upto` takes a size" : NULL;
    if (is_urgent || !text_size(line->words[last].text, &size))
        return is_urgent ? "urgent data is \"TEXT\"" : "data is \"TEXT\" or a size: 100, 64KiB";
    return NULL;
}

/* How much is left of `all` bytes of the pattern on this connection. */
static uint64_t left_of(const struct call *call, uint64_t all)
{
    return all > call->connection->sent_pattern ? all - call->connection->sent_pattern : 0;
}

static void run_send(struct call *call)
{
    const struct line *line = call->line;
    const struct word *what = &line->words[line->count - 1];
    struct speech speech = {.text = what->quoted ? what->text : NULL, .length = what->length, .step = CHUNK};
    if (speech.text == NULL)
        text_size(what->text, &speech.length);
    else
        speech.step = what->length;
    if (line_is(line, 1, "upto"))
        speech.length = left_of(call, speech.length);
    if (line_is(line, 1, "each"))
        speech.step = 1;
    if (line_is(line, 1, "urgent"))
        speech.flags = MSG_OOB;

    if (!speak(call, &speech, -1))
        return;
    if (line_is(line, 1, "upto") && speech.error == 0)
        call_result(call, "%llu", (unsigned long long)call->connection->sent_pattern);
    else
        report(call, &speech);
}

static const char *check_fill(const struct line *line)
{
    uint64_t size;
    return text_size(line->words[1].text, &size) ? NULL : "that is no size";
}

static void run_fill(struct call *call)
{
    uint64_t all;
    text_size(call->line->words[1].text, &all);
    struct speech speech = {.length = left_of(call, all), .step = CHUNK};

    bool has_room = speak(call, &speech, BLOCKED_MS);
    if (!has_room)
        call_result(call, "blocked");
    else if (speech.error != 0)
        call_errno(call, speech.error);
    else
        call_result(call, "%llu", (unsigned long long)all);
}

const struct command speak_commands[] = {
    {"send", "[each|urgent] \"TEXT\"|[each|upto] SIZE", 1, 2, check_send, run_send, true,
     "Sends the text, or so many bytes of a pattern in which each byte tells its place; `each` byte by a send() of its own; `upto`:"
     " what is left of SIZE."},
    {"fill", "SIZE", 1, 1, check_fill, run_fill, true,
     "Sends the pattern until SIZE bytes of it went out in all, or nobody has read for 300 ms: `blocked`."},
    {0},
};
