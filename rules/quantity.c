/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads numbers exactly: no floating point, overflow noticed.
 */
#include "rules/quantity.h"

#include <string.h>

#define SECOND UINT64_C(1000000000)
#define DIGITS_MAX 18 /* what always fits into 64 bits */

const struct unit units_time[] = {
    { "us", 1000 }, { "ms", 1000000 }, { "s", SECOND }, { "min", 60 * SECOND }, { "h", 3600 * SECOND }, { NULL, 0 },
};

const struct unit units_size[] = {
    { "byte", 1 },     { "bytes", 1 },       { "kB", 1000 },        { "MB", 1000000 }, { "GB", 1000000000 },
    { "KiB", 1 << 10 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 }, { NULL, 0 },
};

const struct unit units_rate[] = {
    { "byte/s", 1 },      { "bytes/s", 1 },     { "kB/s", 1000 },    { "MB/s", 1000000 },    { "GB/s", 1000000000 },   { "KiB/s", 1 << 10 },
    { "MiB/s", 1 << 20 }, { "GiB/s", 1 << 30 }, { "kbit/s", 125 },   { "Mbit/s", 125000 },   { "Gbit/s", 125000000 }, { NULL, 0 },
};

static bool is_digit(const char *word, size_t length, size_t at)
{
    return at < length && word[at] >= '0' && word[at] <= '9';
}

static size_t read_digits(const char *word, size_t length, size_t at, struct decimal *decimal, unsigned *digits)
{
    for (; is_digit(word, length, at); at++) {
        if (++*digits <= DIGITS_MAX)
            decimal->digits = decimal->digits * 10 + (uint64_t)(word[at] - '0');
    }
    return at;
}

/* 3, 0.25: returns where it ends. */
static size_t read_decimal(const char *word, size_t length, size_t at, struct decimal *decimal, bool *too_long)
{
    unsigned digits = 0, whole;

    *decimal = (struct decimal){ 0, 0 };
    at = read_digits(word, length, at, decimal, &digits);
    whole = digits;
    if (at < length && word[at] == '.' && is_digit(word, length, at + 1)) {
        at = read_digits(word, length, at + 1, decimal, &digits);
        decimal->places = digits - whole;
    }
    if (digits > DIGITS_MAX)
        *too_long = true;
    return at;
}

bool bounds_read(const char *word, size_t length, struct bounds *bounds)
{
    size_t at;

    *bounds = (struct bounds){ .range = false };
    if (!is_digit(word, length, 0))
        return false;
    at = read_decimal(word, length, 0, &bounds->low, &bounds->too_long);
    bounds->high = bounds->low;
    if (at + 1 < length && word[at] == '.' && word[at + 1] == '.') {
        at += 2;
        bounds->range = is_digit(word, length, at);
        bounds->open = !bounds->range;
        if (bounds->range)
            at = read_decimal(word, length, at, &bounds->high, &bounds->too_long);
    }
    bounds->length = at;
    return true;
}

const struct unit *unit_find(const struct unit *table, const char *name, size_t length)
{
    for (; table->name; table++) {
        if (strlen(table->name) == length && memcmp(table->name, name, length) == 0)
            return table;
    }
    return NULL;
}

enum scaled decimal_scale(struct decimal decimal, uint64_t factor, uint64_t *out)
{
    unsigned __int128 value = (unsigned __int128)decimal.digits * factor;

    for (unsigned i = 0; i < decimal.places; i++) {
        if (value % 10 != 0)
            return SCALED_BROKEN;
        value /= 10;
    }
    if (value > INT64_MAX)
        return SCALED_TOO_LARGE;
    *out = (uint64_t)value;
    return SCALED_WELL;
}
