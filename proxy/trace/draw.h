/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A record as a line of text for people. Used by `hangup show` and the ladder.
 */
#ifndef HANGUP_TRACE_DRAW_H
#define HANGUP_TRACE_DRAW_H

#include <stdio.h>

#include "trace/record.h"

/* One line an event: `    1.003201  redis #3   client  fin received`. */
void draw_event(FILE *out, const struct record *record);

/* What a traced string says, with everything that a terminal could take for a command made visible: it came from the network or a file. */
void draw_text(FILE *out, const char *text);

/* " (late-fin.rule:8)", or nothing if the record has no rule. */
void draw_place(FILE *out, const struct record *record);

/* "1 byte", "512 bytes"; in a buffer of DRAW_BYTES. */
#define DRAW_BYTES 32
const char *draw_bytes(char text[DRAW_BYTES], uint64_t bytes);

#endif
