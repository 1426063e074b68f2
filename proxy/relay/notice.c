/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of notices, as data, and who is told of them.
 */
#include "relay/notice.h"

#include <stdlib.h>

#include "rules/memory.h"

const struct notice_row notice_rows[NOTICE_KINDS] = {
#define X(id, row_name, row_has_side, row_help) [NOTICE_##id] = {.name = row_name, .help = row_help, .has_side = row_has_side},
    NOTICES(X)
#undef X
};

void observers_add(struct observers *observers, struct observer *observer)
{
    observers->list = xrealloc(observers->list, (observers->count + 1) * sizeof(struct observer *));
    observers->list[observers->count++] = observer;
    observers->wanted |= ~observer->ignores;
}

void observers_tell(const struct observers *observers, const struct notice *notice)
{
    for (size_t i = 0; i < observers->count; i++) {
        if ((observers->list[i]->ignores & NOTICE_BIT(notice->kind)) == 0) {
            observers->list[i]->tell(observers->list[i], notice);
        }
    }
}

void observers_clear(struct observers *observers)
{
    free(observers->list);
    *observers = (struct observers){.list = NULL};
}
