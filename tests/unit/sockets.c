/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel says about sockets and their processes: of connections made here, on both families.
 */
#include "kernel/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/processes.h"

/* A connection of this process with itself. */
struct scene {
    int listener, client, server;
    struct sockets *sockets;
    struct socket_pair pair; /* of the client's socket */
};

static uint64_t inode_of(int fd)
{
    struct stat stat;
    assert_int_equal(fstat(fd, &stat), 0);
    return stat.st_ino;
}

static socklen_t loopback(int family, struct sockaddr_storage *address)
{
    *address = (struct sockaddr_storage){.ss_family = (sa_family_t)family};
    if (family == AF_INET) {
        ((struct sockaddr_in *)address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return sizeof(struct sockaddr_in);
    }
    ((struct sockaddr_in6 *)address)->sin6_addr = in6addr_loopback;
    return sizeof(struct sockaddr_in6);
}

static uint16_t port_of(const struct sockaddr_storage *address)
{
    return ntohs(((const struct sockaddr_in *)address)->sin_port); /* at the same place in both families */
}

static struct scene begin(int family)
{
    struct sockaddr_storage address;
    socklen_t length = loopback(family, &address);
    struct scene scene = {.sockets = sockets_open()};
    assert_non_null(scene.sockets);
    scene.listener = socket(family, SOCK_STREAM, 0);
    if (bind(scene.listener, (struct sockaddr *)&address, length) < 0)
        skip(); /* no IPv6 here */
    assert_int_equal(listen(scene.listener, 8), 0);
    assert_int_equal(getsockname(scene.listener, (struct sockaddr *)&address, &length), 0);
    scene.client = socket(family, SOCK_STREAM, 0);
    assert_int_equal(connect(scene.client, (struct sockaddr *)&address, length), 0);
    scene.server = accept(scene.listener, NULL, NULL);
    assert_true(scene.server >= 0);
    assert_true(socket_pair_facing(scene.server, &scene.pair));
    return scene;
}

static void end(struct scene *scene)
{
    close(scene->client);
    close(scene->server);
    close(scene->listener);
    sockets_close(scene->sockets);
}

static void finds_one(int family)
{
    struct scene scene = begin(family);
    struct socket_seen seen;
    assert_int_equal(write(scene.server, "hello", 5), 5);
    assert_int_equal(sockets_find(scene.sockets, &scene.pair, true, &seen), 1);
    assert_int_equal(seen.state, STATE_ESTABLISHED);
    assert_int_equal(seen.inode, inode_of(scene.client));
    assert_int_equal(seen.uid, getuid());
    assert_int_equal(seen.unread, 5);
    assert_true(seen.detailed);
    assert_int_equal(seen.received, 5);
    assert_true(seen.heard_ago < UINT64_C(60000000000));
    assert_true(socket_pair_equal(&seen.pair, &scene.pair));
    assert_int_equal(socket_pair_hash(&seen.pair), socket_pair_hash(&scene.pair));
    end(&scene);
}

static void finds_ipv4(void **state)
{
    (void)state;
    finds_one(AF_INET);
}

static void finds_ipv6(void **state)
{
    (void)state;
    finds_one(AF_INET6);
}

static enum tcp_state state_of(struct scene *scene, const struct socket_pair *pair)
{
    struct socket_seen seen;
    int found = sockets_find(scene->sockets, pair, false, &seen);
    assert_true(found >= 0);
    return found ? seen.state : STATE_CLOSE;
}

/* Segments take their time, on loopback too. */
static void await(struct scene *scene, const struct socket_pair *pair, enum tcp_state state)
{
    for (int tries = 0; state_of(scene, pair) != state; tries++) {
        assert_true(tries < 5000);
        usleep(1000);
    }
}

static void follows_a_closing(void **state)
{
    (void)state;
    struct scene scene = begin(AF_INET);
    struct socket_pair server = {.local = scene.pair.remote, .remote = scene.pair.local};
    struct socket_seen seen;
    shutdown(scene.server, SHUT_WR);
    await(&scene, &scene.pair, STATE_CLOSE_WAIT);
    await(&scene, &server, STATE_FIN_WAIT2);
    close(scene.client);
    await(&scene, &scene.pair, STATE_CLOSE);
    assert_int_equal(sockets_find(scene.sockets, &server, false, &seen), 1);
    assert_int_equal(seen.state, STATE_TIME_WAIT);
    assert_int_equal(seen.inode, 0);
    end(&scene);
}

/* Where there is no such connection, who listens at its address is not meant. */
static void listener_is_no_answer(void **state)
{
    (void)state;
    struct scene scene = begin(AF_INET);
    struct socket_pair nobody = {.local = scene.pair.remote, .remote = scene.pair.local};
    ((struct sockaddr_in *)&nobody.remote)->sin_port = htons(1);
    assert_int_equal(state_of(&scene, &nobody), STATE_CLOSE);
    end(&scene);
}

/* A client that came by IPv4 to a socket made as IPv6. */
static void mapped_address_is_ipv4(void **state)
{
    (void)state;
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    struct sockaddr_storage to;
    struct sockaddr_in6 bound;
    socklen_t length = sizeof bound, to_length = loopback(AF_INET, &to);
    struct sockets *sockets = sockets_open();
    struct socket_pair pair;
    struct socket_seen seen;
    int listener = socket(AF_INET6, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&any, sizeof any) < 0)
        skip(); /* no IPv6 here */
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&bound, &length), 0);
    ((struct sockaddr_in *)&to)->sin_port = bound.sin6_port;
    assert_int_equal(connect(client, (struct sockaddr *)&to, to_length), 0);
    int server = accept(listener, NULL, NULL);
    assert_true(socket_pair_facing(client, &pair)); /* the server's socket: an IPv6 one */
    assert_int_equal(sockets_find(sockets, &pair, false, &seen), 1);
    assert_int_equal(seen.pair.local.ss_family, AF_INET);
    assert_int_equal(seen.inode, inode_of(server));
    assert_true(socket_pair_facing(server, &pair)); /* the client's socket, as an IPv6 socket names it */
    assert_int_equal(pair.local.ss_family, AF_INET);
    assert_int_equal(sockets_find(sockets, &pair, false, &seen), 1);
    assert_int_equal(seen.inode, inode_of(client));
    close(listener);
    close(client);
    close(server);
    sockets_close(sockets);
}

static size_t count_in(const struct socket_list *found, enum tcp_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < found->count; i++)
        count += found->list[i].state == state;
    return count;
}

static void dumps_by_port(void **state)
{
    (void)state;
    struct scene scene = begin(AF_INET);
    struct socket_list found = {.list = NULL};
    uint16_t port = port_of(&scene.pair.remote);
    uint32_t alive = ~SOCKET_STATE(STATE_TIME_WAIT); /* whoever had the port before us may have left one */
    assert_int_equal(sockets_dump(scene.sockets, &(struct sockets_wanted){.remote_port = port, .states = alive}, &found), 0);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.list[0].inode, inode_of(scene.client));
    assert_int_equal(sockets_dump(scene.sockets, &(struct sockets_wanted){.local_port = port, .states = alive}, &found), 0);
    assert_int_equal(found.count, 2);
    assert_int_equal(count_in(&found, STATE_LISTEN), 1);
    struct sockets_wanted both = {.local_port = port, .remote_port = port_of(&scene.pair.local), .detailed = true};
    assert_int_equal(sockets_dump(scene.sockets, &both, &found), 0);
    assert_int_equal(found.count, 1);
    assert_true(found.list[0].detailed);
    both.states = SOCKET_STATE(STATE_SYN_SENT);
    assert_int_equal(sockets_dump(scene.sockets, &both, &found), 0);
    assert_int_equal(found.count, 0);
    socket_list_release(&found);
    end(&scene);
}

/* Who waits for an answer to its SYN: a listener whose queue is full gives none. */
static void dumps_who_connects(void **state)
{
    (void)state;
    struct scene scene = begin(AF_INET6);
    struct socket_list found = {.list = NULL};
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int waiting[3];
    assert_int_equal(getsockname(scene.listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(listen(scene.listener, 0), 0);
    for (size_t i = 0; i < 3; i++) {
        waiting[i] = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(waiting[i], (struct sockaddr *)&address, length);
    }
    struct sockets_wanted wanted = {.remote_port = port_of(&address), .states = SOCKET_STATE(STATE_SYN_SENT)};
    assert_int_equal(sockets_dump(scene.sockets, &wanted, &found), 0);
    assert_true(found.count >= 1 && count_in(&found, STATE_SYN_SENT) == found.count);
    for (size_t i = 0; i < 3; i++)
        close(waiting[i]);
    socket_list_release(&found);
    end(&scene);
}

static void a_unix_socket_has_no_pair(void **state)
{
    (void)state;
    int fds[2];
    struct socket_pair pair;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_false(socket_pair_facing(fds[0], &pair));
    close(fds[0]);
    close(fds[1]);
}

/* --- processes ----------------------------------------------------------------------------------------------------------------------- */

static int who_has(struct processes *processes, uint64_t inode, struct owner *owner)
{
    struct timespec now;
    int answer;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t asked_at = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    while ((answer = processes_owner(processes, inode, asked_at, owner)) < 0)
        processes_walk(processes, 100000);
    return answer;
}

/* What is not known can be told from what nobody has; walks are not to be done all the time. */
static void walks_seldom(void **state)
{
    (void)state;
    struct processes *processes = processes_new();
    struct owner owner;
    assert_int_equal(processes_owner(processes, 1, 1, &owner), -1);
    assert_int_equal(processes_next_slice(processes), 0);
    while (!processes_walk(processes, 1))
        assert_int_equal(processes_next_slice(processes), 0);
    assert_int_equal(who_has(processes, 1, &owner), 0);
    assert_true(processes_next_slice(processes) > 0);
    assert_int_equal(processes_owner(processes, 1, UINT64_MAX, &owner), -1);
    processes_free(processes);
}

static void knows_the_owner(void **state)
{
    (void)state;
    struct scene scene = begin(AF_INET);
    struct processes *processes = processes_new();
    struct owner owner;
    char name[PROCESS_NAME];
    assert_int_equal(who_has(processes, inode_of(scene.client), &owner), 1);
    assert_int_equal(owner.pid, getpid());
    assert_int_equal(owner.fd, scene.client);
    assert_int_equal(owner.others, 0);
    assert_true(process_name(getpid(), name));
    assert_string_equal(owner.name, name);
    processes_free(processes);
    end(&scene);
}

/* What is remembered is not said when it is so no more. */
static void forgets_what_is_closed(void **state)
{
    (void)state;
    struct scene scene = begin(AF_INET);
    struct processes *processes = processes_new();
    struct owner owner;
    uint64_t inode = inode_of(scene.client);
    assert_int_equal(who_has(processes, inode, &owner), 1);
    close(scene.client);
    assert_int_equal(who_has(processes, inode, &owner), 0);
    assert_int_equal(processes_owner(processes, 0, 1, &owner), 0);
    processes_free(processes);
    end(&scene);
}

/* A leak that is easily overlooked: a child has inherited the socket. */
static void counts_who_inherited_it(void **state)
{
    (void)state;
    struct scene scene = begin(AF_INET);
    struct processes *processes = processes_new();
    struct owner owner;
    int hold[2];
    assert_int_equal(pipe(hold), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(hold[1]);
        (void)!read(hold[0], &byte, 1);
        _exit(0);
    }
    assert_int_equal(who_has(processes, inode_of(scene.client), &owner), 1);
    assert_int_equal(owner.others, 1);
    close(hold[1]);
    close(hold[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(who_has(processes, inode_of(scene.client), &owner), 1);
    assert_int_equal(owner.others, 0);
    processes_free(processes);
    end(&scene);
}

enum { MANY = 700 }; /* descriptors, for one process */

static void take_many(int many[MANY])
{
    for (int i = 0; i < MANY; i++) {
        if ((many[i] = dup(STDERR_FILENO)) < 0)
            skip(); /* no more are allowed here */
    }
}

static void close_many(const int many[MANY])
{
    for (int i = 0; i < MANY; i++)
        close(many[i]);
}

static void assert_that_we_have_new_ones(struct processes *processes)
{
    struct scene scene = begin(AF_INET);
    struct owner owner;
    assert_int_equal(who_has(processes, inode_of(scene.client), &owner), 1);
    assert_int_equal(owner.pid, getpid());
    assert_int_equal(owner.fd, scene.client);
    assert_int_equal(owner.others, 0);
    end(&scene);
}

/* A child that has so many, and one socket beyond these. Ends when `hold` is closed. */
static pid_t fork_giant(const int hold[2], uint64_t *inode)
{
    int tell[2];
    assert_int_equal(pipe(tell), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        uint64_t own = inode_of(socket(AF_INET, SOCK_STREAM, 0));
        (void)!write(tell[1], &own, sizeof own);
        close(hold[1]);
        (void)!read(hold[0], &byte, 1);
        _exit(0);
    }
    assert_int_equal(read(tell[0], inode, sizeof *inode), sizeof *inode);
    close(tell[0]);
    close(tell[1]);
    return child;
}

/* A giant is looked at apart: who has few descriptors is known before it. */
static void does_not_wait_for_a_giant(void **state)
{
    (void)state;
    struct processes *processes = processes_new();
    struct owner owner;
    int many[MANY], hold[2];
    uint64_t inode;
    assert_int_equal(pipe(hold), 0);
    take_many(many);
    pid_t child = fork_giant(hold, &inode);
    close_many(many);
    struct scene scene = begin(AF_INET);
    assert_true(processes_walk(processes, UINT64_MAX));
    assert_int_equal(processes_owner(processes, inode_of(scene.client), 1, &owner), 1);
    assert_int_equal(processes_owner(processes, inode, 1, &owner), -1);
    assert_int_equal(who_has(processes, inode, &owner), 1);
    assert_int_equal(owner.pid, child);
    close(hold[0]);
    close(hold[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    end(&scene);
    processes_free(processes);
}

/* Who has many descriptors is found as well as who has few, and so is who had few until now, or has closed most. Beside another who has
 * many, so that there is always somebody to look at apart. */
static void knows_a_giant(void **state)
{
    (void)state;
    struct processes *processes = processes_new();
    int many[MANY], hold[2];
    uint64_t inode;
    assert_int_equal(pipe(hold), 0);
    take_many(many);
    pid_t child = fork_giant(hold, &inode);
    for (int i = 0; i < 20; i++) {
        assert_that_we_have_new_ones(processes);
        close_many(many);
        assert_that_we_have_new_ones(processes);
        take_many(many);
    }
    close_many(many);
    close(hold[0]);
    close(hold[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_that_we_have_new_ones(processes);
    processes_free(processes);
}

static void lists_a_process(void **state)
{
    (void)state;
    struct scene scene = begin(AF_INET);
    struct process_socket *list;
    ssize_t count = process_sockets(getpid(), SIZE_MAX, &list, NULL);
    bool found = false;
    for (ssize_t i = 0; i < count; i++)
        found = found || (list[i].fd == scene.client && list[i].inode == inode_of(scene.client));
    assert_true(found);
    free(list);
    assert_int_equal(process_sockets(0x7ffffff0, SIZE_MAX, &list, NULL), -1);
    assert_int_equal(errno, ENOENT);
    end(&scene);
}

/* What a process did: here, this one. */
static void tells_effort(void **state)
{
    (void)state;
    struct effort before, after;
    int fds[2];
    char byte;
    assert_int_equal(pipe(fds), 0);
    assert_true(process_effort(getpid(), &before));
    close(fds[1]);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(read(fds[0], &byte, 1), 0);
    usleep(1000);
    do { /* a clock tick of work, at most some dozen ms */
        assert_true(process_effort(getpid(), &after));
    } while (after.user + after.kernel == before.user + before.kernel);
    assert_true(after.at > before.at);
    assert_true(after.awake > before.awake);
    assert_true(after.reads >= before.reads + 1000);
    assert_true(after.sleeps > before.sleeps);
    assert_false(process_effort(0x7ffffff0, &after));
    close(fds[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_ipv4),
        cmocka_unit_test(finds_ipv6),
        cmocka_unit_test(follows_a_closing),
        cmocka_unit_test(listener_is_no_answer),
        cmocka_unit_test(mapped_address_is_ipv4),
        cmocka_unit_test(dumps_by_port),
        cmocka_unit_test(dumps_who_connects),
        cmocka_unit_test(a_unix_socket_has_no_pair),
        cmocka_unit_test(walks_seldom),
        cmocka_unit_test(knows_the_owner),
        cmocka_unit_test(forgets_what_is_closed),
        cmocka_unit_test(counts_who_inherited_it),
        cmocka_unit_test(does_not_wait_for_a_giant),
        cmocka_unit_test(knows_a_giant),
        cmocka_unit_test(lists_a_process),
        cmocka_unit_test(tells_effort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
