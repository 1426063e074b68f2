/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which bytes of a flow an action means (see portion.h).
 */
#include "faults/portion.h"

void portion_start(struct portion *portion, struct fault *fault)
{
    const struct value *value = &fault->phrase->values[0];
    *portion = (struct portion){.kind = PORTION_ALL};
    if (value->slot == SLOT_SIZE) {
        portion->kind = PORTION_FIRST;
        portion->size = fault_draw(fault, &value->range);
    } else if (value->slot == SLOT_PERCENT) {
        portion->kind = PORTION_LOT;
        portion->share = value->share;
    }
}

static size_t walk_by_lot(const struct portion *portion, const struct fault *fault, size_t length, bool *meant)
{
    *meant = fault_draw_byte(fault, portion->offset, portion->share);
    size_t run = 1;
    while (run < length && fault_draw_byte(fault, portion->offset + run, portion->share) == *meant) {
        run++;
    }
    return run;
}

size_t portion_walk(struct portion *portion, const struct fault *fault, size_t length, bool *meant)
{
    size_t run = length;
    switch (portion->kind) {
    case PORTION_ALL:
        *meant = true;
        break;
    case PORTION_FIRST:
        *meant = !portion_used_up(portion);
        if (*meant && run > portion->size - portion->offset) {
            run = portion->size - portion->offset;
        }
        break;
    case PORTION_LOT:
        run = walk_by_lot(portion, fault, length, meant);
        break;
    }
    portion->offset += run;
    return run;
}

bool portion_used_up(const struct portion *portion)
{
    return portion->kind == PORTION_FIRST && portion->offset >= portion->size;
}

struct piece portion_of_piece(const struct piece *piece, size_t offset, size_t length)
{
    struct piece part = *piece;
    part.bytes += offset;
    part.length = length;
    if (offset + length < piece->length) {
        part.flags &= ~(unsigned)PIECE_URGENT;
    }
    return part;
}
