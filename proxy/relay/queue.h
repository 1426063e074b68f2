/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A queue of bytes that wait, in order, with what belongs to them: when they were read, how they are to be written. Used by an end for
 * what its socket did not take yet, and by faults for what they keep. Bytes are copied in. Neighbours that are alike share a block.
 */
#ifndef HANGUP_RELAY_QUEUE_H
#define HANGUP_RELAY_QUEUE_H

#include "relay/filter.h"

struct queue_block;

/* Zeroed: empty. */
struct queue {
    struct queue_block *head, *tail;
    size_t bytes;  /* that wait */
    size_t memory; /* what they cost, blocks' headers included: many small pieces cost more than their bytes */
};

/* Pieces with stamp 0 and no flags are joined with their neighbours. */
void queue_append(struct queue *queue, const struct piece *piece);

/* The foremost bytes that are alike (same stamp and flags), at most `limit`; false if the queue is empty. Valid until the queue is
 * changed. PIECE_URGENT is shown only where its last byte is part of the answer. */
bool queue_front(const struct queue *queue, size_t limit, struct piece *front);

/* Drops so many bytes from the front; never more than there are. */
void queue_consume(struct queue *queue, size_t bytes);

/* Moves the foremost bytes behind those of another queue: whoever hands them on may be called again meanwhile. */
void queue_move(struct queue *from, struct queue *to, size_t bytes);

void queue_clear(struct queue *queue); /* frees all of it */

#endif
