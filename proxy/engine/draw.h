/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Draws: what is left to chance, computed from the seed and from who asks, so that the same seed and the same connections give the same
 * faults and no rule changes another's (S8). There is no state: a draw is a hash of a key and a number. Used by engine/ only; faults ask
 * through fault.h.
 */
#ifndef HANGUP_ENGINE_DRAW_H
#define HANGUP_ENGINE_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "rules/vocab.h"

/* Keys: who draws. Parts are added one by one; what order they come in matters. */
uint64_t draw_key(uint64_t seed);
uint64_t draw_key_text(uint64_t key, const char *text);
uint64_t draw_key_number(uint64_t key, uint64_t number);
uint64_t draw_key_bytes(uint64_t key, const uint8_t *bytes, size_t length);

uint64_t draw_bits(uint64_t key, uint64_t use);  /* 64 evenly distributed bits */
double draw_unit(uint64_t key, uint64_t use);    /* 0.0 <= u < 1.0 */
uint64_t draw_below(uint64_t key, uint64_t use, uint64_t bound); /* 0 … bound - 1 */

/* A value of the range, in its own shape. `turn`: the connection's place among those of its rule, from 0, for SHAPE_IN_TURN. */
uint64_t draw_range(uint64_t key, uint64_t use, const struct range *range, uint64_t turn);

#endif
