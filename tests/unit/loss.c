/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The programs that lose segments, run by the kernel itself: on a socket pair, where any user may, each "segment" is a TCP header with
 * bytes behind it. What comes out at the other end was not lost.
 */
#include "kernel/loss.h"

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
    int pair[2];
    bool passed;

    assert_true(whole.len > 0);
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

static void what_the_program_loses_is_what_is_meant(void **state)
{
    const struct segment *each[] = {&data, &ack, &fin, &last, &syn, &rst};

    (void)state;
    for (enum loss_what what = LOSS_SEGMENTS; what <= LOSS_ACKS; what++) {
        for (uint32_t over = 0; over <= 100; over += 50) {
            struct loss loss = {.what = what, .over = over};

            for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
                assert_int_equal(passes(&loss, *each[i]), !loss_means(&loss, each[i]->flags, each[i]->bytes));
            }
        }
    }
}

static void several_lose_together(void **state)
{
    struct loss fins = {.what = LOSS_FIN}, acks = {.next = &fins, .what = LOSS_ACKS};

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
        cmocka_unit_test(what_the_program_loses_is_what_is_meant),
        cmocka_unit_test(several_lose_together),
        cmocka_unit_test(a_program_that_does_not_fit_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
