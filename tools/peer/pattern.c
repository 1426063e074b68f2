/* SPDX-License-Identifier: BSD-2-Clause */
/* The endless text that the peers send when a script gives a size. Called by speak.c and hear.c. */
#include "tools/peer/pattern.h"

#define CELL 8

static char byte_at(uint64_t place)
{
    unsigned digit = (unsigned)(place % CELL);
    if (digit == CELL - 1)
        return '\n';
    return "0123456789abcdef"[(place / CELL) >> (4 * (CELL - 2 - digit)) & 0xf];
}

void pattern_write(char *out, uint64_t from, size_t length)
{
    for (size_t i = 0; i < length; i++)
        out[i] = byte_at(from + i);
}

bool pattern_matches(const char *bytes, uint64_t from, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != byte_at(from + i))
            return false;
    }
    return true;
}
