/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The programs that lose segments, run by the kernel itself: on a socket pair, where any user may, each "segment" is a TCP header with
 * bytes behind it. What comes out at the other end was not lost.
 */
#include "kernel/loss.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

struct segment {
    uint32_t sequence, acknowledged;
    uint8_t flags;
    uint16_t words; /* of its header; 0: 5 */
    uint16_t bytes;
};

/* Does it get through? */
static bool passes(const struct loss *losses, struct segment segment)
{
    struct sock_filter program[512];
    struct sock_fprog whole = {.filter = program, .len = (unsigned short)loss_program(losses, program, 512)};
    uint8_t packet[4096] = {0}, words = segment.words ? (uint8_t)segment.words : 5;
    uint32_t sequence = htonl(segment.sequence), acknowledged = htonl(segment.acknowledged);
    int pair[2];
    bool passed;

    assert_true(whole.len > 0);
    memcpy(packet + 4, &sequence, 4);
    memcpy(packet + 8, &acknowledged, 4);
    packet[12] = (uint8_t)(words << 4);
    packet[13] = segment.flags;
    assert_return_code(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_return_code(setsockopt(pair[1], SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof(whole)), 0);
    (void)send(pair[0], packet, words * 4u + segment.bytes, 0);
    passed = recv(pair[1], packet, sizeof(packet), 0) > 0;
    close(pair[0]);
    close(pair[1]);
    return passed;
}

static const struct segment data = {.flags = ACK, .bytes = 100}, data_with_options = {.flags = ACK, .bytes = 100, .words = 8},
                            ack = {.flags = ACK}, ack_with_options = {.flags = ACK, .words = 8}, fin = {.flags = FIN | ACK},
                            last = {.flags = FIN | ACK, .bytes = 3}, syn = {.flags = SYN}, rst = {.flags = RST};

static void each_kind_is_told_from_the_others(void **state)
{
    struct loss loss = {.what = LOSS_DATA};

    (void)state;
    assert_false(passes(&loss, data) || passes(&loss, data_with_options) || passes(&loss, last));
    assert_true(passes(&loss, ack) && passes(&loss, ack_with_options) && passes(&loss, fin) && passes(&loss, rst));
    loss.what = LOSS_FIN;
    assert_false(passes(&loss, fin) || passes(&loss, last));
    assert_true(passes(&loss, data) && passes(&loss, ack) && passes(&loss, syn) && passes(&loss, rst));
    loss.what = LOSS_ACKS;
    assert_false(passes(&loss, ack) || passes(&loss, ack_with_options));
    assert_true(passes(&loss, data) && passes(&loss, fin) && passes(&loss, syn) && passes(&loss, rst) && passes(&loss, last));
    loss.what = LOSS_SEGMENTS;
    assert_false(passes(&loss, data) || passes(&loss, ack) || passes(&loss, fin) || passes(&loss, syn) || passes(&loss, rst));
    assert_true(passes(NULL, data) && passes(NULL, fin));
}

static void a_size_is_of_bytes_without_the_header(void **state)
{
    struct loss loss = {.what = LOSS_SEGMENTS, .over = 99};

    (void)state;
    assert_false(passes(&loss, data) || passes(&loss, data_with_options));
    loss.over = 100;
    assert_true(passes(&loss, data) && passes(&loss, data_with_options) && passes(&loss, ack));
    loss.what = LOSS_DATA;
    assert_true(passes(&loss, data));
    loss.over = 99;
    assert_false(passes(&loss, data));
}

static void a_place_is_one_segment(void **state)
{
    struct loss loss = {.what = LOSS_DATA, .which = LOSS_PLACE, .first = 0xfffffff0, .place = 0x20};
    struct segment there = data, before = data, elsewhere = ack;

    (void)state;
    there.sequence = elsewhere.sequence = 0x10;
    before.sequence = 0x0f;
    assert_false(passes(&loss, there));
    assert_true(passes(&loss, before) && passes(&loss, elsewhere));
    loss.which = LOSS_NONE;
    assert_true(passes(&loss, there));
}

static void a_lot_is_what_it_says(void **state)
{
    struct loss loss = {.what = LOSS_DATA, .which = LOSS_LOT, .share = UINT32_MAX / 4, .key = 77, .first = 1000, .place = UINT32_MAX};
    unsigned lost = 0;

    (void)state;
    for (uint32_t place = 0; place < 2000; place++) {
        struct segment segment = data;

        segment.sequence = 1000 + place * 7;
        assert_int_equal(passes(&loss, segment), !loss_draws(&loss, place * 7));
        lost += loss_draws(&loss, place * 7);
    }
    assert_in_range(lost, 400, 600); /* a quarter of 2000, by more than five deviations */
    for (uint32_t place = 0; loss.place == UINT32_MAX; place++) {
        loss.place = loss_draws(&loss, place) ? place : UINT32_MAX;
    }
    assert_true(passes(&loss, (struct segment){.sequence = 1000 + loss.place, .flags = ACK, .bytes = 1}));
}

static void acks_have_the_place_that_they_acknowledge(void **state)
{
    struct loss loss = {.what = LOSS_ACKS, .which = LOSS_LOT, .share = UINT32_MAX / 2, .key = 5, .first = 50, .place = UINT32_MAX};

    (void)state;
    for (uint32_t place = 0; place < 50; place++) {
        assert_int_equal(passes(&loss, (struct segment){.acknowledged = 50 + place, .flags = ACK}), !loss_draws(&loss, place));
    }
}

static void several_lose_together(void **state)
{
    struct loss fins = {.what = LOSS_FIN}, none = {.next = &fins, .which = LOSS_NONE}, acks = {.next = &none, .what = LOSS_ACKS};

    (void)state;
    assert_false(passes(&acks, ack) || passes(&acks, fin));
    assert_true(passes(&acks, data));
}

static void a_program_that_does_not_fit_is_none(void **state)
{
    struct sock_filter program[8];
    struct loss loss = {.what = LOSS_ACKS};

    (void)state;
    assert_int_equal(loss_program(&loss, program, 8), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_told_from_the_others),
        cmocka_unit_test(a_size_is_of_bytes_without_the_header),
        cmocka_unit_test(a_place_is_one_segment),
        cmocka_unit_test(a_lot_is_what_it_says),
        cmocka_unit_test(acks_have_the_place_that_they_acknowledge),
        cmocka_unit_test(several_lose_together),
        cmocka_unit_test(a_program_that_does_not_fit_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
