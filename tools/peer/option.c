/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands `set` and `get`: socket options by name. */
#include "tools/peer/command.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/peer/text.h"

static const struct {
    const char *name;
    int level;
    int option;
} options[] = {
    {"rcvbuf", SOL_SOCKET, SO_RCVBUF},
    {"sndbuf", SOL_SOCKET, SO_SNDBUF},
    {"linger", SOL_SOCKET, SO_LINGER},
    {"keepalive", SOL_SOCKET, SO_KEEPALIVE},
    {"keepidle", IPPROTO_TCP, TCP_KEEPIDLE},
    {"keepintvl", IPPROTO_TCP, TCP_KEEPINTVL},
    {"keepcnt", IPPROTO_TCP, TCP_KEEPCNT},
    {"user_timeout", IPPROTO_TCP, TCP_USER_TIMEOUT},
    {"linger2", IPPROTO_TCP, TCP_LINGER2},
    {"nodelay", IPPROTO_TCP, TCP_NODELAY},
    {"cork", IPPROTO_TCP, TCP_CORK},
    {"quickack", IPPROTO_TCP, TCP_QUICKACK},
    {"maxseg", IPPROTO_TCP, TCP_MAXSEG},
    {"oobinline", SOL_SOCKET, SO_OOBINLINE},
};

#define OPTIONS (sizeof(options) / sizeof(*options))

static size_t find(const struct line *line)
{
    size_t i = 0;
    while (i < OPTIONS && !line_is(line, 1, options[i].name))
        i++;
    return i;
}

static const char *check(const struct line *line)
{
    uint64_t value;
    if (find(line) == OPTIONS)
        return "there is no such option";
    return line->count < 3 || text_size(line->words[2].text, &value) ? NULL : "the value is a number or a size";
}

static void run_set(struct call *call)
{
    size_t i = find(call->line);
    uint64_t value = 0;
    text_size(call->line->words[2].text, &value);
    int number = (int)value;
    struct linger linger = {.l_onoff = 1, .l_linger = number};
    bool is_linger = options[i].option == SO_LINGER && options[i].level == SOL_SOCKET;
    const void *what = is_linger ? (const void *)&linger : (const void *)&number;
    socklen_t size = is_linger ? sizeof(linger) : sizeof(number);
    call_returned(call, setsockopt(call->connection->fd, options[i].level, options[i].option, what, size));
}

static void run_get(struct call *call)
{
    size_t i = find(call->line);
    int value[2] = {0}; /* SO_LINGER is two numbers, and its time the second */
    socklen_t length = sizeof(value);
    int result = getsockopt(call->connection->fd, options[i].level, options[i].option, value, &length);
    call_returned(call, result < 0 ? result : length == sizeof(value) ? value[1] : value[0]);
}

const struct command option_commands[] = {
    {"set", "OPTION VALUE", 2, 2, check, run_set, true,
     "rcvbuf sndbuf linger (seconds) keepalive keepidle keepintvl keepcnt user_timeout (ms) linger2 nodelay cork quickack maxseg "
     "oobinline."},
    {"get", "OPTION", 1, 1, check, run_get, true,
     "Its value."},
    {0},
};
