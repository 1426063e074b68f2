/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A relay with real sockets on loopback: what a fake cannot show. Listening and refusing, dialling, and what happens when there is no
 * descriptor left.
 */
#include "relay/relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "relay/link.h"
#include "relay/worker.h"

#define LONGEST (10 * NS_PER_S)

struct world {
    struct worker *worker;
    struct relay_spec spec;
    struct relay *relay;
    struct observer listener;
    size_t counts[NOTICE_KINDS];
    int last_error; /* of REFUSED */
    enum notice_kind wanted;
    size_t wanted_count;
    struct timer limit;
    bool too_late;
    int server; /* listening, or bound only */
    rlim_t descriptors;
};

static void hear(struct observer *observer, const struct notice *notice)
{
    struct world *world = (struct world *)((char *)observer - offsetof(struct world, listener));

    world->counts[notice->kind]++;
    if (notice->kind == NOTICE_REFUSED) {
        world->last_error = notice->error;
    }
    if (world->counts[world->wanted] >= world->wanted_count) {
        worker_stop(world->worker);
    }
}

static void give_up(struct timer *timer)
{
    struct world *world = (struct world *)((char *)timer - offsetof(struct world, limit));

    world->too_late = true;
    worker_stop(world->worker);
}

/* Runs the worker until that was told so often. */
static void run_until(struct world *world, enum notice_kind kind, size_t count)
{
    world->wanted = kind;
    world->wanted_count = count;
    if (world->counts[kind] < count) {
        timer_set(&world->worker->timers, &world->limit, timers_now(&world->worker->timers) + LONGEST);
        worker_run(world->worker);
        timer_cancel(&world->worker->timers, &world->limit);
    }
    world->wanted_count = SIZE_MAX;
    assert_false(world->too_late);
}

static int bound_socket(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct rlimit limit;
    uint16_t port;

    world->server = bound_socket(&port);
    assert_int_equal(listen(world->server, 16), 0);
    world->spec = (struct relay_spec){.name = "r", .listen = {.kind = ADDRESS_IP, .host = "127.0.0.1", .text = "127.0.0.1:0"},
        .server = {.kind = ADDRESS_IP, .host = "127.0.0.1", .port = port, .text = "the server"}};
    world->worker = worker_new(&clock_monotonic, 64 * 1024);
    world->listener.tell = hear;
    world->limit.fire = give_up;
    world->wanted_count = SIZE_MAX;
    worker_observe(world->worker, &world->listener);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    world->descriptors = limit.rlim_cur;
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    while (world->worker->links != NULL) {
        link_drop(world->worker->links);
    }
    worker_end_turn(world->worker);
    if (world->relay != NULL) {
        relay_close(world->relay);
    }
    assert_int_equal(world->worker->timers.count, 0);
    worker_free(world->worker);
    close(world->server);
    free(world);
    return 0;
}

static void open_relay(struct world *world)
{
    char error[256] = "";

    world->relay = relay_open(world->worker, &world->spec, error, sizeof(error));
    assert_string_equal(error, "");
    assert_non_null(world->relay);
}

/* The client's socket, or -1 and errno. It gives up on what does not come. */
static int client_connect(const struct world *world)
{
    struct timeval longest = {.tv_sec = 10};
    int fd = socket(world->relay->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest));
    if (connect(fd, (const struct sockaddr *)&world->relay->address, world->relay->address_length) == 0) {
        return fd;
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static void assert_says(int from, int to, struct world *world)
{
    size_t delivered = world->counts[NOTICE_DELIVERED];
    char got[8] = "";

    assert_int_equal(send(from, "words", 5, MSG_NOSIGNAL), 5);
    run_until(world, NOTICE_DELIVERED, delivered + 1);
    assert_int_equal(recv(to, got, sizeof(got), 0), 5);
    assert_string_equal(got, "words");
}

/* A client and the server's socket for it. */
static void connect_both(struct world *world, int *client, int *server)
{
    size_t connected = world->counts[NOTICE_CONNECTED];

    *client = client_connect(world);
    assert_true(*client >= 0);
    run_until(world, NOTICE_CONNECTED, connected + 1);
    *server = accept(world->server, NULL, NULL);
    assert_true(*server >= 0);
}

static void test_a_connection(void **state)
{
    struct world *w = *state;
    int client, server;
    char byte;

    open_relay(w);
    connect_both(w, &client, &server);
    assert_says(client, server, w);
    assert_says(server, client, w);
    shutdown(client, SHUT_WR);
    run_until(w, NOTICE_FIN_SENT, 1);
    assert_int_equal(recv(server, &byte, 1, 0), 0);
    assert_says(server, client, w); /* half-closed */
    close(server);
    run_until(w, NOTICE_CLOSED, 1);
    assert_int_equal(recv(client, &byte, 1, 0), 0);
    close(client);
}

static void test_an_rst(void **state)
{
    struct world *w = *state;
    struct linger abort_it = {.l_onoff = 1};
    int client, server;
    char got[8] = "";

    open_relay(w);
    connect_both(w, &client, &server);
    assert_int_equal(send(server, "words", 5, 0), 5);
    setsockopt(server, SOL_SOCKET, SO_LINGER, &abort_it, sizeof(abort_it));
    close(server);
    run_until(w, NOTICE_CLOSED, 1);
    assert_int_equal(recv(client, got, sizeof(got), 0), 5);
    assert_string_equal(got, "words");
    assert_int_equal(recv(client, got, sizeof(got), 0), -1);
    assert_int_equal(errno, ECONNRESET);
    close(client);
}

/* ---- dialling ---- */

static void test_nobody_listens(void **state)
{
    struct world *w = *state;
    int bound = bound_socket(&w->spec.server.port), client;
    char byte;

    open_relay(w);
    client = client_connect(w);
    run_until(w, NOTICE_CLOSED, 1);
    assert_int_equal(w->last_error, ECONNREFUSED);
    assert_int_equal(w->counts[NOTICE_DIALLING], 1);
    assert_int_equal(recv(client, &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    close(client);
    close(bound);
}

static void test_an_address_that_cannot_be_reached(void **state)
{
    struct world *w = *state;
    int client;

    w->spec.server.host = "255.255.255.255"; /* connect() itself fails */
    open_relay(w);
    client = client_connect(w);
    run_until(w, NOTICE_CLOSED, 1);
    assert_int_not_equal(w->last_error, 0);
    close(client);
}

/* The hosts file knows it, by one or two addresses; the server is at one of them. */
static void test_a_name(void **state)
{
    struct world *w = *state;
    int client, server;

    w->spec.server.kind = ADDRESS_NAME;
    w->spec.server.host = "localhost";
    open_relay(w);
    connect_both(w, &client, &server);
    assert_says(client, server, w);
    assert_in_range(w->counts[NOTICE_DIALLING], 1, 2);
    close(client);
    close(server);
}

static void test_a_unix_server_that_is_not_there(void **state)
{
    struct world *w = *state;
    int client;

    w->spec.server = (struct address){.kind = ADDRESS_UNIX, .host = "/nonexistent/socket", .text = "unix:/nonexistent/socket"};
    open_relay(w);
    client = client_connect(w);
    run_until(w, NOTICE_CLOSED, 1);
    assert_int_equal(w->last_error, ENOENT);
    close(client);
}

/* ---- refusing ---- */

static void test_refusing(void **state)
{
    struct world *w = *state;
    int client, server;

    open_relay(w);
    connect_both(w, &client, &server);
    relay_refuse(w->relay, true);
    assert_int_equal(client_connect(w), -1);
    assert_int_equal(errno, ECONNREFUSED);
    assert_says(client, server, w); /* open connections live on */
    relay_refuse(w->relay, false);
    close(client);
    close(server);
    connect_both(w, &client, &server); /* at the same port */
    assert_says(client, server, w);
    close(client);
    close(server);
}

static void test_refusals_are_counted(void **state)
{
    struct world *w = *state;
    int client, server;

    open_relay(w);
    relay_refuse(w->relay, true);
    relay_refuse(w->relay, true);
    assert_int_equal(w->counts[NOTICE_RELAY_REFUSING], 1);
    relay_refuse(w->relay, false);
    assert_int_equal(client_connect(w), -1);
    relay_refuse(w->relay, false);
    assert_int_equal(w->counts[NOTICE_RELAY_ACCEPTING], 1);
    connect_both(w, &client, &server);
    relay_refuse(w->relay, false); /* one too many does nothing */
    relay_refuse(w->relay, true);
    assert_int_equal(client_connect(w), -1);
    close(client);
    close(server);
}

static void test_the_port_is_kept_while_it_refuses(void **state)
{
    struct world *w = *state;
    int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    open_relay(w);
    relay_refuse(w->relay, true);
    assert_int_equal(bind(other, (const struct sockaddr *)&w->relay->address, w->relay->address_length), -1);
    assert_int_equal(errno, EADDRINUSE);
    close(other);
}

static void test_who_was_connected_before_is_a_link(void **state)
{
    struct world *w = *state;
    int first, second;

    open_relay(w);
    first = client_connect(w); /* both wait to be accepted */
    second = client_connect(w);
    relay_refuse(w->relay, true);
    assert_int_equal(w->counts[NOTICE_OPENED], 2);
    run_until(w, NOTICE_CONNECTED, 2);
    close(first);
    close(second);
}

/* ---- listening ---- */

static void test_an_address_in_use(void **state)
{
    struct world *w = *state;
    struct relay_spec second;
    char error[256] = "";

    open_relay(w);
    second = w->spec;
    second.listen.port = ntohs(((const struct sockaddr_in *)(const void *)&w->relay->address)->sin_port);
    assert_null(relay_open(w->worker, &second, error, sizeof(error)));
    assert_string_equal(error, "relay r cannot listen on 127.0.0.1:0: Address already in use");
}

static void test_a_unix_socket(void **state)
{
    struct world *w = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char folder[] = "/tmp/hangup-relay-XXXXXX", path[64], error[256] = "";
    int client, server, stale = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/socket", folder);
    strcpy(address.sun_path, path);
    assert_int_equal(bind(stale, (const struct sockaddr *)&address, sizeof(address)), 0);
    close(stale); /* a dead process's file */
    w->spec.listen = (struct address){.kind = ADDRESS_UNIX, .host = path, .text = path};
    open_relay(w);
    connect_both(w, &client, &server);
    assert_says(client, server, w);
    assert_null(relay_open(w->worker, &w->spec, error, sizeof(error))); /* a living one's is left alone */
    relay_refuse(w->relay, true);
    assert_int_equal(client_connect(w), -1);
    assert_int_equal(errno, ECONNREFUSED);
    relay_refuse(w->relay, false);
    close(client);
    close(server);
    connect_both(w, &client, &server);
    close(client);
    close(server);
    while (w->worker->links != NULL) {
        link_drop(w->worker->links);
    }
    worker_end_turn(w->worker); /* frees its links */
    relay_close(w->relay);
    w->relay = NULL;
    assert_int_equal(rmdir(folder), 0); /* its file is gone */
}

static void test_a_file_that_is_no_socket_is_left_alone(void **state)
{
    struct world *w = *state;
    char path[] = "/tmp/hangup-relay-XXXXXX", error[256] = "";
    int fd = mkstemp(path);
    struct stat status;

    w->spec.listen = (struct address){.kind = ADDRESS_UNIX, .host = path, .text = path};
    assert_null(relay_open(w->worker, &w->spec, error, sizeof(error)));
    assert_non_null(strstr(error, "in use"));
    assert_int_equal(stat(path, &status), 0);
    unlink(path);
    close(fd);
}

/* ---- descriptors ---- */

static void test_the_limit_of_links(void **state)
{
    struct world *w = *state;
    int client, server, second;

    open_relay(w);
    assert_in_range(w->worker->link_limit, (w->descriptors - 1024) / 2 * (w->descriptors > 1200), w->descriptors / 2);
    w->worker->link_limit = 1;
    assert_true(worker_has_descriptors(w->worker));
    connect_both(w, &client, &server);
    assert_false(worker_has_descriptors(w->worker));
    second = client_connect(w); /* it waits in the kernel's queue */
    run_until(w, NOTICE_RELAY_PAUSED, 1);
    assert_says(client, server, w);
    assert_int_equal(w->counts[NOTICE_OPENED], 1);
    close(client);
    close(server);
    run_until(w, NOTICE_OPENED, 2);
    assert_int_equal(w->counts[NOTICE_RELAY_RESUMED], 1);
    close(second);
}

/* So many descriptors may be opened from now on. */
static void leave_descriptors(rlim_t count)
{
    struct rlimit limit;
    int lowest = dup(0);

    close(lowest);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = (rlim_t)lowest + count;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void restore_descriptors(const struct world *world)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = world->descriptors;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void test_no_descriptor_to_accept_with(void **state)
{
    struct world *w = *state;
    int client;

    open_relay(w);
    client = client_connect(w);
    leave_descriptors(0);
    run_until(w, NOTICE_RELAY_PAUSED, 1);
    restore_descriptors(w);
    run_until(w, NOTICE_CONNECTED, 1);
    assert_int_equal(w->counts[NOTICE_RELAY_RESUMED], 1);
    close(client);
}

static void test_no_descriptor_to_dial_with(void **state)
{
    struct world *w = *state;
    int client;

    open_relay(w);
    client = client_connect(w);
    leave_descriptors(1);
    run_until(w, NOTICE_RELAY_PAUSED, 1);
    assert_int_equal(w->counts[NOTICE_OPENED], 1);
    assert_int_equal(w->counts[NOTICE_REFUSED], 0); /* it is not the server's fault */
    restore_descriptors(w);
    run_until(w, NOTICE_CONNECTED, 1);
    close(client);
}

static void test_a_run_that_ends_while_it_waits_for_a_descriptor(void **state)
{
    struct world *w = *state;
    int client;

    open_relay(w);
    client = client_connect(w);
    leave_descriptors(1);
    run_until(w, NOTICE_RELAY_PAUSED, 1);
    restore_descriptors(w);
    link_drop(w->worker->links);
    worker_end_turn(w->worker);
    close(client);
}

static void test_no_descriptor_to_refuse_with(void **state)
{
    struct world *w = *state;
    int client, server;

    open_relay(w);
    leave_descriptors(0);
    relay_refuse(w->relay, true);
    restore_descriptors(w);
    relay_refuse(w->relay, false);
    connect_both(w, &client, &server); /* it could not refuse, and is well */
    close(client);
    close(server);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_connection),
        TEST(an_rst),
        TEST(nobody_listens),
        TEST(an_address_that_cannot_be_reached),
        TEST(a_name),
        TEST(a_unix_server_that_is_not_there),
        TEST(refusing),
        TEST(refusals_are_counted),
        TEST(the_port_is_kept_while_it_refuses),
        TEST(who_was_connected_before_is_a_link),
        TEST(an_address_in_use),
        TEST(a_unix_socket),
        TEST(a_file_that_is_no_socket_is_left_alone),
        TEST(the_limit_of_links),
        TEST(no_descriptor_to_accept_with),
        TEST(no_descriptor_to_dial_with),
        TEST(a_run_that_ends_while_it_waits_for_a_descriptor),
        TEST(no_descriptor_to_refuse_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
