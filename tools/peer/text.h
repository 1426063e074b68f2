/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes as people write them: "\r\n\x00" and back. The same escapes as in hangup's rule files. */
#ifndef HANGUP_TOOLS_PEER_TEXT_H
#define HANGUP_TOOLS_PEER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Writes `length` bytes in quotes into `out` (NUL-terminated), which must have room for text_quoted_size(length). Returns what it
 * wrote.
 */
size_t text_quote(char *out, const char *bytes, size_t length);

/* Each byte may become four, and there are two quotes and a NUL. */
#define text_quoted_size(length) (4 * (length) + 3)

/*
 * Reads the quoted text at `*at` (which points to the opening quote) into `out`, which needs no more room than the text itself has.
 * Leaves `*at` behind the closing quote. False: the text does not end, or has an escape that is none.
 */
bool text_unquote(const char **at, char *out, size_t *length);

/* Reads "100", "64KiB", "2MB" into bytes. */
bool text_size(const char *text, uint64_t *bytes);

#endif
