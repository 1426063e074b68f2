/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of faults (see table.h). It says nothing itself: the list is kinds.h, the rows stand in each fault's file.
 */
#include "faults/table.h"

#include "faults/kinds.h"

static const struct fault_kind *const kinds[] = {
#define X(name) &kind_##name,
    FAULT_KINDS(X)
#undef X
    NULL,
};

const struct row *const fault_rows[] = {
#define X(name) &kind_##name.row,
    FAULT_KINDS(X)
#undef X
    NULL,
};

const struct fault_kind *fault_kind_of(const struct row *row)
{
    for (const struct fault_kind *const *kind = kinds; *kind; kind++) {
        if (&(*kind)->row == row) {
            return *kind;
        }
    }
    return NULL;
}
