/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds the row of a table that stands at the reader's place, and reads its values. Interprets the rows' syntax as it goes.
 */
#ifndef HANGUP_RULES_ROW_H
#define HANGUP_RULES_ROW_H

#include "rules/draft.h"
#include "rules/reader.h"

/*
 * One word decides between rows, so the one that got furthest is the one that was meant. `label` says what a row of that table is, for
 * messages. NULL: there is none, or it is wrong; the reader knows why.
 */
struct parsed *row_match(struct reader *reader, enum row_table table, const char *label);

#endif
