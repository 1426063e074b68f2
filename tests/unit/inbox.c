/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inbox: messages are run on the owner's thread, in the order in which they came, none of them lost or run twice; and a worker runs its
 * own while it turns.
 */
#include "relay/inbox.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "relay/worker.h"

#define THREADS 4
#define EACH 5000

struct parcel {
    struct message message; /* first */
    struct inbox *inbox;
    int *count;
    int thread, number;
};

static bool is_readable(const struct inbox *inbox)
{
    struct pollfd look = {.fd = inbox->fd, .events = POLLIN};

    return poll(&look, 1, 0) > 0;
}

static void count(struct message *message)
{
    struct parcel *parcel = (struct parcel *)message;

    assert_int_equal(parcel->count[parcel->thread], parcel->number);
    parcel->count[parcel->thread]++;
    free(parcel);
}

static void post(struct inbox *inbox, int *counts, int thread, int number)
{
    struct parcel *parcel = malloc(sizeof(*parcel));

    *parcel = (struct parcel){.message.run = count, .inbox = inbox, .count = counts, .thread = thread, .number = number};
    inbox_post(inbox, &parcel->message);
}

static void test_order(void **state)
{
    struct inbox inbox;
    int counts[THREADS] = {0};

    (void)state;
    assert_true(inbox_open(&inbox));
    assert_false(is_readable(&inbox));
    post(&inbox, counts, 0, 0);
    post(&inbox, counts, 0, 1);
    assert_int_equal(counts[0], 0);
    assert_true(is_readable(&inbox));
    inbox_run(&inbox);
    assert_int_equal(counts[0], 2);
    assert_false(is_readable(&inbox));
    inbox_close(&inbox);
    inbox_close(&inbox);
}

static void post_again(struct message *message)
{
    struct parcel *parcel = (struct parcel *)message;

    if (parcel->number-- > 0) {
        inbox_post(parcel->inbox, message);
    }
    ++*parcel->count;
}

/* What a message posts is run the next time: an owner that is kept busy still gets to its sockets. */
static void test_posts_itself(void **state)
{
    struct inbox inbox;
    int runs = 0;
    struct parcel parcel = {.message.run = post_again, .inbox = &inbox, .count = &runs, .number = 2};

    (void)state;
    assert_true(inbox_open(&inbox));
    inbox_post(&inbox, &parcel.message);
    inbox_run(&inbox);
    assert_int_equal(runs, 1);
    assert_true(is_readable(&inbox));
    inbox_close(&inbox); /* the rest is run */
    assert_int_equal(runs, 3);
}

struct sender {
    pthread_t thread;
    struct inbox *inbox;
    int *counts;
    int number;
};

static void *send_all(void *argument)
{
    struct sender *sender = argument;

    for (int i = 0; i < EACH; i++) {
        post(sender->inbox, sender->counts, sender->number, i);
    }
    return NULL;
}

static bool all_came(const int *counts)
{
    int sum = 0;

    for (int i = 0; i < THREADS; i++) {
        sum += counts[i];
    }
    return sum == THREADS * EACH;
}

static void test_threads(void **state)
{
    struct inbox inbox;
    struct sender senders[THREADS];
    int counts[THREADS] = {0};

    (void)state;
    assert_true(inbox_open(&inbox));
    for (int i = 0; i < THREADS; i++) {
        senders[i] = (struct sender){.inbox = &inbox, .counts = counts, .number = i};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);
    }
    while (!all_came(counts)) {
        struct pollfd look = {.fd = inbox.fd, .events = POLLIN};

        assert_int_equal(poll(&look, 1, 30000), 1);
        inbox_run(&inbox);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(senders[i].thread, NULL);
    }
    inbox_close(&inbox);
}

struct stop {
    struct message message; /* first */
    struct worker *worker;
    pthread_t ran_on;
};

static void stop_worker(struct message *message)
{
    struct stop *stop = (struct stop *)message;

    stop->ran_on = pthread_self();
    worker_stop(stop->worker);
}

static void *post_stop(void *argument)
{
    struct stop *stop = argument;

    inbox_post(&stop->worker->inbox, &stop->message);
    return NULL;
}

/* A worker that sleeps is woken. */
static void test_worker(void **state)
{
    struct worker *worker = worker_new(&clock_monotonic, 1024);
    struct stop stop = {.message.run = stop_worker, .worker = worker};
    pthread_t other;

    (void)state;
    assert_non_null(worker);
    assert_int_equal(pthread_create(&other, NULL, post_stop, &stop), 0);
    worker_run(worker);
    pthread_join(other, NULL);
    assert_true(pthread_equal(stop.ran_on, pthread_self()));
    worker_free(worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_posts_itself),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_worker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
