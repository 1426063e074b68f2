/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A queue of bytes: a list of blocks, each of bytes that are alike.
 */
#include "relay/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define JOIN_CAPACITY ((size_t)8 * 1024)

/* The bytes that wait are bytes[start … end). */
struct queue_block {
    struct queue_block *next;
    uint64_t stamp;
    size_t start, end, capacity;
    unsigned flags;
    uint8_t bytes[];
};

static bool joins(const struct piece *piece)
{
    return piece->stamp == 0 && piece->flags == 0;
}

static struct queue_block *block_new(struct queue *queue, const struct piece *piece)
{
    size_t capacity = joins(piece) && piece->length < JOIN_CAPACITY ? JOIN_CAPACITY : piece->length;
    struct queue_block *block = malloc(sizeof(*block) + capacity);

    if (block == NULL) {
        abort();
    }
    *block = (struct queue_block){.stamp = piece->stamp, .capacity = capacity, .flags = piece->flags};
    if (queue->tail == NULL) {
        queue->head = block;
    } else {
        queue->tail->next = block;
    }
    queue->tail = block;
    queue->memory += sizeof(*block) + capacity;
    return block;
}

void queue_append(struct queue *queue, const struct piece *piece)
{
    struct queue_block *tail = queue->tail;

    if (piece->length == 0) {
        return;
    }
    if (tail == NULL || !joins(piece) || tail->stamp != 0 || tail->flags != 0 || tail->capacity - tail->end < piece->length) {
        tail = block_new(queue, piece);
    }
    memcpy(tail->bytes + tail->end, piece->bytes, piece->length);
    tail->end += piece->length;
    queue->bytes += piece->length;
}

bool queue_front(const struct queue *queue, size_t limit, struct piece *front)
{
    struct queue_block *head = queue->head;
    size_t length;

    if (head == NULL || limit == 0) {
        return false;
    }
    length = head->end - head->start;
    *front = (struct piece){.bytes = head->bytes + head->start, .length = length, .stamp = head->stamp, .flags = head->flags};
    if (length > limit) {
        front->length = limit;
        front->flags &= ~(unsigned)PIECE_URGENT;
    }
    return true;
}

void queue_consume(struct queue *queue, size_t bytes)
{
    assert(bytes <= queue->bytes);
    while (bytes > 0) {
        struct queue_block *head = queue->head;
        size_t length = head->end - head->start;

        if (bytes < length) {
            head->start += bytes;
            queue->bytes -= bytes;
            return;
        }
        bytes -= length;
        queue->bytes -= length;
        queue->memory -= sizeof(*head) + head->capacity;
        queue->head = head->next;
        if (queue->head == NULL) {
            queue->tail = NULL;
        }
        free(head);
    }
}

static void move_block(struct queue *from, struct queue *to)
{
    struct queue_block *block = from->head;
    size_t bytes = block->end - block->start, memory = sizeof(*block) + block->capacity;

    from->head = block->next;
    if (from->head == NULL) {
        from->tail = NULL;
    }
    from->bytes -= bytes;
    from->memory -= memory;
    block->next = NULL;
    if (to->tail == NULL) {
        to->head = block;
    } else {
        to->tail->next = block;
    }
    to->tail = block;
    to->bytes += bytes;
    to->memory += memory;
}

void queue_move(struct queue *from, struct queue *to, size_t bytes)
{
    struct piece part;

    assert(bytes <= from->bytes);
    while (bytes > 0) {
        size_t length = from->head->end - from->head->start;

        if (length <= bytes) {
            move_block(from, to);
            bytes -= length;
        } else if (queue_front(from, bytes, &part)) {
            queue_append(to, &part);
            queue_consume(from, bytes);
            bytes = 0;
        }
    }
}

void queue_clear(struct queue *queue)
{
    queue_consume(queue, queue->bytes);
}
