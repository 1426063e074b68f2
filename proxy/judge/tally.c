/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counting.
 */
#include "judge/tally.h"

void tally_told(struct tally *tally, const struct notice *notice)
{
    if (notice->kind == NOTICE_DELIVERED) {
        tally->bytes += notice->bytes;
    } else if (notice->kind == NOTICE_OPENED) {
        tally->links++;
        tally->open_links++;
    } else if (notice->kind == NOTICE_CLOSED) {
        tally->open_links--;
    } else if (notice->kind == NOTICE_RULE_FIRED) {
        tally->firings++;
    }
}
