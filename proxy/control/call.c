/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls: taking a request apart, and answering it.
 */
#include "control/call.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/control.h"
#include "control/door.h"
#include "control/route.h"
#include "relay/timers.h"
#include "rules/amount.h"
#include "rules/diag.h"
#include "rules/memory.h"

#define NAME_MOST 255
#define UNREAD_MOST ((size_t)1024 * 1024) /* bytes: a reader of a stream that is so far behind gets no more until it has read half of it */

/* ---- the beginning and the end ---- */

static struct evkeyvalq *read_query(struct evhttp_request *request)
{
    const char *text = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
    struct evkeyvalq *query = xmalloc(sizeof(*query));

    if (evhttp_parse_query_str(text != NULL ? text : "", query) < 0) {
        free(query);
        return NULL;
    }
    return query;
}

const char *call_bytes(const struct call *call, size_t *length)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(call->request);

    *length = evbuffer_get_length(input);
    return *length > 0 ? (const char *)evbuffer_pullup(input, -1) : "";
}

static bool read_body(struct call *call)
{
    json_error_t error;
    size_t length;
    const char *bytes = call_bytes(call, &length);

    if (length == 0) {
        return true;
    }
    call->body = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (call->body == NULL) {
        call_error(call, 400, "the body is no JSON: line %d, column %d: %s", error.line, error.column, error.text);
        return false;
    }
    if (!json_is_object(call->body)) {
        call_error(call, 400, "the body is to be an object: { ... }");
        return false;
    }
    return true;
}

/* A request without its connection is freed by answering it. */
static void on_connection_gone(struct evhttp_connection *connection, void *argument)
{
    struct call *call = argument;

    (void)connection;
    if (evhttp_request_get_connection(call->request) != NULL) {
        call->request = NULL; /* the server is being closed, and frees it */
    }
    if (call->visitor != NULL) {
        door_answered(call->visitor); /* it has nobody to wait for any more */
        call->visitor = NULL;
    }
    call_is_gone(call);
}

struct call *call_new(struct control *control, struct evhttp_request *request, const struct route *route, char **names)
{
    struct call *call = xmalloc(sizeof(*call));

    *call = (struct call){.control = control, .request = request, .route = route, .query = read_query(request)};
    memcpy(call->names, names, sizeof(call->names));
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_connection_gone, call);
    if (call->query == NULL) {
        call_error(call, 400, "what stands behind the question mark cannot be read: NAME=VALUE, joined by &");
        return NULL;
    }
    if (route->flags & ROUTE_RAW) {
        return call;
    }
    return read_body(call) && call_is_known(call) ? call : NULL;
}

static void call_free(struct call *call)
{
    struct evhttp_connection *connection = call->request != NULL ? evhttp_request_get_connection(call->request) : NULL;

    if (connection != NULL) {
        evhttp_connection_set_closecb(connection, NULL, NULL);
    }
    if (call->visitor != NULL) {
        door_answered(call->visitor);
    }
    for (size_t i = 0; i < CALL_NAMES; i++) {
        free(call->names[i]);
    }
    if (call->query != NULL) {
        evhttp_clear_headers(call->query);
        free(call->query);
    }
    json_decref(call->body);
    free(call);
}

void call_is_gone(struct call *call)
{
    void (*gone)(struct call *call) = call->gone;

    call->gone = NULL;
    if (gone != NULL) {
        gone(call);
    }
}

void call_watch(struct call *call, void (*gone)(struct call *call))
{
    call->gone = gone;
    if (call->visitor != NULL) {
        door_watch(call->visitor);
    }
}

/* ---- what is asked ---- */

/* Whether a word stands in a list with blanks between; a * behind it is not its own. */
static bool is_listed(const char *list, const char *word)
{
    size_t length = strlen(word);

    while (list != NULL && *list != '\0') {
        size_t next = strcspn(list, " ");
        size_t own = next > 0 && list[next - 1] == '*' ? next - 1 : next;

        if (own == length && memcmp(list, word, length) == 0) {
            return true;
        }
        list += next + (list[next] == ' ');
    }
    return false;
}

bool call_is_known(struct call *call)
{
    struct evkeyval *parameter;
    const char *member;
    json_t *value;

    for (parameter = call->query->tqh_first; parameter != NULL; parameter = parameter->next.tqe_next) {
        if (!is_listed(call->route->query, parameter->key)) {
            call_error(call, 400, "there is no parameter `%s`%s%s", parameter->key, call->route->query ? "; there are: " : "",
                call->route->query ? call->route->query : "");
            return false;
        }
        if (call_query(call, parameter->key) != parameter->value) {
            call_error(call, 400, "the parameter `%s` is there twice", parameter->key);
            return false;
        }
    }
    json_object_foreach(call->body, member, value) {
        if (!is_listed(call->route->body, member)) {
            call_error(call, 400, "the body has no member `%s`%s%s", member, call->route->body ? "; it may have: " : "",
                call->route->body ? call->route->body : "");
            return false;
        }
    }
    return true;
}

const char *call_query(const struct call *call, const char *name)
{
    return evhttp_find_header(call->query, name);
}

bool call_query_number(struct call *call, const char *name, uint64_t most, uint64_t *value)
{
    const char *text = call_query(call, name);

    if (text == NULL || (amount_number(text, value) && *value <= most)) {
        return true;
    }
    call_error(call, 400, "%s=%s: a whole number up to %" PRIu64, name, text, most);
    return false;
}

bool call_query_time(struct call *call, const char *name, uint64_t most, uint64_t *value)
{
    const char *text = call_query(call, name);

    if (text == NULL || (amount_duration(text, value) && *value <= most)) {
        return true;
    }
    call_error(call, 400, "%s=%s: a time such as 250ms or 5s, %" PRIu64 " s at most", name, text, most / NS_PER_S);
    return false;
}

/* The member, if it has a value. */
static json_t *member_of(const struct call *call, const char *name)
{
    json_t *value = json_object_get(call->body, name);

    return json_is_null(value) ? NULL : value;
}

static bool is_missing(struct call *call, const char *name, const char *what)
{
    call_error(call, 400, "`%s` is missing: %s", name, what);
    return false;
}

bool call_body_text(struct call *call, const char *name, bool must, const char **value)
{
    json_t *member = member_of(call, name);

    *value = NULL;
    if (member == NULL) {
        return !must || is_missing(call, name, "a text");
    }
    if (!json_is_string(member) || strlen(json_string_value(member)) != json_string_length(member)) {
        call_error(call, 400, "`%s` is to be a text", name);
        return false;
    }
    *value = json_string_value(member);
    return true;
}

bool call_is_name(struct call *call, const char *what, const char *text)
{
    bool obeyed = false;

    for (const char *at = text; *at != '\0'; at++) {
        obeyed = obeyed || (unsigned char)*at < ' ' || *at == 127;
    }
    if (text[0] == '\0' || strlen(text) > NAME_MOST || obeyed) {
        call_error(call, 400, "%s: a name has 1 to %d bytes and no control characters", what, NAME_MOST);
        return false;
    }
    return true;
}

bool call_body_number(struct call *call, const char *name, bool must, uint64_t most, uint64_t *value)
{
    json_t *member = member_of(call, name);

    if (member == NULL) {
        return !must || is_missing(call, name, "a number");
    }
    if (!json_is_integer(member) || json_integer_value(member) < 0 || (uint64_t)json_integer_value(member) > most) {
        call_error(call, 400, "`%s` is to be a whole number from 0 to %" PRIu64, name, most);
        return false;
    }
    *value = (uint64_t)json_integer_value(member);
    return true;
}

bool call_body_flag(struct call *call, const char *name, bool *value)
{
    json_t *member = member_of(call, name);

    if (member != NULL && !json_is_boolean(member)) {
        call_error(call, 400, "`%s` is to be true or false", name);
        return false;
    }
    *value = member != NULL ? json_is_true(member) : *value;
    return true;
}

/* ---- answers ---- */

void call_header(struct call *call, const char *name, const char *value)
{
    if (call->request != NULL) {
        evhttp_add_header(evhttp_request_get_output_headers(call->request), name, value);
    }
}

static void finish(struct call *call, int status, const char *text, size_t length)
{
    struct evhttp_request *request = call->request;
    struct evbuffer *body;

    if (request == NULL) {
        call_free(call);
        return;
    }
    body = evbuffer_new();
    if (body == NULL || evbuffer_add(body, text, length) < 0) {
        abort();
    }
    call_free(call); /* it may be gone as soon as it is answered */
    evhttp_send_reply(request, status, NULL, body);
    evbuffer_free(body);
}

void call_reply_text(struct call *call, int status, const char *type, const char *text, size_t length)
{
    call_header(call, "Content-Type", type);
    call_header(call, "X-Content-Type-Options", "nosniff");
    call_header(call, "Cache-Control", "no-store");
    finish(call, status, text, length);
}

void call_reply(struct call *call, int status, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    size_t length;

    if (text == NULL) {
        abort();
    }
    json_decref(json);
    length = strlen(text);
    text = xrealloc(text, length + 1);
    text[length] = '\n';
    call_reply_text(call, status, "application/json", text, length + 1);
    free(text);
}

void call_reply_nothing(struct call *call, int status)
{
    finish(call, status, "", 0);
}

void call_error(struct call *call, int status, const char *format, ...)
{
    va_list arguments;
    char *text;
    json_t *json = json_object(), *string;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) {
        abort();
    }
    va_end(arguments);
    string = json_string(text);
    json_object_set_new(json, "error", string != NULL ? string : json_string("(the message is no UTF-8)"));
    json_object_set_new(json, "status", json_integer(status));
    free(text);
    call_reply(call, status, json);
}

json_t *call_messages(const struct diag *diag)
{
    size_t count = 0;
    struct diag_message *list = diag != NULL ? diag_list(diag, &count) : NULL;
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *message = json_object();

        json_object_set_new(message, "kind", json_string(diag_kind_name(list[i].kind)));
        json_object_set_new(message, "file", json_string(list[i].place.file));
        json_object_set_new(message, "line", json_integer(list[i].place.line));
        json_object_set_new(message, "column", json_integer(list[i].place.column));
        json_object_set_new(message, "message", json_string(list[i].text));
        json_array_append_new(array, message);
    }
    free(list);
    return array;
}

/* The first error as one line, for whoever looks no further. */
static json_t *first_error(const struct diag *diag)
{
    size_t count = 0;
    struct diag_message *list = diag_list(diag, &count);
    json_t *line = NULL;

    for (size_t i = 0; i < count && line == NULL; i++) {
        if (list[i].kind == DIAG_ERROR && list[i].place.line > 0) {
            line = json_sprintf("%s:%u:%u: error: %s", list[i].place.file, list[i].place.line, list[i].place.column, list[i].text);
        } else if (list[i].kind == DIAG_ERROR) {
            line = json_sprintf("%s: error: %s", list[i].place.file, list[i].text);
        }
    }
    free(list);
    return line != NULL ? line : json_string("the rules are wrong");
}

void call_problems(struct call *call, const struct diag *diag)
{
    json_t *json = json_object();

    json_object_set_new(json, "error", first_error(diag));
    json_object_set_new(json, "status", json_integer(400));
    json_object_set_new(json, "messages", call_messages(diag));
    call_reply(call, 400, json);
}

/* ---- answers that go on ---- */

void call_stream_begin(struct call *call, const char *type)
{
    call_header(call, "Content-Type", type);
    call_header(call, "Cache-Control", "no-store");
    call->streaming = true;
    if (call->request != NULL) {
        evhttp_send_reply_start(call->request, 200, NULL);
    }
    if (call->visitor != NULL) {
        bufferevent_set_timeouts(call->visitor->stream, NULL, NULL); /* it may read when it likes */
    }
}

static void stream_on(struct call *call, const char *text, size_t length)
{
    struct evbuffer *piece = evbuffer_new();

    if (piece == NULL || evbuffer_add(piece, text, length) < 0) {
        abort();
    }
    evhttp_send_reply_chunk(call->request, piece);
    evbuffer_free(piece);
}

bool call_stream(struct call *call, const char *text, size_t length)
{
    size_t unread;

    if (call->visitor == NULL) {
        return true;
    }
    unread = evbuffer_get_length(bufferevent_get_output(call->visitor->stream));
    call->behind = unread > (call->behind ? UNREAD_MOST / 2 : UNREAD_MOST);
    if (call->behind) {
        return false;
    }
    stream_on(call, text, length);
    return true;
}

void call_stream_last(struct call *call, const char *text, size_t length)
{
    if (call->visitor != NULL) {
        stream_on(call, text, length);
    }
}

void call_stream_end(struct call *call)
{
    struct evhttp_request *request = call->request;

    call_free(call);
    if (request != NULL) {
        evhttp_send_reply_end(request);
    }
}
