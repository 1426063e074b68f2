/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pauses between attempts, and whether they grow. "Each longer than the one before" would fail a client with full jitter two times in
 * three, so halves are compared: of at least four pauses the later half lasts 1.5 times the earlier half or more (of an odd number the
 * middle one is not counted).
 */
#ifndef HANGUP_JUDGE_PAUSES_H
#define HANGUP_JUDGE_PAUSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAUSES_LEAST 4

/* Attempts in order: times[0] is what the first pause is counted from. ns. */
struct pauses {
    uint64_t *times;
    size_t count, capacity;
};

void pauses_add(struct pauses *pauses, uint64_t at); /* beyond 100,000 they are not kept */
void pauses_release(struct pauses *pauses);

size_t pauses_count(const struct pauses *pauses);

/* How long the earlier and the later half last. */
void pauses_halves(const struct pauses *pauses, uint64_t *earlier, uint64_t *later);
bool pauses_grow(const struct pauses *pauses);

#endif
