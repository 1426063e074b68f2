/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The courier: what is told on one thread is told on another, in order, as it was, all of a turn at once, and nothing of it is lost; what
 * it points to lives until then.
 */
#include "relay/courier.h"

#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "relay/inbox.h"
#include "relay/relay.h"

#define MANY 10000

struct listener {
    struct observer observer;
    uint64_t told;
    struct notice last;
    char text[64];
};

struct world {
    struct inbox home;
    struct listener listener;
    struct observers listeners;
    struct relay relay;
    struct courier *courier;
};

static void hear(struct observer *observer, const struct notice *notice)
{
    struct listener *listener = (struct listener *)observer;

    assert_null(notice->link);
    assert_int_equal(notice->number, ++listener->told);
    listener->last = *notice;
    snprintf(listener->text, sizeof listener->text, "%s", notice->text ? notice->text : "(none)");
    if (notice->client)
        assert_int_equal(((const struct sockaddr_in *)(const void *)notice->client)->sin_port, notice->number % 60000);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);

    world->relay.users = 1; /* ours */
    assert_true(inbox_open(&world->home));
    world->listener.observer = (struct observer){.tell = hear, .ignores = NOTICE_BIT(NOTICE_DIALLING)};
    observers_add(&world->listeners, &world->listener.observer);
    world->courier = courier_new(&world->home, &world->listeners);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    courier_free(world->courier);
    inbox_close(&world->home);
    observers_clear(&world->listeners);
    assert_int_equal(world->relay.users, 1);
    free(world);
    return 0;
}

/* What it points to is gone when the call returns. */
static void tell(struct world *world, enum notice_kind kind, uint64_t number)
{
    struct observer *observer = courier_observer(world->courier);
    struct sockaddr_storage client = {.ss_family = AF_INET};
    char text[64];
    struct notice notice = {
        .kind = kind, .relay = &world->relay, .link = (struct link *)text, .number = number, .text = text, .client = &client};

    snprintf(text, sizeof text, "number %llu", (unsigned long long)number);
    ((struct sockaddr_in *)(void *)&client)->sin_port = (in_port_t)(number % 60000);
    if ((observer->ignores & NOTICE_BIT(kind)) == 0)
        observer->tell(observer, &notice);
    memset(text, '?', sizeof text);
    memset(&client, '?', sizeof client);
}

static void test_a_turn_comes_at_once_and_whole(void **state)
{
    struct world *world = *state;

    tell(world, NOTICE_OPENED, 1);
    tell(world, NOTICE_FIN_RECEIVED, 2);
    inbox_run(&world->home);
    assert_int_equal(world->listener.told, 0); /* the turn is not over */
    assert_int_equal(world->relay.users, 3);
    courier_send(world->courier);
    courier_send(world->courier);
    inbox_run(&world->home);
    assert_int_equal(world->listener.told, 2);
    assert_int_equal(world->listener.last.kind, NOTICE_FIN_RECEIVED);
    assert_string_equal(world->listener.text, "number 2");
    assert_ptr_equal(world->listener.last.relay, &world->relay);
    assert_int_equal(world->relay.users, 1);
}

static void test_what_nobody_wants_stays(void **state)
{
    struct world *world = *state;

    tell(world, NOTICE_RECEIVED, 7);
    tell(world, NOTICE_DELIVERED, 8);
    tell(world, NOTICE_DIALLING, 9);
    courier_send(world->courier);
    assert_true(inbox_is_empty(&world->home));
}

static void test_what_is_left_is_sent_off(void **state)
{
    struct world *world = *state;

    tell(world, NOTICE_CLOSED, 1);
    courier_free(world->courier);
    world->courier = NULL;
    inbox_run(&world->home);
    assert_int_equal(world->listener.told, 1);
}

static void *tell_much(void *argument)
{
    for (uint64_t number = 1; number <= MANY; number++) {
        tell(argument, NOTICE_CLOSED, number);
        if (number % 3 == 0)
            courier_send(((struct world *)argument)->courier);
    }
    courier_send(((struct world *)argument)->courier);
    return NULL;
}

static void test_from_another_thread(void **state)
{
    struct world *world = *state;
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, tell_much, world), 0);
    while (world->listener.told < MANY)
        inbox_run(&world->home);
    pthread_join(thread, NULL);
    assert_int_equal(world->relay.users, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_turn_comes_at_once_and_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_nobody_wants_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_left_is_sent_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_from_another_thread, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
