/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeping bytes and the ending behind them (see keep.h).
 */
#include "faults/keep.h"

void keep_bytes(struct fault *fault, const struct piece *piece)
{
    struct piece unstamped = *piece;
    unstamped.stamp = 0;
    fault_keep(fault, &unstamped);
}

bool is_ending(enum what what, enum ending ending)
{
    switch (ending) {
    case ENDING_CLOSE_NOTIFY: return what == WHAT_CLOSE_NOTIFY;
    case ENDING_FIN: return what == WHAT_FIN;
    case ENDING_RST: return what == WHAT_RST;
    case ENDING_ALERT: break; /* no word of the language: it passes */
    }
    return false;
}

void keep_ending(struct fault *fault, enum ending ending)
{
    if (fault->endings != 0 || fault_kept(fault) > 0) {
        fault_keep_ending(fault, ending);
    } else {
        fault_pass_ending(fault, ending);
    }
}
