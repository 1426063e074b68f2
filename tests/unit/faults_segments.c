/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * delay, duplicate and reorder segments: which of those that come by goes on when, and in what order. That they come by is tested end to
 * end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fake_engine.h"
#include "faults/kinds.h"

#define ACK 0x10

static struct segment segment(uint32_t sequence)
{
    return (struct segment){.sequence = sequence, .flags = ACK, .bytes = 1};
}

static struct fake *started(struct fake_world *world, const struct fault_kind *kind, double share)
{
    struct fake *fake = fake_new_of(world, kind);

    if (share < 1) {
        fake_share(fake, 0, share);
    }
    fake_what(fake, 1, WHAT_SEGMENTS);
    fake_start(fake);
    return fake;
}

static struct fake *delay(struct fake_world *world, uint64_t low, uint64_t high)
{
    struct fake *fake = fake_new_of(world, &kind_delay_segments);

    fake_what(fake, 0, WHAT_SEGMENTS);
    fake_range(fake, 1, low, high);
    fake_start(fake);
    return fake;
}

static void each_is_late(void **state)
{
    struct fake *fake = delay(*state, 10 * NS_PER_MS, 10 * NS_PER_MS);

    fake_segment(fake, 'a', segment(1));
    assert_int_equal(fake->happened, 1);
    fake_advance(*state, 4 * NS_PER_MS);
    fake_segment(fake, 'b', segment(2));
    fake_advance(*state, 6 * NS_PER_MS - 1);
    assert_string_equal(fake->came, "");
    fake_advance(*state, 1);
    assert_string_equal(fake->came, "a");
    fake_advance(*state, 4 * NS_PER_MS);
    assert_string_equal(fake->came, "a b");
    fake_free(fake);
}

static void none_overtakes(void **state)
{
    struct fake *fake = delay(*state, 0, 50 * NS_PER_MS);
    char name = 'a';

    while (name <= 'z') {
        fake_segment(fake, name, segment((uint32_t)name));
        fake_advance(*state, NS_PER_MS);
        name++;
    }
    fake_settle(*state);
    assert_string_equal(fake->came, "a b c d e f g h i j k l m n o p q r s t u v w x y z");
    fake_free(fake);
}

static void what_waits_goes_when_it_is_lifted(void **state)
{
    struct fake *fake = delay(*state, NS_PER_S, NS_PER_S);

    fake_segment(fake, 'a', segment(1));
    fake_segment(fake, 'b', segment(2));
    fake_stop(fake);
    assert_string_equal(fake->came, "a b");
    fake_free(fake);
}

static void what_waits_is_freed_with_the_link(void **state)
{
    struct fake *fake = delay(*state, NS_PER_S, NS_PER_S);

    fake_segment(fake, 'a', segment(1));
    fake_segment(fake, 'b', segment(2));
    fake_free(fake); /* the leak checker sees the rest */
}

static void each_comes_twice(void **state)
{
    struct fake *fake = started(*state, &kind_duplicate_segments, 1);

    fake_segment(fake, 'a', segment(1));
    fake_segment(fake, 'b', segment(2));
    assert_string_equal(fake->came, "a a b b");
    assert_true(fake->happened > 0);
    fake_free(fake);
}

static void the_lot_doubles_some(void **state)
{
    struct fake *fake = started(*state, &kind_duplicate_segments, 0.5);
    size_t length;

    for (uint32_t sequence = 0; sequence < 32; sequence++) {
        fake_segment(fake, 'x', segment(sequence));
    }
    length = (strlen(fake->came) + 1) / 2;
    assert_in_range(length, 32 + 8, 32 + 24);
    fake_free(fake);
}

static void two_change_places(void **state)
{
    struct fake *fake = started(*state, &kind_reorder, 1);

    fake_segment(fake, 'a', segment(1));
    assert_string_equal(fake->came, "");
    assert_int_equal(fake->happened, 0);
    fake_segment(fake, 'b', segment(2));
    fake_segment(fake, 'c', segment(3));
    fake_segment(fake, 'd', segment(4));
    assert_string_equal(fake->came, "b a d c");
    assert_true(fake->happened > 0);
    fake_settle(*state);
    assert_string_equal(fake->came, "b a d c");
    fake_free(fake);
}

static void the_last_keeps_its_place(void **state)
{
    struct fake *fake = started(*state, &kind_reorder, 1);

    fake_segment(fake, 'a', segment(1));
    fake_advance(*state, 20 * NS_PER_MS);
    assert_string_equal(fake->came, "a");
    assert_int_equal(fake->happened, 0); /* nobody can feel that */
    fake_segment(fake, 'b', segment(2));
    fake_stop(fake);
    assert_string_equal(fake->came, "a b");
    fake_segment(fake, 'c', segment(3));
    fake_free(fake); /* the leak checker sees the rest */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_is_late),
        TEST(none_overtakes),
        TEST(what_waits_goes_when_it_is_lifted),
        TEST(what_waits_is_freed_with_the_link),
        TEST(each_comes_twice),
        TEST(the_lot_doubles_some),
        TEST(two_change_places),
        TEST(the_last_keeps_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
