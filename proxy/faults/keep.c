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

void keep_ending(struct fault *fault, enum ending ending)
{
    if (fault->has_ending || fault_kept(fault) > 0) {
        fault_keep_ending(fault, ending);
    } else {
        fault_pass_ending(fault, ending);
    }
}
