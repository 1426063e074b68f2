/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A call: one HTTP request that is being answered. Its handler takes it apart by the functions below (each parameter is checked, and a
 * wrong one answered with a 400 that says which and why), and answers it exactly once, at once or whenever what it asked the workers is
 * home. Who called may have gone meanwhile: answering is the same, and nobody hears it.
 */
#ifndef HANGUP_CONTROL_CALL_H
#define HANGUP_CONTROL_CALL_H

#include <event2/http.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct control;
struct diag;
struct route;
struct visitor;

#define CALL_NAMES 2 /* names in a path */

struct call {
    struct control *control;
    struct evhttp_request *request; /* NULL: who called has gone */
    struct visitor *visitor;
    const struct route *route;
    char *names[CALL_NAMES];    /* those of the path, in order, decoded */
    struct evkeyvalq *query;    /* behind the question mark, decoded; never NULL */
    json_t *body;               /* NULL: there was none */
    bool streaming;             /* its answer has begun, and goes on */
    bool behind;                /* its reader has too much to read yet */
    void (*gone)(struct call *call); /* call_watch()'s */
    void *context;              /* the handler's */
};

/* For the door: a call of a request; takes the names. NULL: it was answered, since its body or its query cannot be read. */
struct call *call_new(struct control *control, struct evhttp_request *request, const struct route *route, char **names);
void call_is_gone(struct call *call);

/* Has `gone` called when who called closes its connection before it was answered: then it must be answered all the same. */
void call_watch(struct call *call, void (*gone)(struct call *call));

/* The body as it came, for ROUTE_RAW. */
const char *call_bytes(const struct call *call, size_t *length);

/* The value of ?NAME=, or NULL. */
const char *call_query(const struct call *call, const char *name);

/* A whole number, a time in nanoseconds (`250ms`, `5s`). False: it is wrong, which was answered. What was not given stays as it is. */
bool call_query_number(struct call *call, const char *name, uint64_t most, uint64_t *value);
bool call_query_time(struct call *call, const char *name, uint64_t most, uint64_t *value);

/* Whether all parameters of the query and all members of the body are among those that the route knows; else that was answered. */
bool call_is_known(struct call *call);

/* A member of the body. Missing or null: NULL, which `must` makes wrong. False: it is wrong, and was answered. */
bool call_body_text(struct call *call, const char *name, bool must, const char **value);
/* Whether a text may be a name: not empty, not too long, nothing in it that a terminal obeys. False: that was answered. */
bool call_is_name(struct call *call, const char *what, const char *text);

bool call_body_number(struct call *call, const char *name, bool must, uint64_t most, uint64_t *value);
bool call_body_flag(struct call *call, const char *name, bool *value);

/* A header of the answer, in front of it. */
void call_header(struct call *call, const char *name, const char *value);

/* Messages about rules as JSON; NULL: none. */
json_t *call_messages(const struct diag *diag);

/* Answers. The call is freed. JSON is taken. */
void call_reply(struct call *call, int status, json_t *json);
void call_reply_text(struct call *call, int status, const char *type, const char *text, size_t length);
void call_reply_nothing(struct call *call, int status);
void call_error(struct call *call, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
void call_problems(struct call *call, const struct diag *diag); /* 400, with each message and its place */

/* An answer that goes on: begun, more of it, ended. More, false: the reader does not keep up, and this was left out. */
void call_stream_begin(struct call *call, const char *type);
bool call_stream(struct call *call, const char *text, size_t length);
void call_stream_last(struct call *call, const char *text, size_t length); /* whatever it has to read yet */
void call_stream_end(struct call *call); /* frees the call */

#endif
