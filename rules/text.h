/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands in quotes and between slashes: escapes resolved, patterns compiled. The only file that knows PCRE2.
 */
#ifndef HANGUP_RULES_TEXT_H
#define HANGUP_RULES_TEXT_H

#include "rules/memory.h"
#include "rules/vocab.h"

/* What is wrong with a text, and where in it. */
struct text_fault {
    const char *message; /* in the arena, or constant */
    size_t offset, length;
};

/* A string token, with its quotes. The result is NUL-terminated as well, in `arena`. NULL: see fault. */
const char *text_unescape(const char *token, size_t token_length, size_t *length, struct arena *arena, struct text_fault *fault);

/* A pattern token, with its slashes and flags. What PCRE2 made of it is freed with the arena. */
bool text_compile(const char *token, size_t token_length, struct text *text, struct arena *arena, struct text_fault *fault);

#endif
