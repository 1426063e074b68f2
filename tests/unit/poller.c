/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the poller says of descriptors, and to whom no longer; the stock of pipes.
 */
#include "kernel/poller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/pipes.h"

struct listener {
    struct polled polled;
    struct poller *poller;
    struct listener *takes_out; /* when it is told something */
    int fd, told;
    unsigned says;
};

static void hear(struct polled *polled, unsigned says)
{
    struct listener *listener = (struct listener *)(void *)polled;

    listener->told++;
    listener->says = says;
    if (listener->takes_out != NULL) {
        poller_remove(listener->poller, listener->takes_out->fd, &listener->takes_out->polled);
    }
}

static void test_who_is_taken_out_hears_no_more(void **state)
{
    struct poller *poller = poller_new();
    struct listener a = {.polled = {.ready = hear}, .poller = poller, .fd = eventfd(1, 0)};
    struct listener b = {.polled = {.ready = hear}, .poller = poller, .fd = eventfd(1, 0)};

    (void)state;
    a.takes_out = &b;
    b.takes_out = &a;
    assert_int_equal(poller_add_level(poller, a.fd, &a.polled), 0);
    assert_int_equal(poller_add_level(poller, b.fd, &b.polled), 0);
    assert_true(poller_wait(poller, 0)); /* both are ready: whoever hears of it first is the only one */
    assert_int_equal(a.told + b.told, 1);
    assert_true(poller_wait(poller, 0));
    assert_int_equal(a.told + b.told, 2);
    close(a.fd);
    close(b.fd);
    poller_free(poller);
}

static void test_what_a_socket_is(void **state)
{
    struct poller *poller = poller_new();
    struct listener listener = {.polled = {.ready = hear}};
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(poller_add(poller, pair[0], &listener.polled), 0);
    assert_true(poller_wait(poller, POLLER_FOREVER));
    assert_int_equal(listener.says, POLLER_WRITE);
    assert_false(poller_wait(poller, 1000)); /* nothing has changed */
    assert_int_equal(write(pair[1], "x", 1), 1);
    assert_true(poller_wait(poller, POLLER_FOREVER));
    assert_int_equal(listener.says, POLLER_READ | POLLER_WRITE);
    assert_false(poller_wait(poller, 0));
    shutdown(pair[1], SHUT_WR);
    assert_true(poller_wait(poller, POLLER_FOREVER));
    assert_int_equal(listener.says, POLLER_READ | POLLER_WRITE | POLLER_ENDING);
    close(pair[0]); /* takes it out */
    close(pair[1]);
    assert_false(poller_wait(poller, 0));
    assert_int_equal(listener.told, 3);
    poller_free(poller);
}

static void test_pipes(void **state)
{
    struct pipes pipes = {0};
    struct pipe *taken[256], *pipe;
    size_t count = 0, most;

    (void)state;
    while (count < 256 && (taken[count] = pipes_take(&pipes)) != NULL) {
        count++;
    }
    most = count;
    if (most == 0) {
        skip(); /* this user has no more memory for pipes */
    }
    assert_in_range(most, 1, 255);
    assert_int_equal(pipes.count, most);
    assert_false(pipes_shrink(&pipes)); /* all are in use */
    assert_int_equal(write(taken[0]->in, "left", 4), 4);
    pipes_give(&pipes, taken[0], false);
    assert_int_equal(pipes.count, most - 1);
    pipe = taken[--count];
    pipes_give(&pipes, pipe, true);
    assert_ptr_equal(pipes_take(&pipes), pipe); /* the same, as it was */
    pipes_give(&pipes, pipe, true);
    while (count > 1) {
        pipes_give(&pipes, taken[--count], true);
    }
    while (pipes_shrink(&pipes)) {
    }
    assert_int_equal(pipes.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_taken_out_hears_no_more),
        cmocka_unit_test(test_what_a_socket_is),
        cmocka_unit_test(test_pipes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
