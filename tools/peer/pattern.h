/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pattern: an endless text in which each byte tells its place, so that a byte lost, doubled, changed or out of order shows.
 * Cells of eight bytes, each its own number: "0000000\n0000001\n0000002\n" …
 */
#ifndef HANGUP_TOOLS_PEER_PATTERN_H
#define HANGUP_TOOLS_PEER_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes the bytes `from` to `from + length` of the pattern. */
void pattern_write(char *out, uint64_t from, size_t length);

bool pattern_matches(const char *bytes, uint64_t from, size_t length);

#endif
