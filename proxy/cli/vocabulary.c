/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Gathers the rows of engine, faults and judge. Nothing else knows all three.
 */
#include "cli/vocabulary.h"

#include "engine/vocabulary.h"
#include "faults/table.h"
#include "judge/vocabulary.h"
#include "rules/misnomers.h"

static const struct row *const *const lists[] = { engine_rows, fault_rows, judge_rows, NULL };

const struct vocab vocabulary = { lists, rules_misnomers };
