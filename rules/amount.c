/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Amounts of the command line and of requests, read by the language's own units.
 */
#include "rules/amount.h"

#include <string.h>

#include "rules/quantity.h"

static bool amount_read(const char *text, const struct unit *units, uint64_t *out)
{
    struct bounds bounds;
    const struct unit *unit;
    const char *name;

    if (!bounds_read(text, strlen(text), &bounds) || bounds.range || bounds.open || bounds.too_long) {
        return false;
    }
    name = text + bounds.length + strspn(text + bounds.length, " ");
    unit = unit_find(units, name, strlen(name));
    return unit != NULL && decimal_scale(bounds.low, unit->factor, out) == SCALED_WELL;
}

bool amount_duration(const char *text, uint64_t *ns)
{
    return amount_read(text, units_time, ns);
}

bool amount_size(const char *text, uint64_t *bytes)
{
    return amount_read(text, units_size, bytes);
}

bool amount_number(const char *text, uint64_t *number)
{
    struct bounds bounds;

    return bounds_read(text, strlen(text), &bounds) && !bounds.range && !bounds.open && !bounds.too_long && text[bounds.length] == '\0'
           && decimal_scale(bounds.low, 1, number) == SCALED_WELL;
}
