/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands that make a connection: socket, bind, listen, accept, connect, start. All sockets are nonblocking; it is the commands
 * that wait.
 */
#include "tools/peer/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "tools/peer/clock.h"
#include "tools/peer/text.h"

#define MOST_ADDRESSES 8

/* Gives the connection a socket of that family, unless it has one. Restarted tests must get their port back: SO_REUSEADDR. */
static bool open_socket(struct call *call, struct connection *connection, int family)
{
    if (connection->fd >= 0 && connection->family == family)
        return true;
    if (connection->fd >= 0)
        connection_close(connection);
    connection->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    connection->family = family;
    if (connection->fd < 0) {
        call_errno(call, errno);
        return false;
    }
    int on = 1;
    setsockopt(connection->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    return true;
}

static size_t resolve(struct call *call, struct address *addresses, size_t room)
{
    size_t count = address_resolve(call->line->words[1].text, addresses, room);
    if (count == 0)
        call_result(call, "%s", errno == ENOENT ? "no such host" : "no address");
    return count;
}

static const char *check_family(const struct line *line)
{
    return line_is(line, 1, "ipv4") || line_is(line, 1, "ipv6") || line_is(line, 1, "unix") ? NULL : "this is no family";
}

static void run_socket(struct call *call)
{
    int family = line_is(call->line, 1, "ipv4") ? AF_INET : line_is(call->line, 1, "ipv6") ? AF_INET6 : AF_UNIX;
    if (open_socket(call, call->connection, family))
        call_result(call, "0");
}

static void run_bind(struct call *call)
{
    struct address address;
    if (resolve(call, &address, 1) == 0 || !open_socket(call, call->connection, address.storage.ss_family))
        return;
    call_returned(call, bind(call->connection->fd, (struct sockaddr *)&address.storage, address.length));
}

/* Tells where we listen: a harness waits for this line, and a port 0 is known only now. */
static void announce(struct call *call, struct connection *listener)
{
    struct address address = {.length = sizeof(address.storage)};
    char text[ADDRESS_TEXT];
    getsockname(listener->fd, (struct sockaddr *)&address.storage, &address.length);
    address_format(&address, text);
    dprintf(call->peer->ready_fd, "listening %s\n", text);
}

static const char *check_listen(const struct line *line)
{
    uint64_t backlog;
    return line->count < 3 || (text_size(line->words[2].text, &backlog) && backlog <= 65535) ? NULL : "BACKLOG is a number";
}

static void run_listen(struct call *call)
{
    struct connection *listener = call->connection;
    if (*listener->name == '\0')
        listener = connections_get(&call->peer->connections, "listener");
    struct address address;
    uint64_t backlog = 128;
    if (call->line->count > 2)
        text_size(call->line->words[2].text, &backlog);
    if (resolve(call, &address, 1) == 0 || !open_socket(call, listener, address.storage.ss_family))
        return;

    int result = bind(listener->fd, (struct sockaddr *)&address.storage, address.length);
    if (result == 0)
        result = listen(listener->fd, (int)backlog);
    call_returned(call, result);
    if (result == 0) {
        listener->is_listener = true;
        announce(call, listener);
    }
}

static void run_accept(struct call *call)
{
    struct connections *all = &call->peer->connections;
    struct connection *connection = call->connection;
    struct connection *listener = call->line->count > 1 ? connections_get(all, call->line->words[1].text) : connections_listener(all);
    if (listener == NULL || !listener->is_listener) {
        call_result(call, "nobody listens");
        return;
    }
    if (!call_poll(call, listener->fd, POLLIN))
        return;

    struct address client = {.length = sizeof(client.storage)};
    int fd = accept4(listener->fd, (struct sockaddr *)&client.storage, &client.length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        call_errno(call, errno);
        return;
    }
    if (connection->fd >= 0)
        connection_close(connection);
    connection->fd = fd;
    connection->family = client.storage.ss_family;
    connection->sent = connection->sent_pattern = connection->heard_pattern = 0;
    connection_note_addresses(connection);
    connection->remote = client; /* getpeername fails when the client has already reset */
    call_result(call, "0");
}

/* connect() as a blocking socket does it, up to the call's deadline (which SO_SNDTIMEO makes EINPROGRESS). */
static int connect_blocking(struct call *call, int fd, const struct address *address)
{
    int ms = clock_left_ms(call->deadline);
    struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 + 1}, none = {0};
    int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    int result = connect(fd, (const struct sockaddr *)&address->storage, address->length);
    int error = errno;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none));
    fcntl(fd, F_SETFL, flags);
    errno = error;
    return result;
}

static void run_connect(struct call *call)
{
    struct connection *connection = call->connection;
    struct address addresses[MOST_ADDRESSES];
    size_t count = resolve(call, addresses, MOST_ADDRESSES);
    int result = -1;
    for (size_t i = 0; i < count && result < 0; i++) {
        if (i > 0)
            connection_close(connection);
        if (!open_socket(call, connection, addresses[i].storage.ss_family))
            return;
        result = connect_blocking(call, connection->fd, &addresses[i]);
    }
    if (count == 0)
        return;
    connection->sent = connection->sent_pattern = connection->heard_pattern = 0;
    if (result < 0 && errno == EINPROGRESS) {
        call->timed_out = true;
        call_result(call, "timeout");
        return;
    }
    call_returned(call, result);
    connection_note_addresses(connection);
}

static void run_start(struct call *call)
{
    struct address address;
    struct connection *connection = call->connection;
    if (resolve(call, &address, 1) == 0 || !open_socket(call, connection, address.storage.ss_family))
        return;
    call_returned(call, connect(connection->fd, (struct sockaddr *)&address.storage, address.length));
    connection_note_addresses(connection);
}

const struct command dial_commands[] = {
    {"socket", "ipv4|ipv6|unix", 1, 1, check_family, run_socket, false,
     "A socket, so that options can be set before `connect` or `listen`, which otherwise make one."},
    {"bind", "ADDRESS", 1, 1, NULL, run_bind, false,
     "bind()."},
    {"listen", "ADDRESS [BACKLOG]", 1, 2, check_listen, run_listen, false,
     "bind() and listen(); tells `listening ADDRESS` where --ready-fd says. Its name, if it has none, is `listener`."},
    {"accept", "[LISTENER]", 0, 1, NULL, run_accept, false,
     "Waits for a client and accepts it, from the socket that listened last."},
    {"connect", "ADDRESS", 1, 1, NULL, run_connect, false,
     "connect() on a blocking socket; a name's addresses are tried one after the other."},
    {"start", "ADDRESS", 1, 1, NULL, run_start, false,
     "connect() on a nonblocking socket: EINPROGRESS; go on with `wait out` and `error`."},
    {0},
};
