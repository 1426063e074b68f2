/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writer of a trace: an observer that puts a line for each notice into a buffer, and a thread that writes the buffer to the file, so
 * that a slow disk never holds up a link. Endings are written at once, data within a twentieth of a second. If the disk is so slow that
 * the buffer is full, data events are dropped and counted, never an ending. If the file cannot be written any more that is said once on
 * standard error, and the run goes on without its trace. Notices may come from any thread.
 */
#ifndef HANGUP_TRACE_WRITER_H
#define HANGUP_TRACE_WRITER_H

#include "relay/notice.h"

struct trace_writer;

/* Makes or empties the file. `start`: the run's beginning, ns of the monotonic clock. NULL and errno if that does not work. */
struct trace_writer *trace_writer_open(const char *path, uint64_t start);

struct observer *trace_writer_observer(struct trace_writer *writer);

/* Writes what is left, closes and frees. -1: some of it could not be written (that has been said). NULL is fine. */
int trace_writer_close(struct trace_writer *writer);

#endif
