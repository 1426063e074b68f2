/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pauses between attempts.
 */
#include "judge/pauses.h"

#include <stdlib.h>

#include "rules/memory.h"

#define KEPT 100000

void pauses_add(struct pauses *pauses, uint64_t at)
{
    if (pauses->count == KEPT)
        return;
    if (pauses->count == pauses->capacity) {
        pauses->capacity = pauses->capacity ? 2 * pauses->capacity : 8;
        pauses->times = xrealloc(pauses->times, pauses->capacity * sizeof *pauses->times);
    }
    pauses->times[pauses->count++] = at;
}

void pauses_release(struct pauses *pauses)
{
    free(pauses->times);
    *pauses = (struct pauses){.times = NULL};
}

size_t pauses_count(const struct pauses *pauses)
{
    return pauses->count > 0 ? pauses->count - 1 : 0;
}

void pauses_halves(const struct pauses *pauses, uint64_t *earlier, uint64_t *later)
{
    size_t half = pauses_count(pauses) / 2;
    *earlier = *later = 0;
    if (half == 0)
        return;
    *earlier = pauses->times[half] - pauses->times[0];
    *later = pauses->times[pauses->count - 1] - pauses->times[pauses->count - 1 - half];
}

bool pauses_grow(const struct pauses *pauses)
{
    uint64_t earlier, later;
    pauses_halves(pauses, &earlier, &later);
    return pauses_count(pauses) >= PAUSES_LEAST && 2 * later >= 3 * earlier;
}
