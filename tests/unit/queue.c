/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queues: what comes out is what went in, cut where its kind changes.
 */
#include "relay/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void put(struct queue *queue, const char *text, uint64_t stamp, unsigned flags)
{
    struct piece piece = {.length = strlen(text), .stamp = stamp, .flags = flags};
    char *copy = strdup(text); /* the memory is the caller's, and gone afterwards */

    piece.bytes = (uint8_t *)copy;
    queue_append(queue, &piece);
    free(copy);
}

static void assert_front(const struct queue *queue, size_t limit, const char *text, uint64_t stamp, unsigned flags)
{
    struct piece front;

    assert_true(queue_front(queue, limit, &front));
    assert_int_equal(front.length, strlen(text));
    assert_memory_equal(front.bytes, text, front.length);
    assert_int_equal(front.stamp, stamp);
    assert_int_equal(front.flags, flags);
}

static void test_empty(void **state)
{
    struct queue queue = {0};
    struct piece front;

    (void)state;
    assert_false(queue_front(&queue, SIZE_MAX, &front));
    put(&queue, "", 0, 0);
    assert_false(queue_front(&queue, SIZE_MAX, &front));
    assert_int_equal(queue.memory, 0);
    queue_consume(&queue, 0);
    queue_clear(&queue);
}

static void test_neighbours_that_are_alike_are_joined(void **state)
{
    struct queue queue = {0};
    size_t memory;

    (void)state;
    put(&queue, "ab", 0, 0);
    memory = queue.memory;
    put(&queue, "cd", 0, 0);
    assert_int_equal(queue.memory, memory);
    assert_front(&queue, SIZE_MAX, "abcd", 0, 0);
    queue_consume(&queue, 1);
    put(&queue, "e", 0, 0);
    assert_front(&queue, SIZE_MAX, "bcde", 0, 0);
    assert_int_equal(queue.bytes, 4);
    queue_clear(&queue);
    assert_int_equal(queue.memory, 0);
}

static void test_stamps_and_flags_are_kept(void **state)
{
    struct queue queue = {0};

    (void)state;
    put(&queue, "a", 5, 0);
    put(&queue, "b", 5, 0);
    put(&queue, "c", 0, PIECE_OWN_WRITE);
    put(&queue, "d", 0, PIECE_OWN_WRITE);
    put(&queue, "e", 0, 0);
    put(&queue, "f", 7, 0);
    assert_front(&queue, SIZE_MAX, "a", 5, 0);
    queue_consume(&queue, 1);
    assert_front(&queue, SIZE_MAX, "b", 5, 0);
    queue_consume(&queue, 1);
    assert_front(&queue, SIZE_MAX, "c", 0, PIECE_OWN_WRITE);
    queue_consume(&queue, 1);
    assert_front(&queue, SIZE_MAX, "d", 0, PIECE_OWN_WRITE);
    queue_consume(&queue, 1);
    assert_front(&queue, SIZE_MAX, "e", 0, 0);
    queue_consume(&queue, 1);
    assert_front(&queue, SIZE_MAX, "f", 7, 0);
    queue_clear(&queue);
}

static void test_urgent_is_the_last_byte_only(void **state)
{
    struct queue queue = {0};

    (void)state;
    put(&queue, "ab!", 0, PIECE_URGENT);
    put(&queue, "cd", 0, 0);
    assert_front(&queue, 2, "ab", 0, 0);
    assert_front(&queue, 3, "ab!", 0, PIECE_URGENT);
    queue_consume(&queue, 2);
    assert_front(&queue, SIZE_MAX, "!", 0, PIECE_URGENT);
    queue_consume(&queue, 1);
    assert_front(&queue, SIZE_MAX, "cd", 0, 0);
    queue_clear(&queue);
}

static void test_consumed_across_blocks(void **state)
{
    struct queue queue = {0};

    (void)state;
    put(&queue, "abc", 1, 0);
    put(&queue, "def", 2, 0);
    put(&queue, "ghi", 3, 0);
    queue_consume(&queue, 7);
    assert_front(&queue, SIZE_MAX, "hi", 3, 0);
    queue_consume(&queue, 2);
    assert_int_equal(queue.bytes, 0);
    assert_int_equal(queue.memory, 0);
    put(&queue, "j", 0, 0); /* it can be used again */
    assert_front(&queue, SIZE_MAX, "j", 0, 0);
    queue_clear(&queue);
}

static void test_small_pieces_cost_more_than_their_bytes(void **state)
{
    struct queue queue = {0};

    (void)state;
    for (uint64_t i = 1; i <= 1000; i++) {
        put(&queue, "x", i, 0);
    }
    assert_true(queue.memory >= 1000 * (1 + sizeof(void *)));
    queue_clear(&queue);
    assert_int_equal(queue.memory, 0);
}

static void test_a_long_stream_comes_out_as_it_went_in(void **state)
{
    struct queue queue = {0};
    uint64_t in = 0, out = 0, random = 7;
    uint8_t bytes[20000];

    (void)state;
    while (out < 1000000) {
        size_t length, take;
        struct piece front;

        random = random * UINT64_C(6364136223846793005) + 1;
        length = (size_t)(random >> 33) % sizeof(bytes);
        for (size_t i = 0; i < length; i++) {
            bytes[i] = (uint8_t)((in + i) * 31 >> 3);
        }
        queue_append(&queue, &(struct piece){.bytes = bytes, .length = length});
        in += length;
        take = (size_t)(random >> 13) % 30000;
        while (take > 0 && queue_front(&queue, take, &front)) {
            for (size_t i = 0; i < front.length; i++) {
                assert_int_equal(front.bytes[i], (uint8_t)((out + i) * 31 >> 3));
            }
            out += front.length;
            take -= front.length;
            queue_consume(&queue, front.length);
        }
        assert_int_equal(queue.bytes, in - out);
        assert_true(queue.memory >= queue.bytes);
    }
    queue_clear(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_neighbours_that_are_alike_are_joined),
        cmocka_unit_test(test_stamps_and_flags_are_kept),
        cmocka_unit_test(test_urgent_is_the_last_byte_only),
        cmocka_unit_test(test_consumed_across_blocks),
        cmocka_unit_test(test_small_pieces_cost_more_than_their_bytes),
        cmocka_unit_test(test_a_long_stream_comes_out_as_it_went_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
