/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The faults that keep bytes and let them go later: hold, delay, throttle, slice. What passes, when, in which writes, and what comes
 * behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fake_engine.h"
#include "faults/bucket.h"

static void assert_ending(const struct fake *fake, size_t i, enum ending ending, uint64_t at, size_t offset)
{
    assert_true(i < fake->ending_count);
    assert_int_equal(fake->endings[i].ending, ending);
    assert_int_equal(fake->endings[i].at, at);
    assert_int_equal(fake->endings[i].offset, offset);
}

/* --- hold -------------------------------------------------------------------------------------------------------------------------- */

static struct fake *hold(struct fake_world *world, enum what what)
{
    struct fake *fake = fake_new(world, "hold WHAT");
    fake_what(fake, 0, what);
    fake_start(fake);
    return fake;
}

static void hold_data_keeps_data_and_the_ending_behind_it(void **state)
{
    struct fake *fake = hold(*state, WHAT_DATA);
    fake_data(fake, "one");
    assert_int_equal(fake->happened, 1);
    fake_bytes(fake, "two!", 4, PIECE_URGENT);
    fake_ending(fake, ENDING_FIN);
    assert_int_equal(fake->out_length, 0);
    assert_int_equal(fake->ending_count, 0);
    assert_int_equal(fake->time_started, 0);
    fake_stop(fake);
    assert_string_equal(fake_text(fake), "onetwo!");
    assert_int_equal(fake->writes[fake->write_count - 1].flags, PIECE_URGENT);
    assert_ending(fake, 0, ENDING_FIN, fake->world->now, 7);
    fake_free(fake);
}

static void hold_data_joins_small_reads(void **state)
{
    struct fake *fake = hold(*state, WHAT_DATA);
    for (int i = 0; i < 10000; i++) {
        fake_data(fake, "x");
        fake_advance(fake->world, 1);
    }
    assert_true(fake->fault->kept.memory < 20000);
    fake_free(fake);
}

static void hold_data_lets_an_ending_pass_when_it_keeps_nothing(void **state)
{
    struct fake *fake = hold(*state, WHAT_DATA);
    fake_ending(fake, ENDING_FIN);
    assert_ending(fake, 0, ENDING_FIN, fake->world->now, 0);
    assert_int_equal(fake->happened, 0);
    fake_free(fake);
}

static void hold_fin_keeps_only_the_fin_and_counts_from_it(void **state)
{
    struct fake *fake = hold(*state, WHAT_FIN);
    fake_data(fake, "all of it");
    assert_string_equal(fake_text(fake), "all of it");
    assert_int_equal(fake->happened + fake->time_started, 0);
    fake_ending(fake, ENDING_FIN);
    assert_int_equal(fake->ending_count, 0);
    assert_int_equal(fake->happened, 1);
    assert_int_equal(fake->time_started, 1);
    fake_stop(fake);
    assert_ending(fake, 0, ENDING_FIN, fake->world->now, 9);
    fake_free(fake);
}

static void hold_fin_lets_an_rst_pass(void **state)
{
    struct fake *fake = hold(*state, WHAT_FIN);
    fake_ending(fake, ENDING_RST);
    assert_ending(fake, 0, ENDING_RST, fake->world->now, 0);
    fake_free(fake);
}

static void hold_rst_keeps_the_rst_and_lets_a_fin_pass(void **state)
{
    struct fake *fake = hold(*state, WHAT_RST);
    fake_ending(fake, ENDING_FIN);
    fake_ending(fake, ENDING_RST);
    assert_int_equal(fake->ending_count, 1);
    assert_ending(fake, 0, ENDING_FIN, fake->world->now, 0);
    assert_int_equal(fake->time_started, 1);
    fake_stop(fake);
    assert_ending(fake, 1, ENDING_RST, fake->world->now, 0);
    fake_free(fake);
}

static struct fake *hold_amount(struct fake_world *world, uint64_t amount)
{
    struct fake *fake = fake_new(world, "hold SIZE of WHAT");
    fake_range(fake, 0, amount, amount);
    fake_what(fake, 1, WHAT_DATA);
    fake_start(fake);
    return fake;
}

static void hold_so_much_ends_when_so_much_is_kept(void **state)
{
    struct fake *fake = hold_amount(*state, 5);
    fake_data(fake, "1");
    assert_int_equal(fake->happened, 1);
    fake_data(fake, "234");
    assert_int_equal(fake->out_length, 0);
    assert_int_equal(fake->done, 0);
    fake_data(fake, "5678");
    assert_string_equal(fake_text(fake), "12345678");
    assert_int_equal(fake->done, 1);
    fake_free(fake);
}

static void hold_so_much_ends_with_the_ending(void **state)
{
    struct fake *fake = hold_amount(*state, 5);
    fake_data(fake, "1234");
    fake_ending(fake, ENDING_FIN);
    assert_string_equal(fake_text(fake), "1234");
    assert_ending(fake, 0, ENDING_FIN, fake->world->now, 4);
    assert_int_equal(fake->done, 1);
    fake_free(fake);
}

static void hold_so_much_lets_go_in_order_when_stopped(void **state)
{
    struct fake *fake = hold_amount(*state, 5);
    fake_data(fake, "12");
    fake_data(fake, "34");
    fake_stop(fake);
    assert_string_equal(fake_text(fake), "1234");
    fake_free(fake);
}

static void hold_nothing_is_done_at_once(void **state)
{
    struct fake *fake = hold_amount(*state, 0);
    assert_int_equal(fake->done, 1);
    fake_free(fake);
}

/* --- delay ------------------------------------------------------------------------------------------------------------------------- */

static struct fake *delay(struct fake_world *world, uint64_t low, uint64_t high)
{
    struct fake *fake = fake_new(world, "delay WHAT by DURATION");
    fake_what(fake, 0, WHAT_DATA);
    fake_range(fake, 1, low, high);
    fake_start(fake);
    return fake;
}

static void delay_is_exact_for_each_read_and_for_the_ending(void **state)
{
    struct fake *fake = delay(*state, 10 * NS_PER_MS, 10 * NS_PER_MS);
    uint64_t begin = fake->world->now;
    fake_data(fake, "a");
    fake_advance(fake->world, 3 * NS_PER_MS);
    fake_data(fake, "b");
    fake_data(fake, "c");
    fake_advance(fake->world, 1 * NS_PER_MS);
    fake_ending(fake, ENDING_FIN);
    assert_int_equal(fake->out_length, 0);
    fake_settle(fake->world);
    assert_string_equal(fake_text(fake), "abc");
    assert_int_equal(fake->writes[0].at, begin + 10 * NS_PER_MS);
    assert_int_equal(fake->writes[1].at, begin + 13 * NS_PER_MS);
    assert_ending(fake, 0, ENDING_FIN, begin + 14 * NS_PER_MS, 3);
    fake_free(fake);
}

static void delay_gives_each_ending_its_own_time(void **state)
{
    struct fake *fake = delay(*state, 10 * NS_PER_MS, 10 * NS_PER_MS);
    uint64_t begin = fake->world->now;
    fake_ending(fake, ENDING_FIN);
    fake_advance(fake->world, 5 * NS_PER_MS);
    fake_ending(fake, ENDING_RST);
    fake_settle(fake->world);
    assert_ending(fake, 0, ENDING_FIN, begin + 10 * NS_PER_MS, 0);
    assert_ending(fake, 1, ENDING_RST, begin + 15 * NS_PER_MS, 0);
    fake_free(fake);
}

static void delay_keeps_order_whatever_is_drawn(void **state)
{
    struct fake *fake = delay(*state, 1 * NS_PER_MS, 100 * NS_PER_MS);
    char expected[101] = "";
    for (int i = 0; i < 100; i++) {
        char byte[2] = {(char)('!' + i % 90), '\0'};
        strcat(expected, byte);
        fake_data(fake, byte);
        fake_advance(fake->world, 1 * NS_PER_MS);
    }
    fake_ending(fake, ENDING_RST);
    fake_settle(fake->world);
    assert_string_equal(fake_text(fake), expected);
    assert_ending(fake, 0, ENDING_RST, fake->endings[0].at, 100);
    uint64_t begin = NS_PER_S;
    bool differs = false;
    for (size_t i = 0; i < fake->write_count; i++) {
        uint64_t late = fake->writes[i].at - (begin + fake->writes[i].offset * NS_PER_MS);
        assert_true(late >= 1 * NS_PER_MS && late <= 100 * NS_PER_MS);
        differs = differs || late != fake->writes[0].at - begin;
    }
    assert_true(differs);
    fake_free(fake);
}

static void delay_draws_once_for_what_one_read_brought(void **state)
{
    struct fake *fake = delay(*state, 1 * NS_PER_MS, 100 * NS_PER_MS);
    for (int i = 0; i < 10; i++) {
        fake_data(fake, "x");
    }
    fake_settle(fake->world);
    assert_int_equal(fake->writes[0].at, fake->writes[fake->write_count - 1].at);
    fake_free(fake);
}

static void delay_does_not_limit_throughput(void **state)
{
    struct fake *fake = delay(*state, 10 * NS_PER_MS, 10 * NS_PER_MS);
    for (int i = 0; i < 1000; i++) {
        fake_data(fake, "0123456789");
        fake_advance(fake->world, 1 * NS_PER_US);
    }
    fake_advance(fake->world, 10 * NS_PER_MS);
    assert_int_equal(fake->out_length, 10000);
    fake_free(fake);
}

static void delay_lets_go_in_order_when_stopped(void **state)
{
    struct fake *fake = delay(*state, 10 * NS_PER_MS, 10 * NS_PER_MS);
    fake_data(fake, "early");
    fake_advance(fake->world, 1 * NS_PER_MS);
    fake_data(fake, "late");
    fake_ending(fake, ENDING_FIN);
    fake_stop(fake);
    assert_string_equal(fake_text(fake), "earlylate");
    assert_ending(fake, 0, ENDING_FIN, fake->world->now, 9);
    fake_free(fake);
}

/* --- throttle ---------------------------------------------------------------------------------------------------------------------- */

static struct fake *throttle(struct fake_world *world, uint64_t rate, bool shared)
{
    struct fake *fake = fake_new(world, "throttle WHAT to RATE [shared]");
    fake_what(fake, 0, WHAT_DATA);
    fake_range(fake, 1, rate, rate);
    if (shared) {
        fake_word(fake, 2, 0);
    }
    fake_start(fake);
    return fake;
}

static void fake_zeroes(struct fake *fake, size_t length)
{
    char *zeroes = calloc(1, length);
    fake_bytes(fake, zeroes, length, 0);
    free(zeroes);
}

/* At any time: what the rate allows since `begin`, not more than 10 ms (or one byte) ahead of it and not behind it. */
static void assert_even(const struct fake *fake, uint64_t rate, uint64_t begin)
{
    for (size_t i = 0; i < fake->write_count; i++) {
        double seconds = (double)(fake->writes[i].at - begin) / 1e9, passed = (double)(fake->writes[i].offset + fake->writes[i].length);
        double ahead = passed - seconds * (double)rate;
        assert_true(ahead <= (double)rate / 100 + 1);
        assert_true(ahead >= -1);
    }
}

static void throttle_is_even_and_does_not_drift(void **state)
{
    static const uint64_t rates[] = {3, 150, 333333, 104857600};
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct fake *fake = throttle(*state, rates[i], false);
        uint64_t begin = fake->world->now;
        size_t length = rates[i] < 1000 ? 1000 : 1000000;
        fake_zeroes(fake, length);
        fake_ending(fake, ENDING_FIN);
        assert_true(fake->out_length > 0);
        fake_settle(fake->world);
        assert_int_equal(fake->out_length, length);
        assert_even(fake, rates[i], begin);
        assert_ending(fake, 0, ENDING_FIN, fake->writes[fake->write_count - 1].at, length);
        fake_free(fake);
    }
}

static void bucket_loses_no_fraction_of_a_nanosecond(void **state)
{
    struct bucket bucket = {.free_at = 0};
    (void)state;
    for (int i = 0; i < 7000; i++) {
        struct booking booking = bucket_book(&bucket, 7, 100, 1000);
        assert_int_equal(booking.bytes, 1);
        assert_int_equal(booking.at, 1000 + (uint64_t)i * NS_PER_S / 7);
    }
}

static void bucket_starts_afresh_when_it_was_idle(void **state)
{
    struct bucket bucket = {.free_at = 0};
    (void)state;
    assert_int_equal(bucket_book(&bucket, 3, 1, 50).at, 50); /* leaves a third of a nanosecond */
    assert_int_equal(bucket_book(&bucket, 3, 2, NS_PER_S).at, NS_PER_S);
    assert_int_equal(bucket_book(&bucket, 3, 1, 0).at, NS_PER_S + 333333333);
    assert_int_equal(bucket_book(&bucket, 3, 1, 0).at, NS_PER_S + 666666666);
    assert_int_equal(bucket_book(&bucket, 3, 1, 0).at, 2 * NS_PER_S);
}

static void throttle_catches_up_after_late_timers(void **state)
{
    struct fake *fake = throttle(*state, 100000, false);
    fake_zeroes(fake, 200000);
    for (int i = 0; i < 77; i++) {
        fake->world->now += 13 * NS_PER_MS; /* the loop comes back late */
        timers_run(&fake->world->timers);
    }
    assert_in_range(fake->out_length, 100100, 102000);
    fake_free(fake);
}

static void throttle_saves_nothing_up_while_idle(void **state)
{
    struct fake *fake = throttle(*state, 100000, false);
    fake_zeroes(fake, 10);
    fake_advance(fake->world, 100 * NS_PER_S);
    fake_zeroes(fake, 50000);
    assert_in_range(fake->out_length, 10 + 1, 10 + 1000);
    fake_free(fake);
}

static void throttle_counts_small_writes_as_it_does_large_ones(void **state)
{
    struct fake *fake = throttle(*state, 10000, false);
    for (int i = 0; i < 2000; i++) {
        fake_zeroes(fake, 10); /* 20000 bytes a second */
        fake_advance(fake->world, NS_PER_MS / 2);
    }
    assert_in_range(fake->out_length, 10000, 10101);
    fake_free(fake);
}

static void throttle_passes_the_ending_at_once_when_nothing_waits(void **state)
{
    struct fake *fake = throttle(*state, 1000, false);
    fake_zeroes(fake, 10);
    fake_ending(fake, ENDING_RST);
    assert_ending(fake, 0, ENDING_RST, fake->world->now, 10);
    fake_free(fake);
}

static void throttle_shared_is_one_rate_fairly_divided(void **state)
{
    struct fake *fakes[4];
    size_t total = 0;
    for (int i = 0; i < 4; i++) {
        fakes[i] = throttle(*state, 100000, true);
    }
    for (int i = 0; i < 3; i++) {
        fake_zeroes(fakes[i], 1000000);
    }
    fake_advance(*state, 2 * NS_PER_S);
    fake_zeroes(fakes[3], 20); /* does not starve behind the megabytes of others */
    fake_advance(*state, NS_PER_S / 10);
    assert_int_equal(fakes[3]->out_length, 20);
    fake_free(fakes[0]); /* and one that goes leaves its part to the others */
    fake_advance(*state, 19 * NS_PER_S / 10);
    for (int i = 1; i < 3; i++) {
        total += fakes[i]->out_length;
        assert_in_range(fakes[i]->out_length, 160000, 165000);
        fake_free(fakes[i]);
    }
    assert_in_range(total, 320000, 330000);
    fake_free(fakes[3]);
}

/* --- slice ------------------------------------------------------------------------------------------------------------------------- */

static struct fake *slice(struct fake_world *world, uint64_t low, uint64_t high, uint64_t every)
{
    struct fake *fake = fake_new(world, "slice WHAT into SIZE piece(s) [every DURATION]");
    fake_what(fake, 0, WHAT_DATA);
    fake_range(fake, 1, low, high);
    if (every > 0) {
        fake_range(fake, 2, every, every);
    }
    fake_start(fake);
    return fake;
}

static void slice_cuts_into_writes_of_their_own(void **state)
{
    struct fake *fake = slice(*state, 3, 3, 0);
    assert_int_equal(fake->happened, 0);
    fake_bytes(fake, "12345678", 8, PIECE_URGENT);
    assert_true(fake->happened > 0);
    fake_ending(fake, ENDING_FIN);
    assert_string_equal(fake_text(fake), "12345678");
    assert_int_equal(fake->write_count, 3);
    assert_int_equal(fake->writes[1].length, 3);
    assert_int_equal(fake->writes[1].flags, PIECE_OWN_WRITE);
    assert_int_equal(fake->writes[2].flags, PIECE_OWN_WRITE | PIECE_URGENT);
    assert_ending(fake, 0, ENDING_FIN, fake->world->now, 8);
    fake_free(fake);
}

static void slice_cuts_at_places_that_reads_do_not_move(void **state)
{
    struct fake *fake = slice(*state, 3, 3, 0);
    fake_data(fake, "12345");
    fake_data(fake, "6789");
    assert_int_equal(fake->write_count, 4);
    static const size_t offsets[] = {0, 3, 5, 6};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(fake->writes[i].offset, offsets[i]);
    }
    fake_free(fake);
}

static void slice_every_is_exact_and_the_first_goes_at_once(void **state)
{
    struct fake *fake = slice(*state, 1, 1, 10 * NS_PER_S);
    uint64_t begin = fake->world->now;
    fake_data(fake, "GET /");
    fake_ending(fake, ENDING_FIN);
    assert_int_equal(fake->out_length, 1);
    fake_settle(fake->world);
    assert_string_equal(fake_text(fake), "GET /");
    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(fake->writes[i].at, begin + i * 10 * NS_PER_S);
        assert_int_equal(fake->writes[i].length, 1);
    }
    assert_ending(fake, 0, ENDING_FIN, begin + 40 * NS_PER_S, 5);
    fake_free(fake);
}

static void slice_every_joins_reads_to_whole_pieces(void **state)
{
    struct fake *fake = slice(*state, 4, 4, NS_PER_S);
    fake_data(fake, "1234"); /* at once */
    for (int i = 0; i < 8; i++) {
        fake_advance(fake->world, NS_PER_MS);
        fake_data(fake, "x");
    }
    fake_settle(fake->world);
    assert_int_equal(fake->write_count, 3);
    assert_int_equal(fake->writes[1].length, 4);
    assert_int_equal(fake->writes[2].length, 4);
    fake_free(fake);
}

static void slice_every_keeps_apart_what_comes_late(void **state)
{
    struct fake *fake = slice(*state, 1, 1, 10 * NS_PER_S);
    uint64_t begin = fake->world->now;
    fake_data(fake, "a");
    fake_advance(fake->world, 4 * NS_PER_S);
    fake_data(fake, "b");
    fake_advance(fake->world, 11 * NS_PER_S);
    fake_data(fake, "cd");
    fake_advance(fake->world, 20 * NS_PER_S);
    fake_data(fake, "ef");
    fake_settle(fake->world);
    static const uint64_t seconds[] = {0, 10, 20, 30, 40, 50};
    for (int i = 0; i < 6; i++) {
        assert_int_equal(fake->writes[i].at, begin + seconds[i] * NS_PER_S);
    }
    fake_advance(fake->world, 5 * NS_PER_S + 10 * NS_PER_S);
    fake_data(fake, "gh");
    fake_settle(fake->world);
    assert_int_equal(fake->writes[7].at - fake->writes[6].at, 10 * NS_PER_S);
    fake_free(fake);
}

/* The loop comes back late: a little, which does not add up; then so late that two pieces are due, of which only one goes. */
static void slice_every_stands_late_timers(void **state)
{
    struct fake *fake = slice(*state, 1, 1, 10 * NS_PER_MS);
    static const uint64_t run_at[] = {11, 19, 20, 31, 55, 60, 64, 65};
    static const uint64_t written_at[] = {0, 11, 20, 31, 55, 65};
    uint64_t begin = fake->world->now;
    fake_data(fake, "0123456789");
    for (size_t i = 0; i < sizeof(run_at) / sizeof(run_at[0]); i++) {
        fake->world->now = begin + run_at[i] * NS_PER_MS;
        timers_run(&fake->world->timers);
    }
    assert_int_equal(fake->write_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(fake->writes[i].at, begin + written_at[i] * NS_PER_MS);
    }
    fake_free(fake);
}

static void slice_draws_a_size_for_each_piece(void **state)
{
    struct fake *fake = slice(*state, 0, 7, 0);
    bool differs = false;
    fake_zeroes(fake, 1000);
    for (size_t i = 0; i + 1 < fake->write_count; i++) {
        assert_in_range(fake->writes[i].length, 1, 7);
        differs = differs || fake->writes[i].length != fake->writes[0].length;
    }
    assert_true(differs);
    assert_int_equal(fake->out_length, 1000);
    fake_free(fake);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hold_data_keeps_data_and_the_ending_behind_it),
        TEST(hold_data_joins_small_reads),
        TEST(hold_data_lets_an_ending_pass_when_it_keeps_nothing),
        TEST(hold_fin_keeps_only_the_fin_and_counts_from_it),
        TEST(hold_fin_lets_an_rst_pass),
        TEST(hold_rst_keeps_the_rst_and_lets_a_fin_pass),
        TEST(hold_so_much_ends_when_so_much_is_kept),
        TEST(hold_so_much_ends_with_the_ending),
        TEST(hold_so_much_lets_go_in_order_when_stopped),
        TEST(hold_nothing_is_done_at_once),
        TEST(delay_is_exact_for_each_read_and_for_the_ending),
        TEST(delay_gives_each_ending_its_own_time),
        TEST(delay_keeps_order_whatever_is_drawn),
        TEST(delay_draws_once_for_what_one_read_brought),
        TEST(delay_does_not_limit_throughput),
        TEST(delay_lets_go_in_order_when_stopped),
        TEST(throttle_is_even_and_does_not_drift),
        TEST(bucket_loses_no_fraction_of_a_nanosecond),
        TEST(bucket_starts_afresh_when_it_was_idle),
        TEST(throttle_catches_up_after_late_timers),
        TEST(throttle_saves_nothing_up_while_idle),
        TEST(throttle_counts_small_writes_as_it_does_large_ones),
        TEST(throttle_passes_the_ending_at_once_when_nothing_waits),
        TEST(throttle_shared_is_one_rate_fairly_divided),
        TEST(slice_cuts_into_writes_of_their_own),
        TEST(slice_cuts_at_places_that_reads_do_not_move),
        TEST(slice_every_is_exact_and_the_first_goes_at_once),
        TEST(slice_every_joins_reads_to_whole_pieces),
        TEST(slice_every_keeps_apart_what_comes_late),
        TEST(slice_every_stands_late_timers),
        TEST(slice_draws_a_size_for_each_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
