/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A detector: finds an amount, a text or a pattern in one flow, the same wherever the reads cut it. It looks first (detector_find) and
 * takes what is given to it afterwards (detector_take), because another detector may be true at an earlier byte and change everything
 * behind it. It keeps no bytes of the flow but those that a pattern may still need. Used by watch.c.
 */
#ifndef HANGUP_ENGINE_DETECTOR_H
#define HANGUP_ENGINE_DETECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/vocab.h"

/* A pattern is followed over so many bytes; a longer partial match is given up from its first byte on. */
#define DETECTOR_WINDOW ((size_t)64 * 1024)

struct detector {
    uint64_t position; /* bytes taken so far */
    uint64_t amount;   /* an amount: its size; 0 with a text set */
    uint64_t left;     /* of the amount */
    const struct text *text;
    size_t *failure;   /* literal text: how much of it is still matched after a mismatch (Knuth, Morris, Pratt) */
    size_t matched;    /* literal text: bytes of it matched */
    uint8_t *carry;    /* pattern: bytes from `carry_at`, as many as may still belong to a match, and what stands in front of them */
    size_t carried, context;
    size_t from;                      /* pattern: where in the carry the search goes on; what stands before is only looked back at */
    size_t found_length, found_start; /* pattern: what the last detector_find() learned: with so many bytes more, `from` is there */
};

/* Where it became true. */
struct hit {
    size_t behind;  /* of the bytes given: known when so many of them have come */
    uint64_t start; /* position in the flow (as detector counts) of the first byte of the match; for an amount: of the place */
};

void detector_init_amount(struct detector *detector, uint64_t amount);
void detector_init_text(struct detector *detector, const struct text *text);
void detector_release(struct detector *detector);

bool detector_find(struct detector *detector, const uint8_t *bytes, size_t length, struct hit *hit);
void detector_take(struct detector *detector, const uint8_t *bytes, size_t length);

/* After a hit was taken: looks for the next one, behind it. */
void detector_restart(struct detector *detector);

/* A literal text that so many bytes were already looked at for, which end with so much of it. */
void detector_resume(struct detector *detector, uint64_t position, size_t matched);

/* In front of this position no byte can belong to a match that is still possible. */
uint64_t detector_decided(const struct detector *detector);

#endif
