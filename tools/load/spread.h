/* SPDX-License-Identifier: BSD-2-Clause */
/* Many measured times, and their percentiles. */
#ifndef HANGUP_TOOLS_LOAD_SPREAD_H
#define HANGUP_TOOLS_LOAD_SPREAD_H

#include <stddef.h>
#include <stdint.h>

struct spread {
    int64_t *values; /* ns; owned */
    size_t count, room;
};

void spread_add(struct spread *spread, int64_t value);

/* Prints `"name": {"p50": …, "p90": …, "p99": …, "max": …}`, in microseconds; sorts. */
void spread_print(struct spread *spread, const char *name);

void spread_free(struct spread *spread);

#endif
