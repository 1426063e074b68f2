/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lose, as far as it is the fault's own: what it asks to be lost, and what it makes of what the kernel counts. That the kernel loses it is
 * tested by tests/unit/loss and end to end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_engine.h"

#define SHARE "lose [PERCENT of] WHAT [over SIZE]"
#define EVERY "lose every NTH WHAT [over SIZE]"
#define LOOK (2 * NS_PER_MS) /* within this, it has looked */

static struct fake *lose(struct fake_world *world, enum what what, double share)
{
    struct fake *fake = fake_new(world, SHARE);

    fake_what(fake, 1, what);
    if (share < 1) {
        fake_share(fake, 0, share);
    }
    fake->sequence = (struct sequence){.send = 5000, .receive = 1100};
    fake->segments = (struct segments){.received = 100, .acknowledged = 900, .written = 1000, .dropped = 3};
    return fake;
}

static struct fake *lose_every(struct fake_world *world, enum what what, uint64_t nth)
{
    struct fake *fake = fake_new(world, EVERY);

    fake_what(fake, 1, what);
    fake_nth(fake, 0, nth);
    fake->sequence = (struct sequence){.receive = 1100};
    fake->segments = (struct segments){.received = 100};
    return fake;
}

static void all_is_lost_until_it_is_stopped(void **state)
{
    struct fake *fake = lose(*state, WHAT_FIN, 1);

    fake_range(fake, 2, 1400, 1400);
    fake_start(fake);
    assert_string_equal(fake->asked, "lose all");
    assert_int_equal(fake->loss.what, LOSS_FIN);
    assert_int_equal(fake->loss.over, 1400);
    fake_advance(*state, NS_PER_S);
    assert_int_equal(fake->happened, 0);
    fake->segments.dropped++;
    fake_advance(*state, 50 * NS_PER_MS);
    assert_int_equal(fake->happened, 1);
    assert_int_equal(fake->time_started, 1); /* `for` counts from the first that is lost */
    fake_stop(fake);
    assert_string_equal(fake->asked, "lose all, lose no more");
    fake_free(fake);
}

static void it_waits_for_a_connection(void **state)
{
    struct fake *fake = lose(*state, WHAT_DATA, 0.5);

    fake->unconnected = true;
    fake_start(fake);
    fake_advance(*state, NS_PER_S);
    assert_string_equal(fake->asked, "");
    fake->unconnected = false;
    fake_advance(*state, LOOK);
    assert_string_equal(fake->asked, "lose by lot");
    fake_free(fake);
}

static void what_the_lot_has_lost_once_passes(void **state)
{
    struct fake *fake = lose(*state, WHAT_DATA, 0.5);

    fake_start(fake);
    assert_int_equal(fake->loss.first, 1000); /* where the stream began */
    assert_int_equal(fake->loss.share, UINT32_MAX / 2 + 1);
    assert_int_equal(fake->loss.place, 99);
    fake->segments.dropped++;
    fake_advance(*state, LOOK);
    assert_int_equal(fake->happened, 1);
    assert_int_equal(fake->loss.place, 100);
    fake->segments.received = 250; /* its repetition has passed; something behind it was lost before that, and is sent again anyway */
    fake->segments.dropped++;
    fake_advance(*state, LOOK);
    assert_int_equal(fake->loss.place, 100);
    fake->segments.dropped++;
    fake_advance(*state, LOOK);
    assert_int_equal(fake->loss.place, 250);
    fake_free(fake);
}

static void a_lost_ack_passes_when_it_is_the_last(void **state)
{
    struct fake *fake = lose(*state, WHAT_ACKS, 0.5);

    fake_start(fake);
    assert_int_equal(fake->loss.first, 4000);
    assert_int_equal(fake->loss.place, 899);
    fake->segments.dropped++;
    fake_advance(*state, LOOK);
    assert_int_equal(fake->loss.place, 1000);
    fake_free(fake);
}

static void every_third_is_the_one_behind_two(void **state)
{
    struct fake *fake = lose_every(*state, WHAT_DATA, 3);

    fake_start(fake);
    assert_string_equal(fake->asked, "lose none");
    fake->segments.with_data = 1;
    fake->segments.received = 110;
    fake_data(fake, "0123456789"); /* looked at when it comes, not only by the clock */
    assert_string_equal(fake->asked, "lose none");
    fake->segments.with_data = 2;
    fake->segments.received = 120;
    fake_data(fake, "0123456789");
    assert_string_equal(fake->asked, "lose none, lose one");
    assert_int_equal(fake->loss.first + fake->loss.place, 1120);
    fake->segments.received = 130; /* one was on its way already: the next one, then */
    fake->segments.with_data = 3;
    fake_data(fake, "0123456789");
    assert_int_equal(fake->loss.first + fake->loss.place, 1130);
    fake->segments.dropped++;
    fake_advance(*state, LOOK);
    assert_int_equal(fake->loss.which, LOSS_NONE);
    assert_int_equal(fake->happened, 1);
    fake->segments.with_data = 5;
    fake_advance(*state, LOOK);
    assert_int_equal(fake->loss.which, LOSS_PLACE);
    fake_free(fake);
}

static void every_second_ack_is_whichever_comes(void **state)
{
    struct fake *fake = lose_every(*state, WHAT_ACKS, 2);

    fake_start(fake);
    fake->segments.came = 7;
    fake->segments.with_data = 6;
    fake_advance(*state, LOOK);
    assert_int_equal(fake->loss.which, LOSS_ALL);
    fake->segments.dropped++;
    fake_advance(*state, LOOK);
    assert_int_equal(fake->loss.which, LOSS_NONE);
    fake_free(fake);
}

static void every_first_is_all(void **state)
{
    struct fake *fake = lose_every(*state, WHAT_SEGMENTS, 1);

    fake_start(fake);
    assert_string_equal(fake->asked, "lose all");
    fake_free(fake);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_is_lost_until_it_is_stopped),
        TEST(it_waits_for_a_connection),
        TEST(what_the_lot_has_lost_once_passes),
        TEST(a_lost_ack_passes_when_it_is_the_last),
        TEST(every_third_is_the_one_behind_two),
        TEST(every_second_ack_is_whichever_comes),
        TEST(every_first_is_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
