/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest parts of the language: numbers with units, distances between words, the syntax of rows, addresses, memory. What whole
 * sentences make of them is tested by tests/lang.
 */
#include "rules/address.h"
#include "rules/lexer.h"
#include "rules/memory.h"
#include "rules/names.h"
#include "rules/quantity.h"
#include "rules/source.h"
#include "rules/spelling.h"
#include "rules/syntax.h"
#include "rules/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void numbers_are_exact(void **state)
{
    struct bounds bounds;
    uint64_t value = 0;

    (void)state;
    assert_true(bounds_read("1.5..64KiB", 10, &bounds));
    assert_true(bounds.range && !bounds.open && !bounds.too_long);
    assert_int_equal(bounds.length, 7);
    assert_int_equal(decimal_scale(bounds.low, 1024, &value), SCALED_WELL);
    assert_int_equal(value, 1536);
    assert_int_equal(decimal_scale(bounds.high, 1024, &value), SCALED_WELL);
    assert_int_equal(value, 65536);

    assert_true(bounds_read("4..", 3, &bounds));
    assert_true(bounds.open && !bounds.range);
    assert_false(bounds_read("x4", 2, &bounds));
    assert_false(bounds_read("", 0, &bounds));

    assert_true(bounds_read("0.3", 3, &bounds));
    assert_int_equal(decimal_scale(bounds.low, 1, &value), SCALED_BROKEN);
    assert_true(bounds_read("9223372036854775807", 19, &bounds));
    assert_true(bounds.too_long);
    assert_true(bounds_read("999999999999999999", 18, &bounds));
    assert_false(bounds.too_long);
    assert_int_equal(decimal_scale(bounds.low, 1000, &value), SCALED_TOO_LARGE);
}

static void units_are_what_they_say(void **state)
{
    (void)state;
    assert_int_equal(unit_find(units_time, "min", 3)->factor, 60000000000);
    assert_null(unit_find(units_time, "m", 1));
    assert_int_equal(unit_find(units_size, "kB", 2)->factor, 1000);
    assert_int_equal(unit_find(units_size, "GiB", 3)->factor, 1 << 30);
    assert_int_equal(unit_find(units_rate, "Mbit/s", 6)->factor, 125000);
    assert_null(unit_find(units_rate, "Mbit", 4));
}

static unsigned distance(const char *a, const char *b)
{
    return spelling_distance(a, strlen(a), b, strlen(b));
}

static void distances(void **state)
{
    (void)state;
    assert_int_equal(distance("hold", "hold"), 0);
    assert_int_equal(distance("HOLD", "hold"), 0);
    assert_int_equal(distance("hodl", "hold"), 1); /* two neighbours swapped */
    assert_int_equal(distance("hol", "hold"), 1);
    assert_int_equal(distance("holdd", "hold"), 1);
    assert_int_equal(distance("hald", "hold"), 1);
    assert_int_equal(distance("dloh", "hold"), 3); /* and more are not told apart */
    assert_int_equal(distance("", "ab"), 2);
    assert_int_equal(distance("0123456789012345678901234567890123", "0123456789012345678901234567890123"), 3);
}

static const char *nearest(const char *word, const char *first, const char *second)
{
    struct spelling search = { .word = word, .length = strlen(word) };

    spelling_try(&search, first, strlen(first));
    spelling_try(&search, second, strlen(second));
    return search.nearest;
}

static void the_nearest_of_several(void **state)
{
    (void)state;
    assert_string_equal(nearest("clsoe", "closes", "close"), "close");
    assert_string_equal(nearest("fni", "rst", "fin"), "fin");
    assert_null(nearest("rtt", "fin", "acks"));
    assert_null(nearest("or", "of", "on"));
}

static void a_syntax_in_parts(void **state)
{
    const char *at = "slice WHAT into ( a | b ) piece(s) [every DURATION]";
    const enum part_kind kinds[] = { PART_WORD,   PART_SLOT,   PART_WORD, PART_CHOICE, PART_WORD, PART_OR,    PART_WORD,
                                     PART_CHOSEN, PART_PLURAL, PART_OPEN, PART_WORD,   PART_SLOT, PART_CLOSE, PART_END };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct part part = syntax_next(&at);

        assert_int_equal(part.kind, kinds[i]);
        if (i == 8)
            assert_true(part.length == 5 && memcmp(part.text, "piece", 5) == 0);
        if (i == 11)
            assert_int_equal(part.slot, SLOT_DURATION);
    }
}

static void prefixes(void **state)
{
    struct prefix prefix;
    bool stray;

    (void)state;
    assert_null(prefix_read("10.128.0.0/9", 12, &prefix, &stray));
    assert_false(stray);
    assert_int_equal(prefix.bits, 9);
    assert_null(prefix_read("10.192.0.0/9", 12, &prefix, &stray));
    assert_true(stray);
    assert_int_equal(prefix.address[1], 128);
    assert_null(prefix_read("fd00::", 6, &prefix, &stray));
    assert_int_equal(prefix.bits, 128);
    assert_non_null(prefix_read("10.0.0.0/-1", 11, &prefix, &stray));
    assert_non_null(prefix_read("", 0, &prefix, &stray));
}

static void patterns_are_compiled_twice(void **state)
{
    struct arena *arena = arena_new();
    struct text_fault fault;
    struct text text;

    (void)state;
    assert_true(text_compile("/a\\/b+/i", 8, &text, arena, &fault));
    assert_true(text.pattern && text.ends && text.greedy && text.ends != text.greedy);
    assert_string_equal(text.bytes, "a\\/b+");
    assert_false(text_compile("/(a)/x", 6, &text, arena, &fault));
    assert_int_equal(fault.offset, 5);
    arena_free(arena);
}

static void count_release(void *object)
{
    ++*(unsigned *)object;
}

static void an_arena_frees_all(void **state)
{
    struct arena *arena = arena_new();
    unsigned *numbers = NULL, released = 0;
    size_t count = 0;

    (void)state;
    for (unsigned i = 0; i < 10000; i++)
        *ARENA_PUSH(arena, numbers, count) = i;
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(numbers[i], i);
    assert_int_equal((uintptr_t)arena_alloc(arena, 1) % _Alignof(max_align_t), 0);
    assert_string_equal(arena_printf(arena, "%d-%s", 3, "x"), "3-x");
    arena_defer(arena, count_release, &released);
    arena_defer(arena, count_release, &released);
    arena_free(arena);
    assert_int_equal(released, 2);
    arena_free(NULL);
}

static void names_go_both_ways(void **state)
{
    (void)state;
    for (const struct name *name = names_states; name->name; name++) {
        assert_string_equal(tcp_state_name((enum tcp_state)name->value), name->name);
        assert_int_equal(tcp_state_from_name(name->name, strlen(name->name)), name->value);
    }
    assert_int_equal(tcp_state_from_name("close_wait", 10), -1);
    assert_int_equal(tcp_state_from_name("CLOSE", 4), -1);
    assert_string_equal(what_name(WHAT_SEGMENTS), "segments");
    assert_string_equal(side_name(SIDE_SERVER), "server");
}

/* Token by token: kind and text. */
static void tokens_and_places(void **state)
{
    struct diag *diag = diag_new();
    struct arena *arena = arena_new();
    struct source *source = source_from_text("t", "rule a{ # c\n \"ä\" /b c/i,x..y}", diag);
    struct tokens *tokens = lexer_read(source, arena, diag);
    const enum token_kind kinds[] = { TOKEN_WORD,  TOKEN_WORD, TOKEN_OPEN,  TOKEN_STRING, TOKEN_PATTERN,
                                      TOKEN_COMMA, TOKEN_WORD, TOKEN_CLOSE, TOKEN_END };
    const unsigned columns[] = { 1, 6, 7, 2, 6, 12, 13, 17, 18 };

    (void)state;
    assert_int_equal(diag_errors(diag), 0);
    assert_int_equal(tokens->count, sizeof kinds / sizeof *kinds);
    for (size_t i = 0; i < tokens->count; i++) {
        assert_int_equal(tokens->list[i].kind, kinds[i]);
        assert_int_equal(tokens->list[i].column, columns[i]);
        assert_int_equal(place_of(tokens->list[i].span).column, columns[i]);
        assert_int_equal(place_of(tokens->list[i].span).line, tokens->list[i].line);
    }
    assert_int_equal(tokens->comment_count, 1);
    assert_int_equal(tokens->comments[0].before, 3);
    assert_true(tokens->list[3].first && !tokens->list[4].first);
    arena_free(arena);
    diag_free(diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(units_are_what_they_say),
        cmocka_unit_test(distances),
        cmocka_unit_test(the_nearest_of_several),
        cmocka_unit_test(a_syntax_in_parts),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(patterns_are_compiled_twice),
        cmocka_unit_test(an_arena_frees_all),
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(tokens_and_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
