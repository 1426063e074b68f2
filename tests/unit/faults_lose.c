/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lose, as far as it is the fault's own: what it asks to be lost, what it makes of what the kernel counts, and which of the segments that
 * come by it loses. That the kernel loses them is tested by tests/unit/loss and end to end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_engine.h"

#define WHOLE "lose WHAT [over SIZE]"
#define SHARE "lose PERCENT of WHAT [over SIZE]"
#define EVERY "lose every NTH WHAT [over SIZE]"
#define FIN   0x01
#define ACK   0x10

static void all_is_lost_until_it_is_stopped(void **state)
{
    struct fake *fake = fake_new(*state, WHOLE);

    fake_what(fake, 0, WHAT_FIN);
    fake_range(fake, 1, 1400, 1400);
    fake->segments.dropped = 3;
    fake_start(fake);
    assert_string_equal(fake->asked, "lose");
    assert_int_equal(fake->loss.what, LOSS_FIN);
    assert_int_equal(fake->loss.over, 1400);
    fake_advance(*state, NS_PER_S);
    assert_int_equal(fake->happened, 0);
    fake->segments.dropped++;
    fake_advance(*state, 50 * NS_PER_MS);
    assert_int_equal(fake->happened, 1);
    assert_int_equal(fake->time_started, 1); /* `for` counts from the first that is lost */
    fake_stop(fake);
    assert_string_equal(fake->asked, "lose, lose no more");
    fake_free(fake);
}

static void all_is_lost_before_there_is_a_connection(void **state)
{
    struct fake *fake = fake_new(*state, WHOLE);

    fake_what(fake, 0, WHAT_DATA);
    fake->unconnected = true;
    fake_start(fake);
    assert_string_equal(fake->asked, "lose");
    fake_advance(*state, NS_PER_S);
    fake->unconnected = false;
    fake->segments.dropped = 3; /* before that */
    fake_advance(*state, NS_PER_S);
    assert_int_equal(fake->happened, 0);
    fake->segments.dropped++;
    fake_advance(*state, NS_PER_S);
    assert_int_equal(fake->happened, 1);
    fake_free(fake);
}

/* ---- by lot ---- */

static struct fake *lose_some(struct fake_world *world, enum what what, double share)
{
    struct fake *fake = fake_new(world, SHARE);

    fake_share(fake, 0, share);
    fake_what(fake, 1, what);
    fake->origin = (struct sequence){.send = 4000, .receive = 0xffffff00};
    fake->segments = (struct segments){.received = 100, .acknowledged = 900};
    fake_start(fake);
    return fake;
}

/* The nth segment of ten bytes behind what had come. */
static struct segment nth(unsigned n)
{
    return (struct segment){.sequence = 0xffffff00 + 100 + n * 10, .flags = ACK, .bytes = 10};
}

/* Of 32 segments, 1u << n for each that is lost. */
static uint32_t lost_of(struct fake *fake, uint32_t origin)
{
    uint32_t lost = 0;

    for (unsigned n = 0; n < 32; n++) {
        fake->came[0] = '\0';
        fake_segment(fake, 'x', (struct segment){.sequence = origin + 100 + n * 10, .flags = ACK, .bytes = 10});
        lost |= fake->came[0] == '-' ? 1u << n : 0;
    }
    return lost;
}

static void the_same_places_are_lost_on_each_run(void **state)
{
    struct fake *one = lose_some(*state, WHAT_DATA, 0.5), *other = lose_some(*state, WHAT_DATA, 0.5);
    uint32_t lost = lost_of(one, 0xffffff00);

    assert_in_range(__builtin_popcount(lost), 8, 24);
    assert_true(one->happened > 0);
    other->origin.receive = 1234; /* where a stream begins is drawn by the kernel, anew on each run */
    assert_int_equal(lost_of(other, 1234), lost);
    fake_free(one);
    fake_free(other);
}

static void each_is_lost_once(void **state)
{
    struct fake *fake = lose_some(*state, WHAT_DATA, 0.5);

    assert_true(lost_of(fake, 0xffffff00) != 0);
    assert_int_equal(lost_of(fake, 0xffffff00), 0);
    fake_free(fake);
}

/* What was on its way before is old: it has been there, or has been counted. */
static void what_came_before_passes(void **state)
{
    struct fake *fake = lose_some(*state, WHAT_DATA, 0.999);

    fake_segment(fake, 'a', (struct segment){.sequence = 0xffffff00 + 90, .flags = ACK, .bytes = 10});
    fake_segment(fake, 'b', (struct segment){.sequence = 0xffffff00 + 100, .flags = ACK, .bytes = 10});
    assert_string_equal(fake->came, "a -b");
    fake_free(fake);
}

static void other_kinds_pass(void **state)
{
    struct fake *fake = lose_some(*state, WHAT_FIN, 0.999);

    fake_segment(fake, 'a', nth(0));
    fake_segment(fake, 'b', (struct segment){.sequence = 0xffffff00 + 110, .flags = FIN | ACK});
    fake_segment(fake, 'c', (struct segment){.sequence = 0xffffff00 + 110, .flags = FIN | ACK});
    assert_string_equal(fake->came, "a -b c");
    assert_int_equal(fake->time_started, 1);
    fake_free(fake);
}

static void a_lost_ack_passes_when_it_is_said_again(void **state)
{
    struct fake *fake = lose_some(*state, WHAT_ACKS, 0.999);

    fake_segment(fake, 'a', (struct segment){.acknowledged = 4901, .flags = ACK});
    fake_segment(fake, 'b', (struct segment){.acknowledged = 4901, .flags = ACK});
    fake_segment(fake, 'c', (struct segment){.acknowledged = 4902, .flags = ACK});
    fake_segment(fake, 'd', nth(0));
    assert_string_equal(fake->came, "-a b -c d");
    fake_free(fake);
}

static void a_hundred_per_cent_are_all(void **state)
{
    struct fake *fake = lose_some(*state, WHAT_DATA, 1);

    fake_segment(fake, 'a', nth(0));
    fake_segment(fake, 'b', nth(0));
    assert_string_equal(fake->came, "-a -b");
    fake_free(fake);
}

/* ---- by count ---- */

static struct fake *lose_every(struct fake_world *world, enum what what, uint64_t n)
{
    struct fake *fake = fake_new(world, EVERY);

    fake_nth(fake, 0, n);
    fake_what(fake, 1, what);
    fake_start(fake);
    return fake;
}

static void every_third_is_the_one_behind_two(void **state)
{
    struct fake *fake = lose_every(*state, WHAT_DATA, 3);

    for (char name = 'a'; name <= 'f'; name++) {
        fake_segment(fake, name, nth((unsigned)(name - 'a')));
        fake_segment(fake, '.', (struct segment){.flags = ACK}); /* not what is counted */
    }
    fake_segment(fake, 'f', nth(5)); /* again: counted like any other */
    fake_segment(fake, 'g', nth(6));
    fake_segment(fake, 'h', nth(7));
    assert_string_equal(fake->came, "a . b . -c . d . e . -f . f g -h");
    assert_int_equal(fake->happened, 3);
    fake_free(fake);
}

static void every_second_ack_is_whichever_comes(void **state)
{
    struct fake *fake = lose_every(*state, WHAT_ACKS, 2);

    fake_segment(fake, 'a', nth(0));
    for (char name = 'b'; name <= 'e'; name++) {
        fake_segment(fake, name, (struct segment){.flags = ACK});
    }
    assert_string_equal(fake->came, "a b -c d -e");
    fake_free(fake);
}

static void every_first_is_all(void **state)
{
    struct fake *fake = lose_every(*state, WHAT_SEGMENTS, 1);

    fake_segment(fake, 'a', nth(0));
    fake_segment(fake, 'b', (struct segment){.flags = FIN});
    assert_string_equal(fake->came, "-a -b");
    fake_free(fake);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_is_lost_until_it_is_stopped),
        TEST(all_is_lost_before_there_is_a_connection),
        TEST(the_same_places_are_lost_on_each_run),
        TEST(each_is_lost_once),
        TEST(what_came_before_passes),
        TEST(other_kinds_pass),
        TEST(a_lost_ack_passes_when_it_is_said_again),
        TEST(a_hundred_per_cent_are_all),
        TEST(every_third_is_the_one_behind_two),
        TEST(every_second_ack_is_whichever_comes),
        TEST(every_first_is_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
