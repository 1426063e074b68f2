/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of what can be expected. cli/ hands them to the parser.
 */
#ifndef HANGUP_JUDGE_VOCABULARY_H
#define HANGUP_JUDGE_VOCABULARY_H

#include "rules/vocab.h"

extern const struct row *const judge_rows[]; /* NULL-terminated: expectations of a connection, and standing ones */

#endif
