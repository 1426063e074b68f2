/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Gets the texts that rules are read from: files, and what stands on the command line. Refuses what is no text (NUL, not UTF-8) or too
 * long, with its place. Does not look into the language; `include` is the parser's.
 */
#ifndef HANGUP_RULES_SOURCE_H
#define HANGUP_RULES_SOURCE_H

#include "rules/diag.h"

#define SOURCE_MAX (1024 * 1024)

/*
 * Reads the file, and hands it to the diag, which owns it from then on. `from` is where it was asked for: an `include`, or a span without a
 * source for the command line. NULL, with an error in diag, when it cannot be read or is no text.
 */
struct source *source_read(const char *path, struct span from, struct diag *diag);

/* The same of a text that is there already; copied. */
struct source *source_from_text(const char *name, const char *text, struct diag *diag);

/* The whole of it as a span without extent, for messages about the file as such. */
struct span source_start(const struct source *source);

#endif
