/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The faults that change, drop or double what passes: drop, corrupt, duplicate, replace, turn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "fake_engine.h"

/* `verb WHAT`, `verb SIZE of WHAT`, `verb PERCENT of WHAT`. */
static struct fake *all_of(struct fake_world *world, const char *syntax, enum what what)
{
    struct fake *fake = fake_new(world, syntax);
    fake_what(fake, 0, what);
    fake_start(fake);
    return fake;
}

static struct fake *amount_of(struct fake_world *world, const char *syntax, uint64_t amount)
{
    struct fake *fake = fake_new(world, syntax);
    fake_range(fake, 0, amount, amount);
    fake_what(fake, 1, WHAT_DATA);
    fake_start(fake);
    return fake;
}

static struct fake *share_of(struct fake_world *world, const char *syntax, double share)
{
    struct fake *fake = fake_new(world, syntax);
    fake_share(fake, 0, share);
    fake_what(fake, 1, WHAT_DATA);
    fake_start(fake);
    return fake;
}

static void assert_endings(const struct fake *fake, const char *expected)
{
    assert_int_equal(fake->ending_count, strlen(expected));
    for (size_t i = 0; i < fake->ending_count; i++) {
        assert_int_equal(fake->endings[i].ending, expected[i] == 'F' ? ENDING_FIN : ENDING_RST);
        assert_int_equal(fake->endings[i].offset, fake->out_length);
    }
}

/* --- drop -------------------------------------------------------------------------------------------------------------------------- */

static void drop_data_lets_endings_pass(void **state)
{
    struct fake *fake = all_of(*state, "drop WHAT", WHAT_DATA);
    assert_int_equal(fake->happened, 0);
    fake_data(fake, "gone");
    fake_ending(fake, ENDING_FIN);
    assert_int_equal(fake->out_length, 0);
    assert_int_equal(fake->happened, 1);
    assert_endings(fake, "F");
    fake_free(fake);
}

static void drop_fin_drops_only_the_fin(void **state)
{
    struct fake *fake = all_of(*state, "drop WHAT", WHAT_FIN);
    fake_data(fake, "data");
    assert_int_equal(fake->happened + fake->time_started, 0);
    fake_ending(fake, ENDING_FIN);
    assert_int_equal(fake->happened, 1);
    assert_int_equal(fake->time_started, 1);
    fake_ending(fake, ENDING_RST);
    assert_string_equal(fake_text(fake), "data");
    assert_endings(fake, "R");
    fake_free(fake);
}

static void drop_rst_drops_only_the_rst(void **state)
{
    struct fake *fake = all_of(*state, "drop WHAT", WHAT_RST);
    fake_ending(fake, ENDING_FIN);
    fake_ending(fake, ENDING_RST);
    assert_endings(fake, "F");
    fake_free(fake);
}

static void drop_so_much_is_exact_and_ends(void **state)
{
    struct fake *fake = amount_of(*state, "drop SIZE of WHAT", 5);
    assert_int_equal(fake->happened, 0);
    fake_data(fake, "123");
    assert_int_equal(fake->happened, 1);
    fake_data(fake, "456789");
    assert_int_equal(fake->done, 1);
    fake_data(fake, "abc");
    assert_string_equal(fake_text(fake), "6789abc");
    fake_free(fake);
}

static void drop_keeps_the_urgent_mark_of_what_is_left(void **state)
{
    struct fake *fake = amount_of(*state, "drop SIZE of WHAT", 2);
    fake_bytes(fake, "12!", 3, PIECE_URGENT);
    assert_string_equal(fake_text(fake), "!");
    assert_int_equal(fake->writes[0].flags, PIECE_URGENT);
    fake_free(fake);
}

static void an_amount_of_nothing_is_done_at_once(void **state)
{
    static const char *const rows[] = {"drop SIZE of WHAT", "corrupt SIZE of WHAT", "duplicate SIZE of WHAT"};
    for (size_t i = 0; i < 3; i++) {
        struct fake *fake = amount_of(*state, rows[i], 0);
        assert_int_equal(fake->done, 1);
        assert_int_equal(fake->happened, 0);
        fake_free(fake);
    }
}

static void drop_by_lot_drops_that_share(void **state)
{
    struct fake *fake = share_of(*state, "drop PERCENT of WHAT", 0.25);
    char block[1000];
    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 100; i++) {
        fake_bytes(fake, block, sizeof(block), 0);
    }
    assert_in_range(fake->out_length, 74000, 76000);
    assert_int_equal(fake->done, 0);
    fake_free(fake);
}

/* --- corrupt ----------------------------------------------------------------------------------------------------------------------- */

static int bits_turned(uint8_t a, uint8_t b)
{
    return __builtin_popcount((unsigned)(a ^ b));
}

static void corrupt_turns_one_bit_of_each_byte(void **state)
{
    struct fake *fake = all_of(*state, "corrupt WHAT", WHAT_DATA);
    uint8_t zeroes[256] = {0}, seen = 0;
    fake_bytes(fake, zeroes, sizeof(zeroes), 0);
    for (size_t i = 0; i < sizeof(zeroes); i++) {
        assert_int_equal(bits_turned(fake->out[i], 0), 1);
        seen |= fake->out[i];
    }
    assert_int_equal(seen, 0xff);
    assert_int_equal(fake->write_count, 1);
    fake_free(fake);
}

static void corrupt_so_much_is_exact_and_ends(void **state)
{
    struct fake *fake = amount_of(*state, "corrupt SIZE of WHAT", 3);
    uint8_t zeroes[4] = {0};
    fake_bytes(fake, zeroes, 2, 0);
    assert_int_equal(fake->done, 0);
    assert_int_equal(fake->happened, 1);
    fake_bytes(fake, zeroes, 4, PIECE_URGENT);
    assert_int_equal(fake->done, 1);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(bits_turned(fake->out[i], 0), i < 3 ? 1 : 0);
    }
    assert_int_equal(fake->writes[fake->write_count - 1].flags, PIECE_URGENT);
    fake_free(fake);
}

static void corrupt_by_lot_corrupts_that_share(void **state)
{
    struct fake *fake = share_of(*state, "corrupt PERCENT of WHAT", 0.01);
    uint8_t zeroes[1000] = {0};
    size_t corrupted = 0;
    for (int i = 0; i < 100; i++) {
        fake_bytes(fake, zeroes, sizeof(zeroes), 0);
    }
    for (size_t i = 0; i < fake->out_length; i++) {
        corrupted += fake->out[i] != 0;
    }
    assert_int_equal(fake->out_length, 100000);
    assert_in_range(corrupted, 900, 1100);
    fake_free(fake);
}

/* --- duplicate --------------------------------------------------------------------------------------------------------------------- */

static void duplicate_doubles_each_byte(void **state)
{
    struct fake *fake = all_of(*state, "duplicate WHAT", WHAT_DATA);
    fake_data(fake, "ab");
    fake_bytes(fake, "c!", 2, PIECE_URGENT);
    fake_ending(fake, ENDING_FIN);
    assert_string_equal(fake_text(fake), "aabbcc!!");
    assert_int_equal(fake->writes[fake->write_count - 1].flags, PIECE_URGENT);
    assert_int_equal(fake->writes[0].flags, 0);
    assert_endings(fake, "F");
    fake_free(fake);
}

static void duplicate_so_much_repeats_it_and_ends(void **state)
{
    struct fake *fake = amount_of(*state, "duplicate SIZE of WHAT", 5);
    fake_data(fake, "he");
    assert_string_equal(fake_text(fake), "he");
    assert_true(fake->happened > 0);
    fake_data(fake, "llo world");
    assert_string_equal(fake_text(fake), "hellohello world");
    assert_int_equal(fake->done, 1);
    fake_free(fake);
}

static void duplicate_repeats_what_came_before_the_ending(void **state)
{
    struct fake *fake = amount_of(*state, "duplicate SIZE of WHAT", 5);
    fake_data(fake, "he");
    fake_ending(fake, ENDING_FIN);
    assert_string_equal(fake_text(fake), "hehe");
    assert_endings(fake, "F");
    fake_free(fake);
}

static void duplicate_repeats_what_came_when_stopped(void **state)
{
    struct fake *fake = amount_of(*state, "duplicate SIZE of WHAT", 5);
    fake_data(fake, "he");
    fake_stop(fake);
    assert_string_equal(fake_text(fake), "hehe");
    fake_free(fake);
}

static void duplicate_repeats_blocks_of_64_kib(void **state)
{
    struct fake *fake = amount_of(*state, "duplicate SIZE of WHAT", 70000);
    char *bytes = malloc(80000);
    for (size_t i = 0; i < 80000; i++) {
        bytes[i] = (char)(i * i >> 8);
    }
    fake_bytes(fake, bytes, 80000, 0);
    assert_int_equal(fake->out_length, 150000);
    assert_memory_equal(fake->out, bytes, 65536);
    assert_memory_equal(fake->out + 65536, bytes, 65536);
    assert_memory_equal(fake->out + 131072, bytes + 65536, 4464);
    assert_memory_equal(fake->out + 131072 + 4464, bytes + 65536, 14464);
    free(bytes);
    fake_free(fake);
}

static void duplicate_by_lot_doubles_that_share(void **state)
{
    struct fake *fake = share_of(*state, "duplicate PERCENT of WHAT", 0.5);
    char block[1000];
    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 100; i++) {
        fake_bytes(fake, block, sizeof(block), 0);
    }
    assert_in_range(fake->out_length, 149000, 151000);
    fake_free(fake);
}

/* --- replace ----------------------------------------------------------------------------------------------------------------------- */

static struct fake *replace(struct fake_world *world, const char *text, const char *with)
{
    struct fake *fake = fake_new(world, "replace TEXT with STRING in WHAT");
    if (text[0] == '/') {
        fake_pattern(fake, 0, text + 1, 0);
    } else {
        fake_literal(fake, 0, text);
    }
    fake_string(fake, 1, with);
    fake_what(fake, 2, WHAT_DATA);
    fake_start(fake);
    return fake;
}

static void replace_puts_the_string_for_each_match(void **state)
{
    struct fake *fake = replace(*state, "cat", "tiger");
    fake_data(fake, "no match");
    assert_int_equal(fake->happened, 0);
    fake_data(fake, " cat, catcat, ca");
    assert_string_equal(fake_text(fake), "no match tiger, tigertiger, ");
    assert_int_equal(fake->happened, 3);
    fake_data(fake, "t.c");
    assert_string_equal(fake_text(fake), "no match tiger, tigertiger, tiger.");
    fake_ending(fake, ENDING_FIN);
    assert_string_equal(fake_text(fake), "no match tiger, tigertiger, tiger.c");
    assert_endings(fake, "F");
    fake_free(fake);
}

static void replace_by_nothing_deletes(void **state)
{
    struct fake *fake = replace(*state, "\r", "");
    fake_data(fake, "a\r\nb\r\n\r");
    assert_string_equal(fake_text(fake), "a\nb\n");
    fake_free(fake);
}

static void replace_lets_go_what_turns_out_not_to_match(void **state)
{
    struct fake *fake = replace(*state, "aab", "X");
    static const char *const reads[] = {"a", "a", "a", "a", "c", "a", "a", "b"};
    static const char *const passed[] = {"", "", "a", "aa", "aaaac", "aaaac", "aaaac", "aaaacX"};
    for (size_t i = 0; i < 8; i++) {
        fake_data(fake, reads[i]);
        assert_string_equal(fake_text(fake), passed[i]);
    }
    fake_free(fake);
}

/* After each byte: what waits is the longest tail that is a head of the literal, and not a byte more. */
static void replace_waits_for_no_more_than_it_must(void **state)
{
    static const char *const literals[] = {"aabaabaaab", "abababb", "aaaaab", "abaabaab"};
    for (size_t i = 0; i < 4; i++) {
        struct fake *fake = replace(*state, literals[i], "X");
        char waits[16] = "";
        unsigned random = 1;
        for (int j = 0; j < 5000; j++) {
            size_t before = fake->out_length, length = strlen(waits);
            random = random * 1103515245 + 12345;
            waits[length++] = (random >> 20) % 3 ? 'a' : 'b';
            fake_bytes(fake, &waits[length - 1], 1, 0);
            waits[length] = '\0';
            if (strcmp(waits, literals[i]) == 0) {
                assert_int_equal(fake->out_length, before + 1);
                waits[0] = '\0';
                continue;
            }
            size_t gone = 0;
            while (strncmp(waits + gone, literals[i], length - gone) != 0) {
                gone++;
            }
            assert_int_equal(fake->out_length, before + gone);
            memmove(waits, waits + gone, length - gone + 1);
        }
        assert_true(fake->happened > 0);
        fake_free(fake);
    }
}

static void replace_pattern_takes_all_it_can(void **state)
{
    struct fake *fake = replace(*state, "/GET .*", "POST /");
    fake_data(fake, "x GET /in");
    assert_string_equal(fake_text(fake), "x ");
    fake_data(fake, "dex HTTP/1.1\r\nHost: a\nGET /last");
    assert_string_equal(fake_text(fake), "x POST /\nHost: a\n");
    fake_ending(fake, ENDING_RST);
    assert_string_equal(fake_text(fake), "x POST /\nHost: a\nPOST /");
    assert_endings(fake, "R");
    fake_free(fake);
}

static void replace_pattern_looks_back_at_what_has_gone_on(void **state)
{
    struct fake *fake = replace(*state, "/(?<=ab)c", "X");
    static const char *const reads[] = {"a", "b", "c", "c", "ab", "cb", "c"};
    for (size_t i = 0; i < 7; i++) {
        fake_data(fake, reads[i]);
    }
    assert_string_equal(fake_text(fake), "abXcabXbc");
    fake_free(fake);
}

static void replace_anchors_to_the_place_only(void **state)
{
    struct fake *fake = replace(*state, "/^a", "X");
    fake_data(fake, "a");
    fake_data(fake, "a");
    fake_data(fake, "\na");
    assert_string_equal(fake_text(fake), "Xa\na");
    fake_free(fake);
}

static void replace_decides_when_the_window_is_full(void **state)
{
    struct fake *fake = replace(*state, "/b.*c|aa", "X");
    char *bytes = malloc(100000);
    memset(bytes, '.', 100000);
    bytes[0] = 'b';
    bytes[1] = bytes[2] = 'a';
    fake_bytes(fake, bytes, 65535, 0);
    assert_int_equal(fake->out_length, 0);
    fake_bytes(fake, bytes + 65535, 1, 0);
    assert_int_equal(fake->out_length, 65535); /* nothing begins with the b, but `aa` was there */
    assert_memory_equal(fake->out, "bX.", 3);
    fake_data(fake, "baac");
    assert_int_equal(fake->out_length, 65535);
    fake_ending(fake, ENDING_FIN);
    assert_int_equal(fake->out[65535], 'X');
    assert_int_equal(fake->out_length, 65536);
    free(bytes);
    fake_free(fake);
}

static void replace_literal_may_be_longer_than_the_window(void **state)
{
    char *literal = calloc(1, 100001);
    memset(literal, 'a', 99999);
    literal[99999] = 'b';
    struct fake *fake = replace(*state, literal, "X");
    fake_data(fake, "aa"); /* so that the match begins two bytes later */
    for (size_t i = 0; i < 10; i++) {
        fake_bytes(fake, literal + i * 10000, 10000, 0);
    }
    assert_string_equal(fake_text(fake), "aaX");
    free(literal);
    fake_free(fake);
}

static void replace_gives_up_a_pattern_that_costs_too_much(void **state)
{
    struct fake *fake = replace(*state, "/(a+)+[bc]", "X");
    for (int i = 0; i < 100; i++) {
        fake_data(fake, "a");
    }
    fake_data(fake, "d");
    fake_data(fake, "ab");
    assert_int_equal(fake->out_length, 102);
    assert_int_equal(fake->out[101], 'X');
    fake_free(fake);
}

static void replace_keeps_the_urgent_mark(void **state)
{
    struct fake *fake = replace(*state, "ab", "XY");
    fake_bytes(fake, "12a", 3, PIECE_URGENT); /* the a waits */
    fake_data(fake, "c");
    assert_string_equal(fake_text(fake), "12ac");
    assert_int_equal(fake->writes[0].flags, 0);
    assert_int_equal(fake->writes[1].flags, PIECE_URGENT);
    assert_int_equal(fake->writes[1].length, 1);
    assert_int_equal(fake->writes[2].flags, 0);
    fake_bytes(fake, "ab", 2, PIECE_URGENT);
    fake_data(fake, "d");
    assert_string_equal(fake_text(fake), "12acXYd");
    assert_int_equal(fake->writes[3].flags, PIECE_URGENT);
    assert_int_equal(fake->writes[4].flags, 0);
    fake_free(fake);
}

static void replace_keeps_the_urgent_mark_behind_a_match(void **state)
{
    struct fake *fake = replace(*state, "/ab|a[bc]{3}d", "X");
    fake_bytes(fake, "ababc", 5, PIECE_URGENT); /* X X, and the urgent c */
    assert_string_equal(fake_text(fake), "XXc");
    assert_int_equal(fake->writes[0].flags | fake->writes[1].flags, 0);
    assert_int_equal(fake->writes[2].flags, PIECE_URGENT);
    fake_bytes(fake, "xyza", 4, PIECE_URGENT);
    fake_bytes(fake, "--", 2, 0);
    assert_string_equal(fake_text(fake), "XXcxyza--");
    assert_int_equal(fake->writes[4].flags, PIECE_URGENT);
    assert_int_equal(fake->writes[4].offset, 6);
    fake_free(fake);
}

static void replace_lets_go_what_waits_when_stopped(void **state)
{
    struct fake *fake = replace(*state, "/ab*", "X");
    fake_data(fake, "cab");
    fake_stop(fake);
    assert_string_equal(fake_text(fake), "cab");
    fake_free(fake);
}

/* --- turn -------------------------------------------------------------------------------------------------------------------------- */

static struct fake *turn(struct fake_world *world, enum what what, unsigned into)
{
    struct fake *fake = fake_new(world, "turn WHAT into ( fin | rst )");
    fake_what(fake, 0, what);
    fake_word(fake, 1, into);
    fake_start(fake);
    return fake;
}

static void turn_fin_into_rst(void **state)
{
    struct fake *fake = turn(*state, WHAT_FIN, 1);
    fake_data(fake, "data");
    assert_int_equal(fake->happened, 0);
    fake_ending(fake, ENDING_FIN);
    assert_endings(fake, "R");
    assert_int_equal(fake->happened, 1);
    assert_int_equal(fake->time_started, 1);
    fake_free(fake);
}

static void turn_rst_into_fin(void **state)
{
    struct fake *fake = turn(*state, WHAT_RST, 0);
    fake_data(fake, "data");
    fake_ending(fake, ENDING_RST);
    assert_endings(fake, "F");
    fake_free(fake);
}

static void turn_is_done_once(void **state)
{
    struct fake *fake = turn(*state, WHAT_RST, 0);
    fake_ending(fake, ENDING_RST);
    fake_ending(fake, ENDING_RST); /* the answer to what is said to an end that is gone */
    assert_endings(fake, "FR");
    fake_free(fake);
}

static void turn_leaves_the_other_ending_alone(void **state)
{
    struct fake *fake = turn(*state, WHAT_FIN, 1);
    fake_ending(fake, ENDING_RST);
    assert_endings(fake, "R");
    assert_int_equal(fake->happened, 0);
    fake_free(fake);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(drop_data_lets_endings_pass),
        TEST(drop_fin_drops_only_the_fin),
        TEST(drop_rst_drops_only_the_rst),
        TEST(drop_so_much_is_exact_and_ends),
        TEST(drop_keeps_the_urgent_mark_of_what_is_left),
        TEST(an_amount_of_nothing_is_done_at_once),
        TEST(drop_by_lot_drops_that_share),
        TEST(corrupt_turns_one_bit_of_each_byte),
        TEST(corrupt_so_much_is_exact_and_ends),
        TEST(corrupt_by_lot_corrupts_that_share),
        TEST(duplicate_doubles_each_byte),
        TEST(duplicate_so_much_repeats_it_and_ends),
        TEST(duplicate_repeats_what_came_before_the_ending),
        TEST(duplicate_repeats_what_came_when_stopped),
        TEST(duplicate_repeats_blocks_of_64_kib),
        TEST(duplicate_by_lot_doubles_that_share),
        TEST(replace_puts_the_string_for_each_match),
        TEST(replace_by_nothing_deletes),
        TEST(replace_lets_go_what_turns_out_not_to_match),
        TEST(replace_waits_for_no_more_than_it_must),
        TEST(replace_pattern_takes_all_it_can),
        TEST(replace_pattern_looks_back_at_what_has_gone_on),
        TEST(replace_anchors_to_the_place_only),
        TEST(replace_decides_when_the_window_is_full),
        TEST(replace_literal_may_be_longer_than_the_window),
        TEST(replace_gives_up_a_pattern_that_costs_too_much),
        TEST(replace_keeps_the_urgent_mark),
        TEST(replace_keeps_the_urgent_mark_behind_a_match),
        TEST(replace_lets_go_what_waits_when_stopped),
        TEST(turn_fin_into_rst),
        TEST(turn_rst_into_fin),
        TEST(turn_is_done_once),
        TEST(turn_leaves_the_other_ending_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
