/* SPDX-License-Identifier: BSD-2-Clause */
/* The endless text that the peers send when a script gives a size. Called by speak.c and hear.c. */
#include "tools/peer/pattern.h"

#include <string.h>

#define CELL 8

/* The cell with that number. */
static void write_cell(char cell[CELL], uint64_t number)
{
    for (int digit = CELL - 2; digit >= 0; digit--, number >>= 4)
        cell[digit] = "0123456789abcdef"[number & 0xf];
    cell[CELL - 1] = '\n';
}

/* How much of the `length` bytes at `from` lies in one cell, which is written to `cell`; the part begins at *part. */
static size_t next_part(char cell[CELL], uint64_t from, size_t length, const char **part)
{
    size_t inside = (size_t)(from % CELL);
    write_cell(cell, from / CELL);
    *part = cell + inside;
    return length < CELL - inside ? length : CELL - inside;
}

void pattern_write(char *out, uint64_t from, size_t length)
{
    char cell[CELL];
    const char *part;
    for (size_t done = 0, size; done < length; done += size) {
        size = next_part(cell, from + done, length - done, &part);
        memcpy(out + done, part, size);
    }
}

bool pattern_matches(const char *bytes, uint64_t from, size_t length)
{
    char cell[CELL];
    const char *part;
    for (size_t done = 0, size; done < length; done += size) {
        size = next_part(cell, from + done, length - done, &part);
        if (memcmp(bytes + done, part, size) != 0)
            return false;
    }
    return true;
}
