/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Detectors: the same stream, cut in every way, gives the same places; and they are the right ones.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "engine/detector.h"

#include <pcre2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The next cut of a stream: how many bytes come now. */
typedef size_t cutter(void *state, size_t at);

static size_t cut_whole(void *state, size_t at)
{
    (void)state;
    (void)at;
    return SIZE_MAX;
}

static size_t cut_bytes(void *state, size_t at)
{
    (void)state;
    (void)at;
    return 1;
}

/* Once, at *state. */
static size_t cut_at(void *state, size_t at)
{
    size_t place = *(size_t *)state;

    return at < place ? place - at : SIZE_MAX;
}

static size_t cut_random(void *state, size_t at)
{
    uint64_t *random = state;

    (void)at;
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return 1 + (size_t)(*random >> 33) % 5;
}

/* As a gate does: looks, takes up to the hit, starts again. Writes all hits as `start-behind `. */
static void find_all(struct detector *detector, const char *stream, size_t length, cutter *cut, void *state, char *hits, size_t size)
{
    size_t at = 0;

    hits[0] = '\0';
    while (at < length) {
        size_t end = at + cut(state, at);

        end = end > length || end < at ? length : end;
        while (at < end) {
            struct hit hit = {.behind = end - at};
            bool found = detector_find(detector, (const uint8_t *)stream + at, end - at, &hit);
            size_t used = strlen(hits);

            detector_take(detector, (const uint8_t *)stream + at, hit.behind);
            at += hit.behind;
            assert_int_equal(detector->position, at);
            assert_true(detector_decided(detector) <= at);
            if (found) {
                snprintf(hits + used, size - used, "%zu-%zu ", (size_t)hit.start, at);
                detector_restart(detector);
            }
        }
    }
}

static struct text text_of(const char *source)
{
    size_t length = strlen(source), place;
    struct text text = {.bytes = source, .length = length};
    int error;

    if (source[0] == '/') {
        uint32_t options = PCRE2_DOTALL | PCRE2_MULTILINE | PCRE2_NO_AUTO_POSSESS;

        text = (struct text){.bytes = source + 1, .length = length - 2, .pattern = true};
        text.ends = pcre2_compile((PCRE2_SPTR)text.bytes, text.length, options, &error, &place, NULL);
        assert_non_null(text.ends);
    }
    return text;
}

static void text_free(const struct text *text)
{
    pcre2_code_free((pcre2_code *)(uintptr_t)text->ends);
}

static void check_cut(const struct text *text, const char *stream, cutter *cut, void *state, const char *expected)
{
    struct detector detector;
    char hits[512];

    detector_init_text(&detector, text);
    find_all(&detector, stream, strlen(stream), cut, state, hits, sizeof(hits));
    detector_release(&detector);
    assert_string_equal(hits, expected);
}

/* A text between slashes is a pattern. */
static void check(const char *source, const char *stream, const char *expected)
{
    struct text text = text_of(source);
    uint64_t random = 1;

    check_cut(&text, stream, cut_whole, NULL, expected);
    check_cut(&text, stream, cut_bytes, NULL, expected);
    for (size_t place = 1; place < strlen(stream); place++) {
        check_cut(&text, stream, cut_at, &place, expected);
    }
    for (int i = 0; i < 50; i++) {
        check_cut(&text, stream, cut_random, &random, expected);
    }
    text_free(&text);
}

static void test_literals(void **state)
{
    (void)state;
    check("x", "x", "0-1 ");
    check("GET ", "GET / GET  GE GET", "0-4 6-10 ");
    check("\r\n\r\n", "a: b\r\n\r\r\n\r\n", "7-11 ");
    check("abc", "ababab", "");
}

/* Those that contain their own beginning; a match is used once. */
static void test_literals_that_repeat_themselves(void **state)
{
    (void)state;
    check("aa", "aaaaa", "0-2 2-4 ");
    check("aab", "aaaaab", "3-6 ");
    check("abab", "abababab", "0-4 4-8 ");
    check("abacab", "abacabacab", "0-6 ");
    check("aabaaab", "aabaabaaab", "3-10 ");
}

static void test_bytes_that_are_no_text(void **state)
{
    struct text text = {.bytes = "\0\xff\0", .length = 3};
    struct detector detector;
    char hits[64];

    (void)state;
    detector_init_text(&detector, &text);
    find_all(&detector, "a\0\0\xff\0b", 6, cut_bytes, NULL, hits, sizeof(hits));
    assert_string_equal(hits, "2-5 ");
    detector_release(&detector);
}

static void test_amounts(void **state)
{
    struct detector detector;
    char hits[128];

    (void)state;
    for (size_t place = 0; place < 10; place++) {
        detector_init_amount(&detector, 3);
        find_all(&detector, "0123456789", 10, cut_at, &place, hits, sizeof(hits));
        assert_string_equal(hits, "3-3 6-6 9-9 ");
        detector_release(&detector);
    }
}

/* The hit of an amount of nothing is in front of the first byte: `sends 0..512 bytes in turn`. */
static void test_an_amount_of_nothing(void **state)
{
    struct detector detector;
    struct hit hit;

    (void)state;
    detector_init_amount(&detector, 0);
    assert_true(detector_find(&detector, (const uint8_t *)"abc", 3, &hit));
    assert_int_equal(hit.behind, 0);
    detector_restart(&detector); /* but never again in the same place, for ever */
    assert_true(detector_find(&detector, (const uint8_t *)"abc", 3, &hit));
    assert_int_equal(hit.behind, 1);
    detector_release(&detector);
}

static void test_patterns(void **state)
{
    (void)state;
    check("/GET .*/", "GET /index", "0-4 ");
    check("/[0-9]+ OK/", "a 12 O 345 OK b", "7-13 ");
    check("/foobar|foo/", "a foobar", "2-5 ");      /* where it can first end */
    check("/a.*z|b/", "a b z", "0-5 ");             /* the leftmost one, though another would end earlier */
    check("/abcd|bc/", "abce abcd", "1-3 5-9 ");    /* the leftmost one came to nothing */
    check("/x{3}/", "xxxxxxx", "0-3 3-6 ");
    check("/(?i)quit\\r\\n/", "QuIt\r\nquit\r\n", "0-6 6-12 ");
}

static void test_patterns_that_look_back(void **state)
{
    (void)state;
    check("/(?<=a)b/", "b ab cb aab", "3-4 10-11 ");
    check("/(?<=abc)d/", "abd abcd abcabcd", "7-8 15-16 ");
    check("/^GET/", "GET\nGET xGET", "0-3 4-7 ");
    check("/\\AGET/", "GET GET\nGET", "0-3 ");
}

/* Known one byte later than they end; the place is where they end all the same. */
static void test_patterns_that_look_ahead(void **state)
{
    (void)state;
    check("/\\bword\\b/", "xxxxxxx word swords word.", "8-12 20-24 ");
    check("/ok(?=!)/", "okay ok! ok", "5-7 ");
    check("/a(?!b)/", "abababac", "6-7 ");
}

/* Every stream of three letters up to a length, against one look at the whole of it. */
static void test_all_short_streams(void **state)
{
    static const char *const patterns[] = {"aab", "aba", "/ab*c/", "/a(b|bc)c/", "/(ab|b)+c/", "/b(?<=ab)/", "/a[^b]{2}/"};
    char stream[8];

    (void)state;
    for (size_t p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++) {
        struct text text = text_of(patterns[p]);

        for (unsigned n = 0; n < 3 * 3 * 3 * 3 * 3 * 3 * 3; n++) {
            struct detector detector;
            char expected[128];
            unsigned rest = n;

            for (size_t i = 0; i < 7; i++, rest /= 3) {
                stream[i] = (char)('a' + rest % 3);
            }
            stream[7] = '\0';
            detector_init_text(&detector, &text);
            find_all(&detector, stream, 7, cut_whole, NULL, expected, sizeof(expected));
            detector_release(&detector);
            check_cut(&text, stream, cut_bytes, NULL, expected);
            for (size_t place = 1; place < 7; place++) {
                check_cut(&text, stream, cut_at, &place, expected);
            }
        }
        text_free(&text);
    }
}

/* `is about to send`: how much of what came may still be the beginning of a match. */
static void check_decided(const char *source, const char *stream, const char *expected)
{
    struct text text = text_of(source);
    struct detector detector;
    char decided[128] = "";

    detector_init_text(&detector, &text);
    for (size_t i = 0; i < strlen(stream); i++) {
        struct hit hit;

        assert_false(detector_find(&detector, (const uint8_t *)stream + i, 1, &hit));
        detector_take(&detector, (const uint8_t *)stream + i, 1);
        snprintf(decided + strlen(decided), sizeof(decided) - strlen(decided), "%zu ", (size_t)detector_decided(&detector));
    }
    assert_string_equal(decided, expected);
    detector_release(&detector);
    text_free(&text);
}

static void test_decided(void **state)
{
    (void)state;
    check_decided("abc", "xababx", "1 1 1 3 3 6 ");
    check_decided("aab", "aaaa", "0 0 1 2 ");
    check_decided("/ab+c/", "xabbbxa", "1 1 1 1 1 6 6 ");
}

/* A partial match that goes on for ever costs no more memory than the window. */
static void test_what_never_ends_is_given_up(void **state)
{
    struct text text = text_of("/a[^z]*z/");
    struct detector detector;
    static uint8_t block[16 * 1024];
    struct hit hit;

    (void)state;
    memset(block, 'a', sizeof(block));
    detector_init_text(&detector, &text);
    for (int i = 0; i < 20; i++) {
        assert_false(detector_find(&detector, block, sizeof(block), &hit));
        detector_take(&detector, block, sizeof(block));
        assert_true(detector.carried <= DETECTOR_WINDOW + detector.context);
        assert_true(detector.position - detector_decided(&detector) <= DETECTOR_WINDOW);
    }
    assert_true(detector_find(&detector, (const uint8_t *)"z", 1, &hit));
    assert_int_equal(hit.behind, 1);
    detector_release(&detector);
    text_free(&text);
}

/* Another detector was true at an earlier byte: less is taken than was looked at. */
static void test_less_is_taken_than_was_found(void **state)
{
    static const char stream[] = "xxabcabc";
    static const char *const sources[] = {"abc", "/abc/"};

    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct text text = text_of(sources[s]);

        for (size_t taken = 0; taken < 5; taken++) {
            struct detector detector;
            struct hit hit;

            detector_init_text(&detector, &text);
            assert_true(detector_find(&detector, (const uint8_t *)stream, 8, &hit));
            assert_int_equal(hit.behind, 5);
            detector_take(&detector, (const uint8_t *)stream, taken);
            assert_true(detector_find(&detector, (const uint8_t *)stream + taken, 8 - taken, &hit));
            assert_int_equal(hit.start, 2);
            assert_int_equal(hit.behind, 5 - taken);
            detector_release(&detector);
        }
        text_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_literals_that_repeat_themselves),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_amounts),
        cmocka_unit_test(test_an_amount_of_nothing),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_patterns_that_look_back),
        cmocka_unit_test(test_patterns_that_look_ahead),
        cmocka_unit_test(test_all_short_streams),
        cmocka_unit_test(test_decided),
        cmocka_unit_test(test_what_never_ends_is_given_up),
        cmocka_unit_test(test_less_is_taken_than_was_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
