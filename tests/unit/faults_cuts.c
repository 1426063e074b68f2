/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exact at the byte, whatever the reads were: each fault on a flow gets the same stream in one piece, in single bytes and in pieces cut at
 * random, and what passes must be the same, with the same endings at the same places; and it must be done at the same byte, where the
 * rule's next action begins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_engine.h"

struct fault_case {
    const char *syntax;
    const char *text; /* for replace: a literal, or a pattern between slashes */
    void (*set)(struct fake *fake);
};

static void what_data(struct fake *fake)
{
    fake_what(fake, 0, WHAT_DATA);
}

static void what_fin(struct fake *fake)
{
    fake_what(fake, 0, WHAT_FIN);
}

static void of_data(struct fake *fake)
{
    fake_range(fake, 0, 70, 900);
    fake_what(fake, 1, WHAT_DATA);
}

static void much_of_data(struct fake *fake)
{
    fake_range(fake, 0, 150 * 1024, 150 * 1024);
    fake_what(fake, 1, WHAT_DATA);
}

static void share_of_data(struct fake *fake)
{
    fake_share(fake, 0, 0.3);
    fake->phrase.values[0].slot = SLOT_PERCENT;
    fake_what(fake, 1, WHAT_DATA);
}

static void delay_by(struct fake *fake)
{
    fake_what(fake, 0, WHAT_DATA);
    fake_range(fake, 1, 1 * NS_PER_MS, 50 * NS_PER_MS);
}

static void to_rate(struct fake *fake)
{
    fake_what(fake, 0, WHAT_DATA);
    fake_range(fake, 1, 333333, 333333);
}

static void into_pieces(struct fake *fake)
{
    fake_what(fake, 0, WHAT_DATA);
    fake_range(fake, 1, 1, 300);
    fake_range(fake, 2, 1 * NS_PER_MS, 2 * NS_PER_MS);
}

static void replace_with_x(struct fake *fake)
{
    fake_string(fake, 1, "<xyz>");
    fake_what(fake, 2, WHAT_DATA);
}

static void fin_into_rst(struct fake *fake)
{
    fake_what(fake, 0, WHAT_FIN);
    fake_word(fake, 1, 1);
}

static const struct fault_case cases[] = {
    {"hold WHAT", NULL, what_data},
    {"hold WHAT", NULL, what_fin},
    {"hold SIZE of WHAT", NULL, of_data},
    {"delay WHAT by DURATION", NULL, delay_by},
    {"throttle WHAT to RATE [shared]", NULL, to_rate},
    {"slice WHAT into SIZE piece(s) [every DURATION]", NULL, into_pieces},
    {"drop WHAT", NULL, what_data},
    {"drop WHAT", NULL, what_fin},
    {"drop SIZE of WHAT", NULL, of_data},
    {"drop PERCENT of WHAT", NULL, share_of_data},
    {"corrupt WHAT", NULL, what_data},
    {"corrupt SIZE of WHAT", NULL, of_data},
    {"corrupt PERCENT of WHAT", NULL, share_of_data},
    {"duplicate WHAT", NULL, what_data},
    {"duplicate SIZE of WHAT", NULL, of_data},
    {"duplicate SIZE of WHAT", NULL, much_of_data},
    {"duplicate PERCENT of WHAT", NULL, share_of_data},
    {"turn WHAT into ( fin | rst )", NULL, fin_into_rst},
    {"replace TEXT with STRING in WHAT", "ab", replace_with_x},
    {"replace TEXT with STRING in WHAT", "abab", replace_with_x},
    {"replace TEXT with STRING in WHAT", "aabaaab", replace_with_x},
    {"replace TEXT with STRING in WHAT", "/a+b*/", replace_with_x},
    {"replace TEXT with STRING in WHAT", "/ab|abb+c/", replace_with_x},
    {"replace TEXT with STRING in WHAT", "/(?<=ab)c|c(?=a)/", replace_with_x},
    {"replace TEXT with STRING in WHAT", "/(?<!a)bb?\\b/", replace_with_x},
    {"replace TEXT with STRING in WHAT", "/^a.|c$/", replace_with_x},
    {"replace TEXT with STRING in WHAT", "/a[^c]*?cb(c*)/", replace_with_x},
    {"replace TEXT with STRING in WHAT", "/d.*d/", replace_with_x},
    {"replace TEXT with STRING in WHAT", "/\\Aab/", replace_with_x},
};

static struct fake *begin(struct fake_world *world, const struct fault_case *fault_case)
{
    struct fake *fake = fake_new(world, fault_case->syntax);
    const char *text = fault_case->text;
    fault_case->set(fake);
    if (text && text[0] == '/') {
        char *pattern = strndup(text + 1, strlen(text) - 2);
        fake_pattern(fake, 0, pattern, PCRE2_DOTALL);
        free(pattern);
    } else if (text) {
        fake_literal(fake, 0, text);
    }
    fake_start(fake);
    return fake;
}

/* `cut`: the largest piece; pieces are of 1 to so many bytes. Every now and then time passes. */
static void feed(struct fake *fake, const char *stream, size_t length, size_t cut)
{
    unsigned random = 12345;
    for (size_t offset = 0, run; offset < length; offset += run) {
        random = random * 1103515245 + 12345;
        run = cut == length ? length : 1 + (random >> 8) % cut;
        run = run < length - offset ? run : length - offset;
        fake_bytes(fake, stream + offset, run, 0);
        if (random >> 28 == 0) {
            fake_advance(fake->world, 3 * NS_PER_MS);
        }
    }
    fake_ending(fake, ENDING_FIN);
    fake_settle(fake->world);
    if (fake->done == 0) {
        fake_stop(fake);
    }
}

static void assert_same(const struct fault_case *fault_case, size_t cut, const struct fake *fake, const struct fake *whole)
{
    size_t shorter = fake->out_length < whole->out_length ? fake->out_length : whole->out_length;
    for (size_t i = 0; i < shorter; i++) {
        if (fake->out[i] != whole->out[i]) {
            fail_msg("%s %s: cut to %zu, byte %zu differs", fault_case->syntax, fault_case->text ? fault_case->text : "", cut, i);
        }
    }
    assert_int_equal(fake->out_length, whole->out_length);
    assert_int_equal(fake->ending_count, whole->ending_count);
    for (size_t i = 0; i < fake->ending_count; i++) {
        assert_int_equal(fake->endings[i].ending, whole->endings[i].ending);
        assert_int_equal(fake->endings[i].offset, whole->endings[i].offset);
    }
    assert_int_equal(fake->happened > 0, whole->happened > 0);
    assert_int_equal(fake->done_offset, whole->done_offset);
}

static void compare_cuts(const char *stream, size_t length, const size_t *cuts, size_t cut_count)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_world world;
        fake_world_init(&world);
        struct fake *whole = begin(&world, &cases[i]);
        feed(whole, stream, length, length);
        for (size_t j = 0; j < cut_count; j++) {
            struct fake *cut = begin(&world, &cases[i]);
            feed(cut, stream, length, cuts[j]);
            assert_same(&cases[i], cuts[j], cut, whole);
            fake_free(cut);
        }
        fake_free(whole);
        fake_world_release(&world);
    }
}

static void any_cut_gives_the_same(void **state)
{
    (void)state;
    static const size_t cuts[] = {1, 2, 3, 17, 1500};
    char stream[4096];
    for (unsigned seed = 1; seed <= 10; seed++) {
        unsigned random = seed;
        for (size_t i = 0; i < sizeof(stream); i++) {
            random = random * 1103515245 + 12345;
            stream[i] = "aaaabbbccc \nd"[(random >> 16) % (i < 3000 ? 12 : 13)];
        }
        compare_cuts(stream, sizeof(stream), cuts, 5);
    }
}

static void any_cut_of_a_long_stream_gives_the_same(void **state)
{
    (void)state;
    static const size_t cuts[] = {7, 5000};
    size_t length = 160 * 1024;
    char *stream = malloc(length);
    for (size_t i = 0; i < length; i++) {
        stream[i] = i % 1000 == 0 && i < 3000 ? 'd' : "abc\n"[i * i % 7 % 4];
    }
    compare_cuts(stream, length, cuts, 2);
    free(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cut_gives_the_same),
        cmocka_unit_test(any_cut_of_a_long_stream_gives_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
