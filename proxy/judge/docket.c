/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The docket: which subjects have to be looked after.
 */
#include "judge/docket.h"

void docket_mark(struct docket *docket, struct subject *subject)
{
    if (subject->dirty)
        return;
    subject->dirty = true;
    subject->next_dirty = docket->dirty;
    docket->dirty = subject;
}
