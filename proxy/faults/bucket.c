/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line of bytes at a rate (see bucket.h).
 */
#include "faults/bucket.h"

#include "relay/timers.h"

#define TURNS_A_SECOND 100 /* 10 ms each: how far bytes may run ahead of their rate */

struct booking bucket_book(struct bucket *bucket, uint64_t rate, size_t bytes, uint64_t since)
{
    if (bucket->free_at < since) {
        bucket->free_at = since;
        bucket->owed = 0;
    }
    uint64_t turn = rate / TURNS_A_SECOND;
    struct booking booking = {.at = bucket->free_at, .bytes = bytes};
    if (booking.bytes > turn) {
        booking.bytes = turn ? turn : 1;
    }
    __uint128_t time = (__uint128_t)booking.bytes * NS_PER_S + bucket->owed;
    bucket->free_at += (uint64_t)(time / rate);
    bucket->owed = (uint64_t)(time % rate);
    return booking;
}
