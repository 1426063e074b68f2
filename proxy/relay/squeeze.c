/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds the least of an end's squeezes, and has its stream keep to that.
 */
#include "relay/squeeze.h"

#include <stdlib.h>

#include "kernel/clamp.h"
#include "relay/end.h"
#include "rules/memory.h"

/* Of one end, while it has any. */
struct squeezes {
    struct squeeze *first;
    struct clamp clamp;
};

static const struct squeeze *least_of(const struct squeezes *squeezes)
{
    const struct squeeze *least = squeezes->first;

    for (const struct squeeze *squeeze = squeezes->first; squeeze != NULL; squeeze = squeeze->next) {
        least = squeeze->bytes < least->bytes ? squeeze : least;
    }
    return least;
}

void squeeze_apply(struct end *end)
{
    const struct squeeze *least;

    if (end->squeezes == NULL || (end->state != END_OPEN && end->state != END_CONNECTING)) {
        return;
    }
    least = least_of(end->squeezes);
    end->stream.ops->clamp(&end->stream, &end->squeezes->clamp, least != NULL ? least->bytes : 0);
    if (least != NULL && least->at_once && end->state == END_OPEN) {
        (void)end->stream.ops->take_back(&end->stream, least->bytes);
    }
}

void squeeze_join(struct end *end, struct squeeze *squeeze)
{
    if (end->squeezes == NULL) {
        end->squeezes = xmalloc(sizeof(*end->squeezes));
        *end->squeezes = (struct squeezes){0};
    }
    squeeze->next = end->squeezes->first;
    end->squeezes->first = squeeze;
    squeeze_apply(end);
}

void squeeze_leave(struct end *end, struct squeeze *squeeze)
{
    struct squeeze **place = end->squeezes != NULL ? &end->squeezes->first : NULL;

    while (place != NULL && *place != squeeze) {
        place = *place != NULL ? &(*place)->next : NULL;
    }
    if (place == NULL) {
        return;
    }
    *place = squeeze->next;
    squeeze_apply(end);
    if (end->squeezes->first == NULL) {
        free(end->squeezes);
        end->squeezes = NULL;
    }
}
