/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A call: one line of the script at work, and the result that is printed for it. Commands write their result here and nowhere else;
 * a result has no times and no addresses in it unless these were asked for, so that two runs can be compared by diff.
 */
#ifndef HANGUP_TOOLS_PEER_CALL_H
#define HANGUP_TOOLS_PEER_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/peer/connection.h"
#include "tools/peer/line.h"

/* What all calls of a script share. */
struct peer {
    struct connections connections;
    const char *meeting; /* the folder in which `post` and `await` meet; NULL: none was given */
    int ready_fd;        /* where the addresses that we listen on are told */
    bool with_addresses; /* addresses may be in results */
};

struct call {
    struct peer *peer;
    struct connection *connection;
    const struct line *line;
    uint64_t deadline;
    bool timed_out; /* the deadline passed: the script cannot go on as it was meant */
    char result[1024];
};

/* Appends to the result. */
void call_result(struct call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends an errno's name: "ECONNRESET". */
void call_errno(struct call *call, int error);

/* The result of a system call that returns a number, or -1 and errno. */
void call_returned(struct call *call, long value);

/* Waits for these poll bits, an error or a hang-up. False: the deadline came first, and the result says so. */
bool call_poll(struct call *call, int fd, short bits);

/* Asks every millisecond whether it holds. False: the deadline came first, and the result says so. */
bool call_until(struct call *call, bool (*holds)(struct call *call));

#endif
