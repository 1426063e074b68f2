/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bucket: the line in which bytes wait for their turn at a rate. Whoever has bytes books a stretch of time for some of them and passes
 * them on when it begins; stretches stand one behind the other, so no rounding adds up, and several that share a bucket take turns of 10
 * ms. It knows no fault and no timer. Used by throttle; a shared one belongs to all links of a relay and holds no pointer.
 */
#ifndef HANGUP_FAULTS_BUCKET_H
#define HANGUP_FAULTS_BUCKET_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed: free at once. */
struct bucket {
    uint64_t free_at; /* ns: when all that was booked has gone out at the rate */
    uint64_t owed;    /* what is left of a nanosecond, in 1/rate of it */
};

struct booking {
    uint64_t at;  /* ns: when the bytes may go */
    size_t bytes; /* 0: none */
};

/* Books the next stretch: as many bytes as go out in 10 ms, at least one, at most `bytes` (above 0). `rate`: bytes a second, above 0.
 * `since`: when the first of these bytes came, or could have gone: no stretch begins earlier. */
struct booking bucket_book(struct bucket *bucket, uint64_t rate, size_t bytes, uint64_t since);

#endif
