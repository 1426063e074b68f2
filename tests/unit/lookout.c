/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a look at a socket means (sight.c), and the lookout with its thread: sockets of this process, a worker, and links that are told of
 * by hand.
 */
#include "relay/lookout.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "relay/link.h"
#include "relay/relay.h"
#include "relay/sight.h"
#include "relay/worker.h"

/* --- one sight ----------------------------------------------------------------------------------------------------------------------- */

static void test_looks(void **state)
{
    (void)state;
    struct processes *processes = processes_new();
    struct sight *sight = sight_new();
    struct socket_seen seen = {.state = STATE_ESTABLISHED, .inode = 0};
    assert_int_equal(sight_look(sight, NULL, processes, 1), SIGHT_SAME);
    assert_int_equal(sight_look(sight, &seen, processes, 2), SIGHT_CHANGED);
    assert_int_equal(sight->seen.before, 0);
    assert_int_equal(sight_look(sight, &seen, processes, 3), SIGHT_SAME);
    seen.state = STATE_CLOSE_WAIT;
    assert_int_equal(sight_look(sight, &seen, processes, 4), SIGHT_CHANGED);
    assert_int_equal(sight->seen.before, STATE_ESTABLISHED);
    assert_int_equal(sight->seen.since, 4);
    assert_int_equal(sight_look(sight, NULL, processes, 5), SIGHT_GONE);
    assert_int_equal(sight->seen.state, STATE_CLOSE);
    assert_int_equal(sight->seen.before, STATE_CLOSE_WAIT);
    sight_release(sight);
    processes_free(processes);
}

static void test_elsewhere(void **state)
{
    (void)state;
    struct sight *sight = sight_new();
    assert_int_equal(sight_look(sight, NULL, NULL, 1), SIGHT_SAME);
    assert_int_equal(sight_look(sight, NULL, NULL, 2), SIGHT_SAME);
    assert_int_equal(sight_look(sight, NULL, NULL, 3), SIGHT_ELSEWHERE);
    sight_release(sight);
}

/* The client's port is in use again, for another connection. */
static void test_another_connection(void **state)
{
    (void)state;
    struct processes *processes = processes_new();
    struct sight *sight = sight_new();
    struct socket_seen seen = {.state = STATE_TIME_WAIT};
    assert_int_equal(sight_look(sight, &seen, processes, 1), SIGHT_CHANGED);
    sight->left = true;
    seen.state = STATE_ESTABLISHED;
    seen.inode = 12345;
    assert_int_equal(sight_look(sight, &seen, processes, 2), SIGHT_GONE);
    sight_release(sight);
    processes_free(processes);
}

static void test_pace(void **state)
{
    (void)state;
    struct sight *sight = sight_new();
    uint64_t now = 1000 * NS_PER_S;
    sight->interest.soon = true;
    sight_stir(sight, now);
    assert_int_equal(sight_next(sight, now), now + 2 * NS_PER_MS);
    assert_int_equal(sight_next(sight, now + NS_PER_S), now + NS_PER_S + 10 * NS_PER_MS);
    sight->interest.soon = false;
    assert_int_equal(sight_next(sight, now), now + 20 * NS_PER_MS);
    assert_int_equal(sight_next(sight, now + NS_PER_S), now + NS_PER_S + 250 * NS_PER_MS);
    sight->seen.state = STATE_TIME_WAIT;
    assert_int_equal(sight_next(sight, now), now + NS_PER_S);
    sight->asleep = true;
    assert_int_equal(sight_next(sight, now), TIME_NEVER);
    sight_stir(sight, now);
    assert_int_not_equal(sight_next(sight, now), TIME_NEVER);
    sight_release(sight);
}

/* --- the thread ---------------------------------------------------------------------------------------------------------------------- */

#define PAIRS_MOST 100

/* A client's socket, and ours that faces it. */
struct ends {
    int theirs, ours;
    struct link link;
    enum tcp_state state; /* the last that was told */
    struct sighting sighting;
    unsigned told;
};

struct scene {
    struct observer listener; /* first */
    struct worker *worker;
    struct lookout *lookout;
    struct relay relay;
    struct relay_spec spec;
    struct ends ends[PAIRS_MOST];
    size_t count;
    int family;
};

static void hear(struct observer *observer, const struct notice *notice)
{
    struct scene *scene = (struct scene *)(void *)observer;
    if (notice->kind != NOTICE_STATE)
        return;
    assert_true(notice->number >= 1 && notice->number <= scene->count);
    struct ends *ends = &scene->ends[notice->number - 1];
    assert_int_equal(notice->side, SIDE_CLIENT);
    assert_memory_equal(notice->client, &ends->link.client, sizeof ends->link.client);
    assert_int_equal(notice->sighting->before, notice->sighting->exact ? ends->state : 0);
    ends->state = notice->sighting->state;
    ends->sighting = *notice->sighting;
    ends->told++;
}

static void tell(struct scene *scene, size_t which, enum notice_kind kind)
{
    struct link *link = &scene->ends[which].link;
    worker_tell(scene->worker, &(struct notice){.kind = kind, .at = timers_now(&scene->worker->timers), .relay = &scene->relay,
        .link = link, .number = link->number, .client = &link->client, .side = SIDE_CLIENT});
}

static int listen_here(int family, struct sockaddr_storage *address, socklen_t *length)
{
    int fd = socket(family, SOCK_STREAM, 0);
    *address = (struct sockaddr_storage){.ss_family = (sa_family_t)family};
    *length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    if (family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_addr = in6addr_loopback;
    else
        ((struct sockaddr_in *)address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)address, *length) < 0)
        skip(); /* no IPv6 here */
    assert_int_equal(listen(fd, PAIRS_MOST), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)address, length), 0);
    return fd;
}

static void connect_pairs(struct scene *scene, size_t count)
{
    struct sockaddr_storage address;
    socklen_t length;
    int listener = listen_here(scene->family, &address, &length);
    for (size_t i = 0; i < count; i++) {
        struct ends *ends = &scene->ends[i];
        ends->theirs = socket(scene->family, SOCK_STREAM, 0);
        assert_int_equal(connect(ends->theirs, (struct sockaddr *)&address, length), 0);
        ends->ours = accept(listener, NULL, NULL);
        assert_true(ends->ours >= 0);
        ends->link = (struct link){.worker = scene->worker, .relay = &scene->relay, .number = i + 1};
        ends->link.ends[SIDE_CLIENT].stream.fd = ends->ours;
        ends->link.ends[SIDE_SERVER].stream.fd = -1;
        socklen_t size = sizeof ends->link.client;
        assert_int_equal(getpeername(ends->ours, (struct sockaddr *)&ends->link.client, &size), 0);
    }
    scene->count = count;
    close(listener);
}

static struct scene *begin(int family, size_t count, struct side_interest interest)
{
    struct scene *scene = calloc(1, sizeof *scene);
    scene->listener.tell = hear;
    scene->family = family;
    scene->spec.name = "relay";
    scene->relay.spec = &scene->spec;
    scene->relay.users = 1; /* the scene */
    scene->worker = worker_new(&clock_monotonic, 1024);
    connect_pairs(scene, count);
    scene->lookout = lookout_start(&(struct interest){.sides[SIDE_CLIENT] = interest});
    assert_non_null(scene->lookout);
    worker_observe(scene->worker, &scene->listener);
    lookout_attach(scene->lookout, scene->worker);
    for (size_t i = 0; i < count; i++)
        tell(scene, i, NOTICE_OPENED);
    return scene;
}

static void end(struct scene *scene)
{
    lookout_stop(scene->lookout);
    lookout_free(scene->lookout);
    worker_free(scene->worker);
    for (size_t i = 0; i < scene->count; i++) {
        close(scene->ends[i].ours);
        close(scene->ends[i].theirs);
    }
    free(scene);
}

/* Waits until that state is told of. */
static void await(struct scene *scene, size_t which, enum tcp_state wanted)
{
    while (scene->ends[which].state != wanted) {
        struct pollfd look = {.fd = scene->worker->inbox.fd, .events = POLLIN};
        assert_int_equal(poll(&look, 1, 30000), 1);
        inbox_run(&scene->worker->inbox);
    }
}

static void test_follows(int family)
{
    struct scene *scene = begin(family, 1, (struct side_interest){.soon = true, .afterwards = true});
    struct ends *ends = &scene->ends[0];
    await(scene, 0, STATE_ESTABLISHED);
    assert_true(ends->sighting.exact);
    while (ends->sighting.owner.pid == 0) { /* who has it may be found out later than what it is */
        struct pollfd look = {.fd = scene->worker->inbox.fd, .events = POLLIN};
        assert_int_equal(poll(&look, 1, 30000), 1);
        inbox_run(&scene->worker->inbox);
    }
    assert_int_equal(ends->sighting.owner.pid, getpid());
    assert_int_equal(ends->sighting.owner.fd, ends->theirs);
    shutdown(ends->ours, SHUT_WR);
    await(scene, 0, STATE_CLOSE_WAIT);
    close(ends->theirs);
    ends->theirs = -1;
    await(scene, 0, STATE_CLOSE);
    assert_int_equal(ends->sighting.before, STATE_CLOSE_WAIT);
    tell(scene, 0, NOTICE_CLOSED);
    end(scene);
}

static void test_ipv4(void **state)
{
    (void)state;
    test_follows(AF_INET);
}

static void test_ipv6(void **state)
{
    (void)state;
    test_follows(AF_INET6);
}

/* The application says goodbye first: its socket outlives the link, and is followed to its state, if somebody wants that. */
static void test_outlives_its_link(void **state)
{
    (void)state;
    struct scene *scene = begin(AF_INET, 2, (struct side_interest){.slowly = true, .afterwards = true});
    await(scene, 0, STATE_ESTABLISHED);
    await(scene, 1, STATE_ESTABLISHED);
    for (size_t i = 0; i < 2; i++) {
        struct ends *ends = &scene->ends[i];
        shutdown(ends->theirs, SHUT_WR);
        close(ends->theirs);
        ends->theirs = -1;
        await(scene, i, STATE_FIN_WAIT2);
        assert_false(ends->sighting.owned);
        close(ends->ours);
        ends->ours = -1;
        tell(scene, i, NOTICE_CLOSED);
    }
    for (size_t i = 0; i < 2; i++)
        await(scene, i, STATE_TIME_WAIT);
    end(scene);
}

/* Many at once are seen by a dump: the same is said. */
static void test_many(void **state)
{
    (void)state;
    struct scene *scene = begin(AF_INET, PAIRS_MOST, (struct side_interest){.slowly = true});
    for (size_t i = 0; i < PAIRS_MOST; i++)
        await(scene, i, STATE_ESTABLISHED);
    for (size_t i = 0; i < PAIRS_MOST; i++)
        shutdown(scene->ends[i].ours, SHUT_WR);
    for (size_t i = 0; i < PAIRS_MOST; i++)
        await(scene, i, STATE_CLOSE_WAIT);
    for (size_t i = 0; i < PAIRS_MOST; i++)
        tell(scene, i, NOTICE_CLOSED);
    end(scene);
}

/* For a finding about closing nobody looks before the end has begun. */
static void test_asleep_until_the_end(void **state)
{
    (void)state;
    struct scene *scene = begin(AF_INET, 1, (struct side_interest){.closing = true});
    struct pollfd look = {.fd = scene->worker->inbox.fd, .events = POLLIN};
    assert_int_equal(poll(&look, 1, 100), 0); /* that nothing comes can only be waited for */
    tell(scene, 0, NOTICE_FIN_SENT);
    await(scene, 0, STATE_ESTABLISHED);
    shutdown(scene->ends[0].ours, SHUT_WR);
    await(scene, 0, STATE_CLOSE_WAIT);
    tell(scene, 0, NOTICE_CLOSED);
    end(scene);
}

/* Somebody is interested later: open links are looked at as well, and no longer when nobody is. */
static void test_interest_changes(void **state)
{
    (void)state;
    struct scene *scene = begin(AF_INET, 1, (struct side_interest){.soon = false});
    struct interest interest = {.sides[SIDE_CLIENT] = {.soon = true}};
    scene->worker->links = &scene->ends[0].link;
    lookout_change(scene->lookout, &interest);
    await(scene, 0, STATE_ESTABLISHED);
    interest.sides[SIDE_CLIENT] = (struct side_interest){.closing = true};
    lookout_change(scene->lookout, &interest);
    inbox_run(&scene->worker->inbox);
    tell(scene, 0, NOTICE_FIN_SENT);
    shutdown(scene->ends[0].ours, SHUT_WR);
    await(scene, 0, STATE_CLOSE_WAIT);
    tell(scene, 0, NOTICE_CLOSED);
    scene->worker->links = NULL;
    end(scene);
}

/* It ends in the middle of everything, with links that nobody has closed. */
static void test_ends_at_any_time(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct scene *scene = begin(AF_INET, 3, (struct side_interest){.soon = true, .afterwards = true});
        tell(scene, 0, NOTICE_CLOSED);
        tell(scene, 1, NOTICE_FIN_SENT);
        if (i % 2)
            await(scene, 2, STATE_ESTABLISHED);
        end(scene);
    }
}

static void test_nobody_is_interested(void **state)
{
    (void)state;
    struct interest interest = {.sides[SIDE_SERVER] = {.afterwards = true}};
    assert_false(interest_is_any(&interest));
    interest.sides[SIDE_SERVER].closing = true;
    assert_true(interest_is_any(&interest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_elsewhere),
        cmocka_unit_test(test_another_connection),
        cmocka_unit_test(test_pace),
        cmocka_unit_test(test_ipv4),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_outlives_its_link),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_asleep_until_the_end),
        cmocka_unit_test(test_interest_changes),
        cmocka_unit_test(test_ends_at_any_time),
        cmocka_unit_test(test_nobody_is_interested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
