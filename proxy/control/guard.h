/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guard: which requests are let in. A page in a browser must not drive hangup, neither by its own requests (Origin, Sec-Fetch-Site) nor
 * by a name that was made to point to this machine (Host); and where there is a token, only who knows it may. Pure: headers in, answer out.
 */
#ifndef HANGUP_CONTROL_GUARD_H
#define HANGUP_CONTROL_GUARD_H

#include <stdbool.h>

/* The headers it looks at; NULL: the request has none. */
struct guard_headers {
    const char *host, *origin, *fetch_site, *authorization;
};

struct guard {
    const char *name;  /* a host's name that is one of ours beside localhost: what --control was given; or NULL */
    const char *token; /* NULL: none is asked for */
    bool local;        /* it comes by a Unix socket: the file's permissions have decided, and Host means nothing */
};

enum guard_answer { GUARD_WELCOME, GUARD_STRANGER, GUARD_NO_TOKEN };

/* `why` is set unless it is welcome: what is wrong, for people. */
enum guard_answer guard_ask(const struct guard *guard, const struct guard_headers *headers, const char **why);

#endif
