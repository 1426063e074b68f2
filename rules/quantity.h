/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers with and without a unit, as they stand in a word: `3`, `1..2`, `4..`, `0.25`, `30s`, `80..120ms`. Knows no tokens; slot.c
 * puts words together.
 */
#ifndef HANGUP_RULES_QUANTITY_H
#define HANGUP_RULES_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* digits / 10^places */
struct decimal {
    uint64_t digits;
    unsigned places;
};

/* The front of a word: A, A..B or A.. */
struct bounds {
    struct decimal low, high; /* one number: both the same; high is unset when open */
    bool range, open;         /* A..B;  A.. */
    size_t length;            /* what of the word this took; behind it the unit may stand */
    bool too_long;            /* more digits than any value here has */
};

/* False when the word does not begin with a digit. */
bool bounds_read(const char *word, size_t length, struct bounds *bounds);

struct unit {
    const char *name; /* NULL ends the table */
    uint64_t factor;  /* in nanoseconds, bytes, bytes a second */
};

extern const struct unit units_time[], units_size[], units_rate[];

const struct unit *unit_find(const struct unit *table, const char *name, size_t length);

enum scaled {
    SCALED_WELL,
    SCALED_TOO_LARGE, /* beyond INT64_MAX */
    SCALED_BROKEN,    /* less than one of the smallest unit is left: 0.5 bytes */
};

enum scaled decimal_scale(struct decimal decimal, uint64_t factor, uint64_t *out);

#endif
