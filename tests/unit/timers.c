/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers: order, and what callbacks may do to timers, their own and others'.
 */
#include "relay/timers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 2000

struct world {
    struct clock clock; /* first */
    uint64_t now;
    struct timers timers;
    char fired[256]; /* the names of those that fired, in order */
    uint64_t last_at;
    size_t count;
    int sooner;
};

struct mark {
    struct timer timer;
    struct world *world;
    char name;
    struct mark *other; /* what its callback acts on */
    uint64_t after;     /* where that goes, ns from now */
};

static uint64_t world_now(const struct clock *clock)
{
    return ((const struct world *)clock)->now;
}

static struct mark *mark_of(struct timer *timer)
{
    return (struct mark *)((char *)timer - offsetof(struct mark, timer));
}

static void note(struct timer *timer)
{
    struct mark *mark = mark_of(timer);
    size_t length = strlen(mark->world->fired);

    assert_false(timer_is_set(timer));
    if (length + 1 < sizeof(mark->world->fired)) {
        mark->world->fired[length] = mark->name;
    }
}

static void set_other(struct timer *timer)
{
    struct mark *mark = mark_of(timer);

    note(timer);
    timer_set(&mark->world->timers, &mark->other->timer, mark->world->now + mark->after);
}

static void cancel_other(struct timer *timer)
{
    note(timer);
    timer_cancel(&mark_of(timer)->world->timers, &mark_of(timer)->other->timer);
}

static struct mark mark(struct world *world, char name)
{
    return (struct mark){.timer.fire = note, .world = world, .name = name};
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    world->clock.now = world_now;
    timers_init(&world->timers, &world->clock);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    assert_int_equal(world->timers.count, 0);
    timers_release(&world->timers);
    free(world);
    return 0;
}

static void test_none(void **state)
{
    struct world *w = *state;
    struct mark a = mark(w, 'a');

    assert_int_equal(timers_run(&w->timers), TIME_NEVER);
    assert_false(timer_is_set(&a.timer));
    timer_cancel(&w->timers, &a.timer);
}

static void test_by_time(void **state)
{
    struct world *w = *state;
    struct mark a = mark(w, 'a'), b = mark(w, 'b'), c = mark(w, 'c');

    timer_set(&w->timers, &c.timer, 30);
    timer_set(&w->timers, &a.timer, 10);
    timer_set(&w->timers, &b.timer, 20);
    assert_int_equal(timers_run(&w->timers), 10);
    assert_string_equal(w->fired, "");
    w->now = 20;
    assert_int_equal(timers_run(&w->timers), 30);
    assert_string_equal(w->fired, "ab");
    w->now = 29;
    assert_int_equal(timers_run(&w->timers), 30);
    w->now = 30;
    assert_int_equal(timers_run(&w->timers), TIME_NEVER);
    assert_string_equal(w->fired, "abc");
}

static void test_equal_times_in_the_order_in_which_they_were_set(void **state)
{
    struct world *w = *state;
    struct mark marks[20];

    for (int i = 0; i < 20; i++) {
        marks[i] = mark(w, (char)('a' + i));
        timer_set(&w->timers, &marks[i].timer, 5);
    }
    timer_set(&w->timers, &marks[3].timer, 5); /* set anew: it is the last now */
    w->now = 5;
    timers_run(&w->timers);
    assert_string_equal(w->fired, "abcefghijklmnopqrstd");
}

static void test_moved_and_cancelled(void **state)
{
    struct world *w = *state;
    struct mark a = mark(w, 'a'), b = mark(w, 'b'), c = mark(w, 'c');

    timer_set(&w->timers, &a.timer, 10);
    timer_set(&w->timers, &b.timer, 20);
    timer_set(&w->timers, &c.timer, 30);
    timer_set(&w->timers, &a.timer, 40);
    timer_cancel(&w->timers, &b.timer);
    assert_false(timer_is_set(&b.timer));
    assert_int_equal(timers_run(&w->timers), 30);
    w->now = 100;
    timers_run(&w->timers);
    assert_string_equal(w->fired, "ca");
}

static void test_set_inside_a_callback(void **state)
{
    struct world *w = *state;
    struct mark a = mark(w, 'a'), b = mark(w, 'b'), c = mark(w, 'c');

    a.timer.fire = set_other;
    a.other = &b; /* due at once: fires in the same run */
    b.timer.fire = set_other;
    b.other = &c;
    b.after = 1;
    timer_set(&w->timers, &a.timer, 10);
    w->now = 10;
    assert_int_equal(timers_run(&w->timers), 11);
    assert_string_equal(w->fired, "ab");
    timer_cancel(&w->timers, &c.timer);
}

static void test_its_own_again(void **state)
{
    struct world *w = *state;
    struct mark a = mark(w, 'a');

    a.timer.fire = set_other;
    a.other = &a;
    a.after = 7;
    timer_set(&w->timers, &a.timer, 1);
    for (w->now = 1; w->now <= 22; w->now += 7) {
        assert_int_equal(timers_run(&w->timers), w->now + 7);
    }
    assert_string_equal(w->fired, "aaaa");
    timer_cancel(&w->timers, &a.timer);
}

static void test_cancelled_inside_a_callback(void **state)
{
    struct world *w = *state;
    struct mark a = mark(w, 'a'), b = mark(w, 'b'), c = mark(w, 'c');

    a.timer.fire = cancel_other;
    a.other = &b; /* due at the same time, and not fired yet */
    timer_set(&w->timers, &a.timer, 10);
    timer_set(&w->timers, &b.timer, 10);
    timer_set(&w->timers, &c.timer, 10);
    w->now = 10;
    assert_int_equal(timers_run(&w->timers), TIME_NEVER);
    assert_string_equal(w->fired, "ac");
}

/* A callback that takes its time: what became due meanwhile waits for the next run, so that timers leave time for sockets. */
static void let_time_pass(struct timer *timer)
{
    note(timer);
    mark_of(timer)->world->now += 15;
}

static void test_time_passes_inside_a_callback(void **state)
{
    struct world *w = *state;
    struct mark a = mark(w, 'a'), b = mark(w, 'b'), c = mark(w, 'c');

    a.timer.fire = let_time_pass;
    timer_set(&w->timers, &a.timer, 10);
    timer_set(&w->timers, &b.timer, 25);
    timer_set(&w->timers, &c.timer, 26);
    w->now = 10;
    assert_int_equal(timers_run(&w->timers), 25);
    assert_string_equal(w->fired, "a");
    assert_int_equal(timers_run(&w->timers), 26);
    assert_string_equal(w->fired, "ab");
    assert_int_equal(timers_next(&w->timers), 26);
    timer_cancel(&w->timers, &c.timer);
    assert_int_equal(timers_next(&w->timers), TIME_NEVER);
}

static void in_order(struct timer *timer)
{
    struct world *world = mark_of(timer)->world;

    assert_true(timer->at >= world->last_at);
    world->last_at = timer->at;
    world->count++;
}

static void test_many(void **state)
{
    struct world *w = *state;
    struct mark *marks = calloc(MANY, sizeof(*marks));
    uint64_t random = 1;
    size_t cancelled = 0;

    for (size_t i = 0; i < MANY * 3; i++) { /* each is set three times or so, to somewhere else */
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        marks[i % MANY] = i < MANY ? mark(w, 'x') : marks[i % MANY];
        marks[i % MANY].timer.fire = in_order;
        timer_set(&w->timers, &marks[i % MANY].timer, 1 + (random >> 33) % 500);
    }
    for (size_t i = 0; i < MANY; i += 3) {
        timer_cancel(&w->timers, &marks[i].timer);
        cancelled++;
    }
    while (w->timers.count > 0) {
        w->now += 10;
        timers_run(&w->timers);
    }
    assert_int_equal(w->count, MANY - cancelled);
    free(marks);
}

static void count_sooner(struct timers *timers)
{
    ((struct world *)((char *)timers - offsetof(struct world, timers)))->sooner++;
}

static void test_told_when_the_earliest_is_earlier(void **state)
{
    struct world *w = *state;
    struct mark a = mark(w, 'a'), b = mark(w, 'b'), c = mark(w, 'c');

    w->timers.sooner = count_sooner;
    timer_set(&w->timers, &a.timer, 20);
    assert_int_equal(w->sooner, 1);
    timer_set(&w->timers, &b.timer, 30);
    assert_int_equal(w->sooner, 1);
    timer_set(&w->timers, &c.timer, 10);
    assert_int_equal(w->sooner, 2);
    c.timer.fire = set_other;
    c.other = &b;
    w->now = 10;
    timers_run(&w->timers);
    assert_int_equal(w->sooner, 2); /* whoever runs them learns it by the answer */
    timer_cancel(&w->timers, &a.timer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(none),
        TEST(by_time),
        TEST(equal_times_in_the_order_in_which_they_were_set),
        TEST(moved_and_cancelled),
        TEST(set_inside_a_callback),
        TEST(its_own_again),
        TEST(cancelled_inside_a_callback),
        TEST(time_passes_inside_a_callback),
        TEST(many),
        TEST(told_when_the_earliest_is_earlier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
