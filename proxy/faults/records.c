/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walking along records (see records.h).
 */
#include "faults/records.h"

void records_start(struct records *records, struct fault *fault)
{
    *records = (struct records){.now = fault_records(fault, &records->in_front), .in_front = records->in_front};
    records->first = records->now.number + 1;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

struct stretch records_walk(struct records *records, const uint8_t *bytes, size_t length)
{
    struct tls_records *now = &records->now;
    struct stretch stretch = {.length = least(length, records->in_front)};
    if (stretch.length > 0) {
        records->in_front -= stretch.length;
        return stretch;
    }
    stretch.length = least(length, tls_records_reach(now));
    stretch.payload = tls_records_in_payload(now);
    stretch.begins = stretch.payload ? now->left == now->length : now->have == 0;
    stretch.size = now->length;
    stretch.offset = now->length - now->left;
    tls_records_take(now, bytes, stretch.length);
    stretch.number = now->number;
    stretch.whole = !now->lost && now->number >= records->first;
    stretch.ends = now->ended;
    return stretch;
}
