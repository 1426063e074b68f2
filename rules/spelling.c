/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edit distance (Damerau's, where no letter is touched twice), for words of a length that people write.
 */
#include "rules/spelling.h"

#include <ctype.h>

#define WORD_MAX 32
#define FAR 3u

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static int fold(const char *text, size_t at)
{
    return tolower((unsigned char)text[at]);
}

unsigned spelling_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *row = rows[2];

    if (a_length > WORD_MAX || b_length > WORD_MAX)
        return FAR;
    for (size_t j = 0; j <= b_length; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= a_length; i++) {
        unsigned *recycled = before;

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned change = last[j - 1] + (fold(a, i - 1) != fold(b, j - 1));

            row[j] = least(change, least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && fold(a, i - 1) == fold(b, j - 2) && fold(a, i - 2) == fold(b, j - 1))
                row[j] = least(row[j], before[j - 2] + 1);
        }
        before = last;
        last = row;
        row = recycled;
    }
    return least(last[b_length], FAR);
}

void spelling_try(struct spelling *search, const char *candidate, size_t length)
{
    unsigned allowed = search->length <= 2 ? 0 : search->length == 3 ? 1 : 2;
    unsigned distance = spelling_distance(search->word, search->length, candidate, length);

    if (distance > allowed || distance >= length || (search->nearest && distance >= search->distance))
        return;
    search->nearest = candidate;
    search->nearest_length = length;
    search->distance = distance;
}
