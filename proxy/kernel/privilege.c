/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One try a need, and what would help where it fails.
 */
#include "kernel/privilege.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/sockets.h"

/* 0, or the errno of setting that option on a TCP socket. */
static int try_option(int level, int name, const void *value, socklen_t length)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 || setsockopt(fd, level, name, value, length) < 0 ? errno : 0;

    if (fd >= 0) {
        close(fd);
    }
    return error;
}

static int try_filter(void)
{
    struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
    struct sock_fprog program = {.len = 1, .filter = &all};

    return try_option(SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int try_repair(void)
{
    int on = 1;

    return try_option(IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on));
}

static int try_raw(void)
{
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

    if (fd < 0) {
        return errno;
    }
    close(fd);
    return 0;
}

/* A listening socket of our own, at a port that nobody knows. */
static int try_destroy(void)
{
    struct socket_pair pair = {.remote.ss_family = AF_INET};
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(pair.local);
    struct sockets *sockets = sockets_open();
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), error = 0;

    if (sockets == NULL || fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0 || listen(fd, 1) < 0
        || getsockname(fd, (struct sockaddr *)&pair.local, &length) < 0 || sockets_destroy(sockets, &pair) < 0) {
        error = errno;
    }
    if (fd >= 0) {
        close(fd);
    }
    sockets_close(sockets);
    return error;
}

static int try_need(enum need need)
{
    int error;

    switch (need) {
    case NEED_FILTER:
        return try_filter();
    case NEED_REPAIR:
        return try_repair();
    case NEED_RAW:
        return try_raw();
    case NEED_DESTROY:
        return try_destroy();
    case NEED_HELD_SYN:
        error = try_filter();
        return error != 0 ? error : try_raw();
    case NEED_NOTHING:
    case NEEDS:
        break;
    }
    return 0;
}

/* Could a file's capabilities give it to us? Not where a container was started without them, nor under no_new_privs. */
static bool may_be_given(void)
{
    return prctl(PR_CAPBSET_READ, CAP_NET_ADMIN, 0, 0, 0) == 1 && prctl(PR_CAPBSET_READ, CAP_NET_RAW, 0, 0, 0) == 1
           && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
}

/* Root that may not is root of a user namespace without a network namespace of its own, or of a container. */
static void find_remedy(struct means *means)
{
    char path[384];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (geteuid() != 0 && may_be_given() && length > 0) {
        snprintf(means->remedy, sizeof(means->remedy), "sudo setcap cap_net_admin,cap_net_raw+ep %.*s", (int)length, path);
    } else {
        snprintf(means->remedy, sizeof(means->remedy),
            "unshare -Urn sh -c 'ip link set lo up && ...', and hangup and both applications in it");
    }
}

struct means privilege_probe(void)
{
    struct means means = {.allowed = {[NEED_NOTHING] = true}};

    for (enum need need = NEED_NOTHING + 1; need < NEEDS; need++) {
        int error = try_need(need);

        means.allowed[need] = error == 0;
        if (error == EPERM || error == EACCES) {
            means.reason[need] = "this user may not do that here";
            find_remedy(&means);
        } else if (error != 0) {
            means.reason[need] = "this kernel cannot do that";
        }
    }
    return means;
}
