/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time line of a link: a ladder with the client on its left, hangup in the middle, the server on its right, and an arrow for whatever
 * went over the wire. Bytes that follow each other in one direction are one row. What rules did stands in the middle.
 */
#ifndef HANGUP_TRACE_LADDER_H
#define HANGUP_TRACE_LADDER_H

#include <stdio.h>

#include "trace/record.h"

/* The records of one link, in order. */
void ladder_draw(FILE *out, const struct record *records, size_t count);

#endif
