/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of a trace: record after record, each line checked. What is no trace, or is cut off, gets a message that says where and why.
 */
#ifndef HANGUP_TRACE_READER_H
#define HANGUP_TRACE_READER_H

#include "trace/record.h"

struct trace_reader;

/* NULL and errno. */
struct trace_reader *trace_reader_open(const char *path);
void trace_reader_close(struct trace_reader *reader); /* NULL is fine */

/* 1: the next record, whose strings are valid until the next call; 0: the end; -1: no further, trace_reader_error() says why. */
int trace_reader_next(struct trace_reader *reader, struct record *record);

/* "redis.trace:7: …" */
const char *trace_reader_error(const struct trace_reader *reader);

#endif
