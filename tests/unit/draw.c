/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Draws: the same on every machine and in every version (the golden table: who has a failure in a log must be able to repeat it), in the
 * shapes that the language promises, and independent of each other.
 */
#include "engine/draw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MANY 20000

static uint64_t key_of(uint64_t seed, const char *relay, const char *rule, uint64_t connection)
{
    return draw_key_number(draw_key_text(draw_key_text(draw_key(seed), relay), rule), connection);
}

static void test_golden(void **state)
{
    static const struct {
        uint64_t seed;
        const char *rule;
        uint64_t connection, use, bits;
    } golden[] = {
        {42, "tear", 1, 0, UINT64_C(0xefe1a0a701636e6d)},
        {42, "tear", 1, 1, UINT64_C(0x019951b5ae7733f9)},
        {42, "tear", 2, 0, UINT64_C(0x4c68146bb3c17a5c)},
        {42, "lose", 1, 0, UINT64_C(0xe81f4db065b6999a)},
        {0, "tear", 1, 0, UINT64_C(0x639bd60116fc2fbe)},
        {UINT64_MAX, "tear", 1000000, 0, UINT64_C(0x44615133b00ed783)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
        assert_int_equal(draw_bits(key_of(golden[i].seed, "redis", golden[i].rule, golden[i].connection), golden[i].use), golden[i].bits);
    }
}

static void test_golden_shapes(void **state)
{
    static const enum shape shapes[] = {SHAPE_UNIFORM, SHAPE_NORMAL, SHAPE_PARETO};
    static const uint64_t golden[3][4] = {
        {60034, 1393, 34565, 41633},
        {16941, 36829, 10620, 28481},
        {9839, 1005, 1911, 2411},
    };

    (void)state;
    for (size_t s = 0; s < 3; s++) {
        struct range range = {.low = 1000, .high = 64000, .unit = 1, .shape = shapes[s]};

        for (uint64_t use = 0; use < 4; use++) {
            assert_int_equal(draw_range(key_of(42, "redis", "tear", 1), use, &range, 0), golden[s][use]);
        }
    }
}

static void test_keys_differ(void **state)
{
    uint64_t keys[] = {
        key_of(1, "a", "b", 1), key_of(2, "a", "b", 1), key_of(1, "b", "a", 1), key_of(1, "a", "b", 2), key_of(1, "ab", "", 1),
        key_of(1, "", "ab", 1), key_of(1, "a", "b", 0), key_of(0, "a", "b", 1), key_of(1, "a", "", 1), key_of(1, "a", "c", 1),
    };
    size_t count = sizeof(keys) / sizeof(keys[0]);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(keys[i], keys[j]);
        }
    }
}

static double mean_of(const struct range *range, uint64_t *least, uint64_t *most)
{
    double sum = 0;

    *least = UINT64_MAX;
    *most = 0;
    for (uint64_t use = 0; use < MANY; use++) {
        uint64_t value = draw_range(key_of(7, "r", "mean", 1), use, range, 0);

        *least = value < *least ? value : *least;
        *most = value > *most ? value : *most;
        sum += (double)value;
    }
    return sum / MANY;
}

static void assert_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) > tolerance) {
        fail_msg("%g is not near %g", value, expected);
    }
}

static void test_uniform(void **state)
{
    struct range range = {.low = 10, .high = 20, .unit = 1};
    unsigned counts[11] = {0};
    uint64_t least, most;

    (void)state;
    assert_near(mean_of(&range, &least, &most), 15, 0.1);
    assert_int_equal(least, 10); /* both ends belong to it */
    assert_int_equal(most, 20);
    for (uint64_t use = 0; use < MANY; use++) {
        counts[draw_range(key_of(3, "r", "even", 1), use, &range, 0) - 10]++;
    }
    for (int i = 0; i <= 10; i++) {
        assert_near(counts[i], MANY / 11.0, MANY / 11.0 * 0.1);
    }
}

static void test_normal(void **state)
{
    struct range range = {.low = 1000, .high = 5000, .unit = 1, .shape = SHAPE_NORMAL};
    uint64_t least, most;
    int within = 0;

    (void)state;
    assert_near(mean_of(&range, &least, &most), 3000, 25);
    assert_in_range(least, 1000, 1050);
    assert_in_range(most, 4950, 5000);
    for (uint64_t use = 0; use < MANY; use++) {
        uint64_t value = draw_range(key_of(3, "r", "bell", 1), use, &range, 0);

        within += value >= 2000 && value <= 4000; /* one standard deviation: 68.3 % of all, of the 95.4 % that are not cut off */
    }
    assert_near((double)within / MANY, 0.683 / 0.954, 0.02);
}

static void test_pareto(void **state)
{
    struct range range = {.low = 1000, .high = 100000, .unit = 1, .shape = SHAPE_PARETO};
    double cut = 1 - pow(1000.0 / 100000, 1.16); /* of the distribution, this much is not cut off */
    uint64_t least, most;
    int below = 0;

    (void)state;
    /* The mean of a Pareto distribution of shape a, from L, cut off at H: L^a / (1 - (L/H)^a) * a / (a - 1) * (L^(1-a) - H^(1-a)) */
    assert_near(mean_of(&range, &least, &most), pow(1000, 1.16) / cut * 1.16 / 0.16 * (pow(1000, -0.16) - pow(100000, -0.16)), 150);
    assert_in_range(least, 1000, 1010);
    assert_in_range(most, 50000, 100000);
    for (uint64_t use = 0; use < MANY; use++) {
        below += draw_range(key_of(3, "r", "tail", 1), use, &range, 0) < 2000;
    }
    assert_near((double)below / MANY, (1 - pow(0.5, 1.16)) / cut, 0.02);
}

static void test_pareto_from_nothing(void **state)
{
    struct range range = {.low = 0, .high = 1000000, .unit = 1, .shape = SHAPE_PARETO};
    uint64_t least, most;

    (void)state;
    mean_of(&range, &least, &most);
    assert_true(most <= 1000000);
}

static void test_in_turn(void **state)
{
    struct range bytes = {.low = 0, .high = 3, .unit = 1, .shape = SHAPE_IN_TURN};
    struct range kib = {.low = 1024, .high = 4096, .unit = 1024, .shape = SHAPE_IN_TURN};
    static const uint64_t walk[] = {0, 1, 2, 3, 0, 1};

    (void)state;
    for (uint64_t turn = 0; turn < 6; turn++) {
        assert_int_equal(draw_range(turn * 99, turn, &bytes, turn), walk[turn]);
        assert_int_equal(draw_range(0, 0, &kib, turn), 1024 * (1 + turn % 4));
    }
}

static void test_the_ends_of_what_fits(void **state)
{
    struct range one = {.low = 5, .high = 5, .unit = 1};
    struct range open = {.low = 4, .high = UINT64_MAX, .unit = 1};
    struct range wide = {.low = 0, .high = UINT64_MAX - 1, .unit = 1};

    (void)state;
    for (uint64_t use = 0; use < 100; use++) {
        assert_int_equal(draw_range(1, use, &one, use), 5);
        assert_int_equal(draw_range(1, use, &open, use), 4);
        assert_true(draw_range(1, use, &wide, 0) <= UINT64_MAX - 1);
        assert_int_equal(draw_below(1, use, 1), 0);
    }
    assert_int_equal(draw_below(1, 1, 0), 0);
}

/* 1 % of connections: about so many, and those of one rule say nothing about those of another, nor a seed about the next one. */
static void test_shares(void **state)
{
    int first = 0, second = 0, both = 0, next_seed = 0;

    (void)state;
    for (uint64_t connection = 1; connection <= MANY; connection++) {
        bool a = draw_unit(key_of(1, "r", "tear", connection), 0) < 0.1, b = draw_unit(key_of(1, "r", "lose", connection), 0) < 0.1;

        first += a;
        second += b;
        both += a && b;
        next_seed += a && draw_unit(key_of(2, "r", "tear", connection), 0) < 0.1;
    }
    assert_near(first, MANY * 0.1, 150);
    assert_near(second, MANY * 0.1, 150);
    assert_near(both, MANY * 0.01, 50);
    assert_near(next_seed, MANY * 0.01, 50);
}

static void test_every_bit_is_even(void **state)
{
    int ones[64] = {0};

    (void)state;
    for (uint64_t connection = 0; connection < MANY; connection++) {
        uint64_t bits = draw_bits(key_of(1, "r", "bits", connection), 0);

        for (int i = 0; i < 64; i++) {
            ones[i] += bits >> i & 1;
        }
    }
    for (int i = 0; i < 64; i++) {
        assert_near(ones[i], MANY / 2.0, 350);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_golden_shapes),
        cmocka_unit_test(test_keys_differ),
        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_pareto),
        cmocka_unit_test(test_pareto_from_nothing),
        cmocka_unit_test(test_in_turn),
        cmocka_unit_test(test_the_ends_of_what_fits),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_every_bit_is_even),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
