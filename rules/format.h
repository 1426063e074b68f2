/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints a rule file in its normal form: one clause a line, one blank between words, values as they are best written, comments kept.
 * The normal form of a normal form is itself. A block that stands on one line stays there if it fits. Used by `hangup fmt`.
 */
#ifndef HANGUP_RULES_FORMAT_H
#define HANGUP_RULES_FORMAT_H

#include "rules/diag.h"
#include "rules/vocab.h"

/* The normal form, malloced; NULL, with errors in diag, if the text cannot be read. What is only not built yet can. */
char *format_text(const struct source *source, const struct vocab *vocab, struct diag *diag);

#endif
