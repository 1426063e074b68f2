/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Visitors, their number and their time.
 */
#include "control/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/call.h"
#include "control/control.h"
#include "control/guard.h"
#include "control/route.h"
#include "relay/address.h"
#include "relay/socket.h"
#include "relay/timers.h"
#include "rules/address.h"
#include "rules/memory.h"

#define VISITORS_MOST 512       /* at a time; further ones wait in the kernel's queue */
#define HEADERS_MOST 16384      /* bytes of a request's line and headers */
#define BODY_MOST (2048 * 1024) /* a rule file is 1 MiB at most, and may be escaped */
#define PATIENCE 20             /* s: for a request to come in whole, and for an answer to be taken */
#define ROUND 250000            /* us between two looks at the visitors */
#define ROOM 1000               /* us until room that was made is there */

struct door {
    struct control *control;
    struct event_base *base;
    struct evhttp *http;
    struct evconnlistener *listener;
    struct guard guard;
    char *name;      /* the guard's */
    char *path;      /* of a Unix socket's file; NULL: it is none */
    char text[128];  /* where it listens */
    int fd;          /* until the listener has it */
    struct visitor *visitors;
    size_t count, most;
    struct event *round, *room;
    uint64_t requests;
};

/* ---- visitors ---- */

static uint64_t now(void)
{
    return clock_monotonic.now(&clock_monotonic);
}

/* evhttp takes its callbacks off a connection that it is done with. */
static bool is_let_go(const struct visitor *visitor)
{
    bufferevent_data_cb read, write;
    bufferevent_event_cb event;
    void *argument;

    bufferevent_getcb(visitor->stream, &read, &write, &event, &argument);
    return read == NULL && write == NULL && event == NULL;
}

static void visitor_free(struct visitor *visitor)
{
    if (visitor->leaves != NULL) {
        event_free(visitor->leaves);
    }
    bufferevent_decref(visitor->stream);
    free(visitor);
}

static void put_out(struct visitor *visitor)
{
    visitor->put_out = true;
    shutdown(bufferevent_getfd(visitor->stream), SHUT_RDWR); /* evhttp hears of it, and cleans up */
}

static void look_around(struct door *door)
{
    struct visitor **place = &door->visitors;
    uint64_t too_old = now() - PATIENCE * NS_PER_S;

    while (*place != NULL) {
        struct visitor *visitor = *place;

        if (is_let_go(visitor)) {
            *place = visitor->next;
            door->count--;
            visitor_free(visitor);
            continue;
        }
        if (visitor->call == NULL && visitor->since < too_old) {
            put_out(visitor);
        }
        place = &visitor->next;
    }
    if (door->count < door->most) {
        evconnlistener_enable(door->listener);
    }
}

static void on_round(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    look_around(argument);
}

/* Who has asked nothing for the longest time; NULL: all wait for an answer. */
static struct visitor *find_idlest(const struct door *door, const struct visitor *but)
{
    struct visitor *idlest = NULL;

    for (struct visitor *visitor = door->visitors; visitor != NULL; visitor = visitor->next) {
        if (visitor != but && visitor->call == NULL && !visitor->put_out && (idlest == NULL || visitor->since < idlest->since)) {
            idlest = visitor;
        }
    }
    return idlest;
}

/* Whoever comes now waits in the kernel's queue until some have left: a crowd that asks nothing keeps nobody out. */
static void make_room(struct door *door, const struct visitor *newest)
{
    const struct timeval soon = {.tv_usec = ROOM};

    evconnlistener_disable(door->listener);
    for (size_t i = 0; i <= door->most / 8; i++) {
        struct visitor *idlest = find_idlest(door, newest);

        if (idlest != NULL) {
            put_out(idlest);
        }
    }
    event_add(door->room, &soon);
}

/* evhttp asks for the stream of a visitor who has just come. */
static struct bufferevent *on_visitor(struct event_base *base, void *argument)
{
    struct door *door = argument;
    struct visitor *visitor = xmalloc(sizeof(*visitor));

    *visitor = (struct visitor){.next = door->visitors, .door = door, .stream = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE),
        .since = now()};
    if (visitor->stream == NULL) {
        abort();
    }
    bufferevent_incref(visitor->stream);
    door->visitors = visitor;
    if (++door->count >= door->most) {
        make_room(door, visitor);
    }
    return visitor->stream;
}

static struct visitor *find_visitor(struct door *door, const struct bufferevent *stream)
{
    struct visitor *visitor = door->visitors;

    while (visitor->stream != stream) {
        visitor = visitor->next;
    }
    return visitor;
}

static void on_leave(evutil_socket_t fd, short what, void *argument)
{
    struct visitor *visitor = argument;

    (void)fd;
    (void)what;
    event_del(visitor->leaves);
    if (visitor->call != NULL) {
        call_is_gone(visitor->call);
    }
}

void door_watch(struct visitor *visitor)
{
    if (visitor->leaves == NULL) {
        visitor->leaves = event_new(visitor->door->base, bufferevent_getfd(visitor->stream), EV_CLOSED | EV_PERSIST, on_leave, visitor);
    }
    if (visitor->leaves == NULL || event_add(visitor->leaves, NULL) < 0) {
        abort();
    }
}

void door_answered(struct visitor *visitor)
{
    visitor->call = NULL;
    visitor->since = now();
    if (visitor->leaves != NULL) {
        event_del(visitor->leaves);
    }
}

/* ---- requests ---- */

static const char *method_name(enum evhttp_cmd_type method)
{
    switch (method) {
    case EVHTTP_REQ_GET: return "GET";
    case EVHTTP_REQ_POST: return "POST";
    case EVHTTP_REQ_HEAD: return "HEAD";
    case EVHTTP_REQ_PUT: return "PUT";
    case EVHTTP_REQ_DELETE: return "DELETE";
    case EVHTTP_REQ_OPTIONS: return "OPTIONS";
    case EVHTTP_REQ_TRACE: return "TRACE";
    case EVHTTP_REQ_CONNECT: return "CONNECT";
    case EVHTTP_REQ_PATCH: return "PATCH";
    }
    return "?";
}

static void answer_plain(struct evhttp_request *request, int status, const char *text)
{
    struct evbuffer *body = evbuffer_new();

    if (body == NULL) {
        abort();
    }
    evbuffer_add_printf(body, "%s", text);
    if (text[0] != '\0' && text[0] != '{') {
        evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", "text/plain; charset=utf-8");
    }
    evhttp_send_reply(request, status, NULL, body);
    evbuffer_free(body);
}

/* As call_error() answers, for who asks for our own interface; Toxiproxy's clients get what they know. */
static void answer_no(struct evhttp_request *request, const char *path, int status, const char *toxiproxys, const char *ours)
{
    char body[512];

    if (path == NULL || strncmp(path, "/v1", 3) != 0) {
        answer_plain(request, status, toxiproxys);
        return;
    }
    snprintf(body, sizeof(body), "{\"error\":\"%s\",\"status\":%d}\n", ours, status);
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", "application/json");
    answer_plain(request, status, body);
}

static bool may_come_in(struct door *door, struct evhttp_request *request, const char *path)
{
    struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
    const struct guard_headers seen = {.host = evhttp_find_header(headers, "Host"), .origin = evhttp_find_header(headers, "Origin"),
        .fetch_site = evhttp_find_header(headers, "Sec-Fetch-Site"), .authorization = evhttp_find_header(headers, "Authorization")};
    const char *why = NULL;
    enum guard_answer answer = guard_ask(&door->guard, &seen, &why);
    char line[256];

    if (answer == GUARD_WELCOME) {
        return true;
    }
    if (answer == GUARD_NO_TOKEN) {
        evhttp_add_header(evhttp_request_get_output_headers(request), "WWW-Authenticate", "Bearer");
    }
    snprintf(line, sizeof(line), "%s\n", why);
    answer_no(request, path, answer == GUARD_NO_TOKEN ? 401 : 403, line, why);
    return false;
}

static void on_request(struct evhttp_request *request, void *argument)
{
    struct door *door = argument;
    struct visitor *visitor = find_visitor(door, evhttp_connection_get_bufferevent(evhttp_request_get_connection(request)));
    const char *method = method_name(evhttp_request_get_command(request));
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    const struct route *route = NULL;
    char *names[CALL_NAMES] = {NULL};
    struct call *call = NULL;

    visitor->since = now();
    door->requests++;
    if (!may_come_in(door, request, path)) {
        return;
    }
    switch (route_find(method, path != NULL ? path : "", &route, names, CALL_NAMES)) {
    case ROUTE_FOUND:
        call = call_new(door->control, request, route, names);
        break;
    case ROUTE_NO_PATH:
        answer_no(request, path, 404, "404 page not found\n", "there is nothing at this path; GET /v1/openapi.json says what there is");
        return;
    case ROUTE_NO_METHOD:
        answer_no(request, path, 405, "", "this path has other methods; GET /v1/openapi.json says which");
        return;
    }
    if (call != NULL) {
        call->visitor = visitor;
        visitor->call = call;
        route->handler(call);
    }
}

/* ---- listening ---- */

/* A limit of descriptors that is low leaves the most of them to links. */
static size_t count_most(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur / 8 >= VISITORS_MOST) {
        return VISITORS_MOST;
    }
    return limit.rlim_cur / 8 > 4 ? limit.rlim_cur / 8 : 4;
}

size_t door_descriptors(const struct door *door)
{
    return door->most + 16; /* its own loop, the listener, relays that come later */
}

static int listen_at(struct door *door, const struct address *address, const char **problem)
{
    struct sockaddr_storage where;
    socklen_t length;
    int fd, on = 1;
    mode_t mask;

    *problem = address_resolve_now(address, &where, &length);
    if (*problem != NULL) {
        return -1;
    }
    fd = socket_new(where.ss_family);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    mask = umask(0177); /* a Unix socket is for its owner; who wants more changes the file's mode */
    if (bind(fd, (const struct sockaddr *)&where, length) < 0 || listen(fd, 128) < 0) {
        int error = errno;

        umask(mask);
        close(fd);
        errno = error;
        return -1;
    }
    umask(mask);
    length = sizeof(where);
    if (where.ss_family != AF_UNIX && getsockname(fd, (struct sockaddr *)&where, &length) < 0) {
        length = 0;
    }
    if (where.ss_family == AF_UNIX) {
        door->path = xstrdup(((const struct sockaddr_un *)(const void *)&where)->sun_path);
        snprintf(door->text, sizeof(door->text), "%s", address->text);
    } else {
        address_text((const struct sockaddr *)&where, length, door->text, sizeof(door->text));
    }
    return fd;
}

/* A socket's file that a dead process has left behind is in nobody's way. */
static void remove_stale(const char *path)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    struct stat file;
    int fd = socket_new(AF_UNIX);

    if (fd >= 0 && strlen(path) < sizeof(where.sun_path) && lstat(path, &file) == 0 && S_ISSOCK(file.st_mode)) {
        strcpy(where.sun_path, path);
        if (connect(fd, (const struct sockaddr *)&where, sizeof(where)) < 0 && errno == ECONNREFUSED) {
            unlink(path);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
}

struct door *door_open(struct control *control, const char *address, char *error, size_t size)
{
    struct door *door = xmalloc(sizeof(*door));
    struct arena *arena = arena_new();
    struct address where = {.kind = ADDRESS_IP};
    const char *problem = address_read(address, strlen(address), &where, arena);

    *door = (struct door){.control = control, .fd = -1, .most = count_most()};
    if (problem == NULL) {
        if (where.kind == ADDRESS_UNIX) {
            remove_stale(where.host);
        }
        door->fd = listen_at(door, &where, &problem);
        door->name = where.kind == ADDRESS_NAME ? xstrdup(where.host) : NULL;
    }
    if (door->fd < 0) {
        snprintf(error, size, "the control side cannot listen on %s: %s", address, problem != NULL ? problem : strerror(errno));
        free(door->name);
        free(door);
        door = NULL;
    } else {
        door->guard = (struct guard){.name = door->name, .token = control_options(control)->token, .local = where.kind == ADDRESS_UNIX};
    }
    arena_free(arena);
    return door;
}

const char *door_address(const struct door *door)
{
    return door->text;
}

bool door_is_private(const struct door *door)
{
    return door->path != NULL || strncmp(door->text, "127.", 4) == 0 || strncmp(door->text, "[::1]", 5) == 0;
}

/* accept() has failed, for want of a descriptor as a rule: the next round tries again. */
static void nobody_comes_in(struct evconnlistener *listener, void *argument)
{
    (void)argument;
    evconnlistener_disable(listener);
}

bool door_start(struct door *door)
{
    const struct timeval round = {.tv_usec = ROUND};

    door->base = control_base(door->control);
    door->http = evhttp_new(door->base);
    door->listener = evconnlistener_new(door->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, door->fd);
    if (door->listener != NULL) {
        evconnlistener_set_error_cb(door->listener, nobody_comes_in);
    }
    door->round = event_new(door->base, -1, EV_PERSIST, on_round, door);
    door->room = event_new(door->base, -1, 0, on_round, door);
    if (door->http == NULL || door->listener == NULL || door->round == NULL || door->room == NULL || event_add(door->round, &round) < 0) {
        return false;
    }
    door->fd = -1;
    evhttp_set_allowed_methods(door->http, UINT16_MAX);
    evhttp_set_max_headers_size(door->http, HEADERS_MOST);
    evhttp_set_max_body_size(door->http, BODY_MOST);
    evhttp_set_timeout(door->http, PATIENCE);
    evhttp_set_bevcb(door->http, on_visitor, door);
    evhttp_set_gencb(door->http, on_request, door);
    return evhttp_bind_listener(door->http, door->listener) != NULL;
}

void door_close(struct door *door)
{
    if (door == NULL) {
        return;
    }
    if (door->http != NULL) {
        evhttp_free(door->http); /* the listener, too */
    } else if (door->listener != NULL) {
        evconnlistener_free(door->listener);
    }
    while (door->visitors != NULL) {
        struct visitor *visitor = door->visitors;

        door->visitors = visitor->next;
        visitor_free(visitor);
    }
    if (door->round != NULL) {
        event_free(door->round);
    }
    if (door->room != NULL) {
        event_free(door->room);
    }
    if (door->fd >= 0) {
        close(door->fd);
    }
    if (door->path != NULL) {
        unlink(door->path);
        free(door->path);
    }
    free(door->name);
    free(door);
}

uint64_t door_requests(const struct door *door)
{
    return door->requests;
}

size_t door_visitors(const struct door *door)
{
    return door->count;
}
