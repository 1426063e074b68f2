/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routes: what can be asked of hangup, one row each. The row is what the router matches, what the OpenAPI description and hangup(1) are
 * made from, and what parameters are held against. Tables are exported by those who answer (routes.c lists them).
 */
#ifndef HANGUP_CONTROL_ROUTE_H
#define HANGUP_CONTROL_ROUTE_H

#include <stddef.h>

struct call;

enum route_flags {
    ROUTE_RAW = 1u << 0, /* the handler reads the body itself, and knows its parameters */
};

struct route {
    const char *method;  /* "GET" */
    const char *path;    /* "/v1/relays/{relay}": a word in braces is any one segment */
    void (*handler)(struct call *call);
    const char *help;    /* one sentence */
    const char *query;   /* parameters behind the question mark, one blank apart; or NULL */
    const char *body;    /* members of the body, likewise; NULL: it has none. A * behind one: it must be there */
    int status;          /* when all is well */
    unsigned flags;      /* enum route_flags */
};

/* All tables; each ends with method == NULL, the list with NULL. */
extern const struct route *const route_tables[];

enum route_found { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/* Finds the row, and the segments that stand for its words in braces: copies, decoded, the caller's. */
enum route_found route_find(const char *method, const char *path, const struct route **found, char **names, size_t most);

#endif
