/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of faults that are not built yet: words of the language that are known, explained by `hangup help` and refused. A fault that
 * gets built leaves this list for kinds.h. Read by table.c.
 */
#ifndef HANGUP_FAULTS_LATER_H
#define HANGUP_FAULTS_LATER_H

#include "rules/vocab.h"

#define LATER_ROWS(X) \
    X(delay_segments) \
    X(duplicate_segments) \
    X(reorder)

#define X(name) extern const struct row later_##name;
LATER_ROWS(X)
#undef X

#endif
