/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A record: one event, as a line of a trace has it. The writer makes it of a notice, the reader of a line, and what is drawn is drawn
 * from it. The table below is the format: it is what the writer writes, what the reader knows, and what the manual says. A trace is a
 * text file, one JSON object a line; fields without a value (0, or none) are left out; readers should ignore fields and events that they
 * do not know. The version counts up only if a field changes its meaning or goes.
 */
#ifndef HANGUP_TRACE_RECORD_H
#define HANGUP_TRACE_RECORD_H

#include "relay/notice.h"

#define RECORD_VERSION 1

/* X(member and name in the file, type, help) */
#define RECORD_FIELDS(X) \
    X(time, NUMBER, "microseconds since the run began") \
    X(what, STRING, "what happened: the events of the table below, `trace started` or `trace incomplete`") \
    X(relay, STRING, "the relay's name") \
    X(link, NUMBER, "the connection's number at this relay, from 1") \
    X(side, STRING, "the application concerned: `client` or `server`") \
    X(bytes, NUMBER, "how many bytes; of `rule fired`: how often it has on this connection") \
    X(error, STRING, "an errno by its name: `ECONNRESET`") \
    X(text, STRING, "an address, a reason, a finding; of `trace started`: the date") \
    X(rule, STRING, "the rule's name") \
    X(file, STRING, "the file with the rule") \
    X(line, NUMBER, "the line in it: of the action or the expectation if there is one, else of the rule") \
    X(step, STRING, "the action or the expectation, as it is written") \
    X(firing, NUMBER, "which firing of the rule on this connection, from 1") \
    X(lost, NUMBER, "of `trace incomplete`: how many `received` and `delivered` are missing here, since the disk was too slow") \
    X(version, NUMBER, "of `trace started`, the first line: the version of this format")

enum record_type { RECORD_NUMBER, RECORD_STRING };

/* Numbers: 0 is none. Strings: NULL is none; they belong to whoever made the record. */
struct record {
#define RECORD_MEMBER_NUMBER(name) uint64_t name;
#define RECORD_MEMBER_STRING(name) const char *name;
#define X(name, type, help) RECORD_MEMBER_##type(name)
    RECORD_FIELDS(X)
#undef X
};

struct record_field {
    const char *name;
    enum record_type type;
    size_t offset; /* in struct record */
    const char *help;
};

/* Ends with name == NULL. */
extern const struct record_field record_fields[];

/* The longest line that is ever written, with its line end and a NUL; longer strings are cut. */
#define RECORD_LINE 20480

/* The record of a notice; `start` is the run's beginning in ns. Its strings are the notice's own. */
struct record record_of_notice(const struct notice *notice, uint64_t start);

/* The line of a record, with its line end. Yields its length. */
size_t record_line(const struct record *record, char line[RECORD_LINE]);

/* Which notice it was made of, NOTICE_KINDS for none that is known. */
enum notice_kind record_kind(const struct record *record);

/* Whether it is about that side: false too if it is about none. */
bool record_is_of(const struct record *record, enum side side);

#endif
