/* SPDX-License-Identifier: BSD-2-Clause */
/* Percentiles of all that was measured: every value is kept, none is estimated. Called by ask.c and delay.c. */
#include "tools/load/spread.h"

#include <stdio.h>
#include <stdlib.h>

#include "tools/load/sockets.h"

void spread_add(struct spread *spread, int64_t value)
{
    if (spread->count == spread->room) {
        spread->room = spread->room ? 2 * spread->room : 65536;
        spread->values = realloc(spread->values, spread->room * sizeof(*spread->values));
        if (!spread->values)
            fail("memory");
    }
    spread->values[spread->count++] = value;
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

static double percentile(const struct spread *spread, unsigned percent)
{
    size_t rank = (spread->count * percent + 99) / 100;

    return spread->count == 0 ? 0 : (double)spread->values[rank ? rank - 1 : 0] / 1e3;
}

void spread_print(struct spread *spread, const char *name)
{
    if (spread->count)
        qsort(spread->values, spread->count, sizeof(*spread->values), compare);
    printf("\"%s\": {\"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"max\": %.1f}", name, percentile(spread, 50), percentile(spread, 90),
        percentile(spread, 99), percentile(spread, 100));
}

void spread_free(struct spread *spread)
{
    free(spread->values);
    *spread = (struct spread){0};
}
