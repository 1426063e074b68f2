/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The faults on TLS records: corrupt, drop, hold, duplicate, slice. What is meant is the same wherever the reads cut it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fake_engine.h"
#include "faults/kinds.h"

/* Three records: a handshake of 6 bytes, one byte that changes the cipher, data of 4; and a second handshake record, which is encrypted. */
#define HANDSHAKE "\x16\x03\x03\0\x06" "abcdef"
#define CHANGE "\x14\x03\x03\0\x01" "\x01"
#define DATA "\x17\x03\x03\0\x04" "wxyz"
#define HIDDEN "\x16\x03\x03\0\x03" "HID"
#define ALL HANDSHAKE CHANGE DATA HIDDEN
#define ALL_LENGTH (sizeof(ALL) - 1)

static struct fake *of_all(struct fake_world *world, const struct fault_kind *kind)
{
    struct fake *fake = fake_new_of(world, kind);
    fake_what(fake, 0, WHAT_RECORDS);
    return fake;
}

/* In pieces of so many bytes. */
static void say(struct fake *fake, const char *bytes, size_t length, size_t most)
{
    for (size_t at = 0, run; at < length; at += run) {
        run = length - at < most ? length - at : most;
        fake_bytes(fake, bytes + at, run, 0);
    }
}

static void assert_passed(const struct fake *fake, const char *bytes, size_t length)
{
    assert_int_equal(fake->out_length, length);
    assert_memory_equal(fake->out, bytes, length);
}

#define ASSERT_PASSED(fake, text) assert_passed(fake, text, sizeof(text) - 1)

static const size_t cuts[] = {SIZE_MAX, 1, 2, 3, 7, 11};
#define CUTS (sizeof(cuts) / sizeof(*cuts))

static unsigned bits_changed(const struct fake *fake, size_t from, size_t to)
{
    unsigned bits = 0;
    for (size_t i = from; i < to; i++) {
        bits += (unsigned)__builtin_popcount((unsigned)(fake->out[i] ^ (uint8_t)ALL[i]));
    }
    return bits;
}

/* --- corrupt ------------------------------------------------------------------------------------------------------------------------- */

static void corrupt_turns_a_bit_of_each_payload(void **state)
{
    uint8_t first[ALL_LENGTH];
    for (size_t i = 0; i < CUTS; i++) {
        struct fake *fake = of_all(*state, &kind_corrupt_records);
        fake_start(fake);
        say(fake, ALL, ALL_LENGTH, cuts[i]);
        assert_int_equal(fake->out_length, ALL_LENGTH);
        assert_int_equal(bits_changed(fake, 0, 5), 0);
        assert_int_equal(bits_changed(fake, 5, 11), 1);
        assert_int_equal(bits_changed(fake, 11, 16), 0);
        assert_int_equal(bits_changed(fake, 16, 17), 1);
        assert_int_equal(bits_changed(fake, 17, 22), 0);
        assert_int_equal(bits_changed(fake, 22, 26), 1);
        assert_int_equal(bits_changed(fake, 31, 34), 1);
        assert_int_equal(fake->happened, 4);
        if (i == 0) {
            memcpy(first, fake->out, sizeof first);
        }
        assert_memory_equal(fake->out, first, sizeof first);
        fake_free(fake);
    }
}

static void corrupt_an_amount_skips_headers(void **state)
{
    for (size_t i = 0; i < CUTS; i++) {
        struct fake *fake = fake_new_of(*state, &kind_corrupt_records_amount);
        fake_range(fake, 0, 8, 8);
        fake_what(fake, 1, WHAT_RECORDS);
        fake_start(fake);
        say(fake, ALL, ALL_LENGTH, cuts[i]);
        assert_int_equal(bits_changed(fake, 5, 11), 6);
        assert_int_equal(bits_changed(fake, 16, 17), 1);
        assert_int_equal(bits_changed(fake, 22, 23), 1);
        assert_int_equal(bits_changed(fake, 0, ALL_LENGTH), 8);
        assert_int_equal(fake->done, 1);
        assert_int_equal(fake->done_offset, 23);
        fake_free(fake);
    }
}

static void corrupt_a_share_draws_records(void **state)
{
    struct fake *fake = fake_new_of(*state, &kind_corrupt_records_share);
    unsigned changed = 0;
    fake_share(fake, 0, 0.5);
    fake_what(fake, 1, WHAT_RECORDS);
    fake_start(fake);
    for (size_t i = 0; i < 100; i++) {
        say(fake, DATA, sizeof(DATA) - 1, SIZE_MAX);
        changed += memcmp(fake->out + i * (sizeof(DATA) - 1), DATA, sizeof(DATA) - 1) != 0;
    }
    assert_in_range(changed, 30, 70);
    fake_free(fake);
}

/* --- drop, hold, duplicate ----------------------------------------------------------------------------------------------------------- */

/* The place is in the middle of a record, and 4 bytes in front of it are still to come: these and the record's rest pass. */
static void drop_begins_with_the_next_record(void **state)
{
    for (size_t i = 0; i < CUTS; i++) {
        struct fake *fake = of_all(*state, &kind_drop_records);
        fake->in_front = 4;
        fake->records = (struct tls_records){.position = 8, .number = 1, .have = TLS_HEADER, .type = TLS_HANDSHAKE, .length = 6, .left = 3};
        fake_start(fake);
        say(fake, "\x17\x03\x03\0" "def" CHANGE DATA, 4 + 3 + 6 + 9, cuts[i]);
        ASSERT_PASSED(fake, "\x17\x03\x03\0" "def");
        assert_int_equal(fake->happened > 0, 1);
        fake_ending(fake, ENDING_FIN);
        assert_int_equal(fake->ending_count, 1);
        fake_free(fake);
    }
}

static void drop_a_share_takes_whole_records(void **state)
{
    struct fake *fake = fake_new_of(*state, &kind_drop_records_share);
    fake_share(fake, 0, 0.5);
    fake_what(fake, 1, WHAT_RECORDS);
    fake_start(fake);
    for (size_t i = 0; i < 100; i++) {
        say(fake, DATA, sizeof(DATA) - 1, 2);
    }
    assert_int_equal(fake->out_length % (sizeof(DATA) - 1), 0);
    assert_in_range(fake->out_length / (sizeof(DATA) - 1), 30, 70);
    fake_free(fake);
}

static void hold_lets_the_record_pass_that_the_place_is_in(void **state)
{
    for (size_t i = 0; i < CUTS; i++) {
        struct fake *fake = of_all(*state, &kind_hold_records);
        fake->records = (struct tls_records){.position = 8, .number = 1, .have = TLS_HEADER, .type = TLS_HANDSHAKE, .length = 6, .left = 3};
        fake_start(fake);
        say(fake, "def" CHANGE DATA, 3 + 6 + 9, cuts[i]);
        ASSERT_PASSED(fake, "def");
        fake_ending(fake, ENDING_FIN);
        assert_int_equal(fake->ending_count, 0);
        fake_stop(fake);
        ASSERT_PASSED(fake, "def" CHANGE DATA);
        assert_int_equal(fake->ending_count, 1);
        fake_free(fake);
    }
}

static void duplicate_replays_whole_records(void **state)
{
    for (size_t i = 0; i < CUTS; i++) {
        struct fake *fake = fake_new_of(*state, &kind_duplicate_records);
        fake_what(fake, 1, WHAT_RECORDS);
        fake_start(fake);
        say(fake, CHANGE DATA, 6 + 9, cuts[i]);
        ASSERT_PASSED(fake, CHANGE CHANGE DATA DATA);
        fake_free(fake);
    }
}

/* What is no TLS passes all of them. */
static void plain_text_passes(void **state)
{
    static const struct fault_kind *const kinds[] = {&kind_corrupt_records, &kind_drop_records, &kind_hold_records};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct fake *fake = of_all(*state, kinds[i]);
        fake_start(fake);
        say(fake, "plain text", 10, 1);
        assert_string_equal(fake_text(fake), "plain text");
        assert_int_equal(fake->happened, 0);
        fake_free(fake);
    }
}

/* --- slice --------------------------------------------------------------------------------------------------------------------------- */

static struct fake *slice_into(struct fake_world *world, uint64_t size)
{
    struct fake *fake = of_all(world, &kind_slice_records);
    fake_range(fake, 1, size, size);
    return fake;
}

#define SLICED \
    "\x16\x03\x03\0\x04" "abcd" "\x16\x03\x03\0\x02" "ef" CHANGE DATA HIDDEN

static void slice_makes_records_of_what_is_in_the_clear(void **state)
{
    for (size_t i = 0; i < CUTS; i++) {
        struct fake *fake = slice_into(*state, 4);
        fake_start(fake);
        say(fake, ALL, ALL_LENGTH, cuts[i]);
        ASSERT_PASSED(fake, SLICED);
        fake_free(fake);
    }
}

/* Each piece is a write of its own, and none spans two records. */
static void slice_cuts_what_is_encrypted(void **state)
{
    static const size_t lengths[] = {9, 7, 4, 2, 4, 4, 1, 4, 4};
    struct fake *fake = slice_into(*state, 4);
    fake_start(fake);
    say(fake, ALL, ALL_LENGTH, SIZE_MAX);
    assert_int_equal(fake->write_count, sizeof lengths / sizeof *lengths);
    for (size_t i = 0; i < fake->write_count; i++) {
        assert_int_equal(fake->writes[i].length, lengths[i]);
        assert_true(fake->writes[i].flags & PIECE_OWN_WRITE);
    }
    fake_free(fake);
}

static void slice_keeps_them_apart(void **state)
{
    struct fake *fake = slice_into(*state, 2);
    fake_range(fake, 2, NS_PER_S, NS_PER_S);
    fake_start(fake);
    say(fake, HANDSHAKE, 11, SIZE_MAX);
    fake_ending(fake, ENDING_FIN);
    assert_int_equal(fake->write_count, 1);
    fake_settle(*state);
    assert_int_equal(fake->write_count, 3);
    assert_int_equal(fake->writes[2].at - fake->writes[0].at, 2 * NS_PER_S);
    assert_int_equal(fake->ending_count, 1);
    fake_free(fake);
}

/* Stopped in the middle of a record that waits to be whole, it goes on as it was. */
static void slice_lets_go_of_what_waits(void **state)
{
    struct fake *fake = slice_into(*state, 1);
    fake_start(fake);
    say(fake, HANDSHAKE, 8, SIZE_MAX);
    assert_int_equal(fake->out_length, 0);
    fake_stop(fake);
    say(fake, &HANDSHAKE[8], 3, SIZE_MAX);
    ASSERT_PASSED(fake, HANDSHAKE);
    fake_free(fake);

    fake = slice_into(*state, 1);
    fake_start(fake);
    say(fake, HANDSHAKE, 3, 1);
    fake_ending(fake, ENDING_FIN);
    assert_int_equal(fake->out_length, 3);
    assert_int_equal(fake->ending_count, 1);
    fake_free(fake);
}

static void slice_passes_what_is_no_tls(void **state)
{
    struct fake *fake = slice_into(*state, 3);
    fake_start(fake);
    say(fake, "\x16\x03GET /", 7, 1);
    ASSERT_PASSED(fake, "\x16\x03GET /");
    fake_free(fake);
}

/* Where the relay speaks TLS itself, what passes is plain text: all of it is meant. */
static void what_is_plain_is_cut_and_held(void **state)
{
    struct fake *fake = slice_into(*state, 3);
    fake->plain = true;
    fake_start(fake);
    fake_data(fake, "plain");
    assert_int_equal(fake->write_count, 2);
    assert_int_equal(fake->writes[0].length, 3);
    assert_string_equal(fake_text(fake), "plain");
    fake_free(fake);

    fake = of_all(*state, &kind_hold_records);
    fake->plain = true;
    fake_start(fake);
    fake_data(fake, "plain");
    assert_int_equal(fake->out_length, 0);
    fake_stop(fake);
    assert_string_equal(fake_text(fake), "plain");
    fake_free(fake);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(corrupt_turns_a_bit_of_each_payload),
        TEST(corrupt_an_amount_skips_headers),
        TEST(corrupt_a_share_draws_records),
        TEST(drop_begins_with_the_next_record),
        TEST(drop_a_share_takes_whole_records),
        TEST(hold_lets_the_record_pass_that_the_place_is_in),
        TEST(duplicate_replays_whole_records),
        TEST(plain_text_passes),
        TEST(slice_makes_records_of_what_is_in_the_clear),
        TEST(slice_cuts_what_is_encrypted),
        TEST(slice_keeps_them_apart),
        TEST(slice_lets_go_of_what_waits),
        TEST(slice_passes_what_is_no_tls),
        TEST(what_is_plain_is_cut_and_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
