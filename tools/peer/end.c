/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that end: shutdown, close, reset, die. */
#include "tools/peer/command.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

static const char *check_shutdown(const struct line *line)
{
    return line_is(line, 1, "rd") || line_is(line, 1, "wr") || line_is(line, 1, "both") ? NULL : "which direction?";
}

static void run_shutdown(struct call *call)
{
    int how = line_is(call->line, 1, "rd") ? SHUT_RD : line_is(call->line, 1, "wr") ? SHUT_WR : SHUT_RDWR;
    call_returned(call, shutdown(call->connection->fd, how));
}

static void run_close(struct call *call)
{
    call_returned(call, connection_close(call->connection));
}

static void run_reset(struct call *call)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(call->connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) < 0)
        call_errno(call, errno);
    else
        call_returned(call, connection_close(call->connection));
}

static void run_die(struct call *call)
{
    (void)call;
    raise(SIGKILL);
}

const struct command end_commands[] = {
    {"shutdown", "rd|wr|both", 1, 1, check_shutdown, run_shutdown, true,
     "shutdown(). `wr` sends FIN and leaves the other direction open."},
    {"close", "", 0, 0, NULL, run_close, true,
     "close(): FIN; RST where received data is unread."},
    {"reset", "", 0, 0, NULL, run_reset, true,
     "RST: close() with SO_LINGER {1, 0}."},
    {"die", "", 0, 0, NULL, run_die, false,
     "Ends the whole process by SIGKILL."},
    {0},
};
