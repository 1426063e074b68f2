/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client side of the control side: one HTTP request on a connection of its own, as `hangup ctl` sends them. It waits for its answer; it
 * speaks HTTP/1.0, whose answers end with the connection.
 */
#ifndef HANGUP_CLI_CTL_HTTP_H
#define HANGUP_CLI_CTL_HTTP_H

#include <stdio.h>

struct ctl_server {
    const char *address; /* 127.0.0.1:8474, [::1]:8474, name:8474, unix:/path */
    const char *token;   /* NULL: none */
};

/* Sends it; NULL: it cannot be reached, which has been said on standard error. Else what follows the headers is to be read, and `status` is
 * the answer's. `body` may be NULL. */
FILE *ctl_ask(const struct ctl_server *server, const char *method, const char *path, const char *body, int *status);

/* A text as part of a path or a query; the caller's. */
char *ctl_escape(const char *text);

#endif
