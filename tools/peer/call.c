/* SPDX-License-Identifier: BSD-2-Clause */
/* What all commands need: writing a result, waiting up to the line's deadline. */
#include "tools/peer/call.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/peer/clock.h"

void call_result(struct call *call, const char *format, ...)
{
    size_t used = strlen(call->result);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(call->result + used, sizeof(call->result) - used, format, arguments);
    va_end(arguments);
}

void call_errno(struct call *call, int error)
{
    const char *name = strerrorname_np(error);
    if (error == EAGAIN)
        name = "EAGAIN"; /* whose other name is EWOULDBLOCK */
    call_result(call, "%s", name != NULL ? name : "?");
}

void call_returned(struct call *call, long value)
{
    if (value < 0)
        call_errno(call, errno);
    else
        call_result(call, "%ld", value);
}

static bool give_up(struct call *call)
{
    call->timed_out = true;
    call_result(call, "timeout");
    return false;
}

bool call_poll(struct call *call, int fd, short bits)
{
    struct pollfd poll_fd = {.fd = fd, .events = bits};
    for (;;) {
        int ready = poll(&poll_fd, 1, clock_left_ms(call->deadline));
        if (ready > 0)
            return true;
        if (ready == 0)
            return give_up(call);
    }
}

bool call_until(struct call *call, bool (*holds)(struct call *call))
{
    while (!holds(call)) {
        if (clock_now() >= call->deadline)
            return give_up(call);
        clock_sleep(1000000);
    }
    return true;
}
