/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of faults: the rows that cli/ hands to the parser, and the way back from a row in a compiled rule to what it does. engine/ is
 * given fault_kind_of() by cli/, since it may not know this folder.
 */
#ifndef HANGUP_FAULTS_TABLE_H
#define HANGUP_FAULTS_TABLE_H

#include "engine/fault.h"
#include "rules/vocab.h"

extern const struct row *const fault_rows[]; /* NULL-terminated; all of table ROW_EFFECT */

/* The kind that a row of fault_rows belongs to. */
const struct fault_kind *fault_kind_of(const struct row *row);

#endif
