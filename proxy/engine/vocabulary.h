/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of what the engine decides and sees: which connections a rule is for, and what happens on them. cli/ hands them to the parser.
 */
#ifndef HANGUP_ENGINE_VOCABULARY_H
#define HANGUP_ENGINE_VOCABULARY_H

#include "rules/vocab.h"

extern const struct row *const engine_rows[]; /* NULL-terminated: selectors, events, deeds */

#endif
