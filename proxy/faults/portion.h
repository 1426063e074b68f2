/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A portion: which bytes of a flow an action means -- all of them, the first so many (`4 KiB of`), or each by lot (`1% of`). It walks along
 * the flow and tells stretches that are meant from stretches that are not; where the reads were cut makes no difference. Used by drop,
 * corrupt and duplicate.
 */
#ifndef HANGUP_FAULTS_PORTION_H
#define HANGUP_FAULTS_PORTION_H

#include "engine/fault.h"

enum portion_kind { PORTION_ALL, PORTION_FIRST, PORTION_LOT };

struct portion {
    enum portion_kind kind;
    uint64_t size;   /* PORTION_FIRST: bytes */
    double share;    /* PORTION_LOT: 0.0 to 1.0 */
    uint64_t offset; /* bytes walked past since the fault's start */
};

/* By the first value of the fault's phrase: a SIZE (drawn here), a PERCENT, or neither. */
void portion_start(struct portion *portion, struct fault *fault);

/* Walks past the next stretch, of at most `length` (above 0) bytes, in which all bytes are meant or none is, and says which. Returns its
 * length. */
size_t portion_walk(struct portion *portion, const struct fault *fault, size_t length, bool *meant);

/* Nothing that comes can be meant any more. */
bool portion_used_up(const struct portion *portion);

/* A stretch of a piece as a piece of its own: urgent only if it has the last byte. */
struct piece portion_of_piece(const struct piece *piece, size_t offset, size_t length);

#endif
