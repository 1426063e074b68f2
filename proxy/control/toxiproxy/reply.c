/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Toxiproxy's answers.
 */
#include "control/toxiproxy/reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/control.h"
#include "control/route.h"

/* Twenty letters, each answer its own. */
static void add_request_id(struct call *call)
{
    char id[32];

    snprintf(id, sizeof id, "%020" PRIx64, control_now(call->control));
    call_header(call, "X-Toxiproxy-Request-Id", id);
}

void reply_json(struct call *call, int status, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));

    if (!text)
        abort();
    add_request_id(call);
    call_reply_text(call, status, "application/json", text, strlen(text));
    free(text);
    json_decref(json);
}

void reply_nothing(struct call *call)
{
    add_request_id(call);
    call_reply_nothing(call, 204);
}

/* Go's way of answering with an error says that it is text, whatever it is; one handler of Toxiproxy's does it by itself. */
static bool says_json(const struct call *call)
{
    return strcmp(call->route->path, "/populate") == 0;
}

void reply_problem(struct call *call, const struct problem *problem)
{
    json_t *json = json_object();
    json_t *message = json_string(problem->text);
    char *text;

    json_object_set_new(json, "error", message ? message : json_string("bad request (not UTF-8)"));
    json_object_set_new(json, "status", json_integer(problem->status));
    if (says_json(call))
        json_object_set_new(json, "proxies", json_null());
    text = json_dumps(json, JSON_COMPACT);
    if (!text || !(text = realloc(text, strlen(text) + 2)))
        abort();
    strcat(text, "\n");
    add_request_id(call);
    call_reply_text(call, problem->status, says_json(call) ? "application/json" : "text/plain; charset=utf-8", text, strlen(text));
    free(text);
    json_decref(json);
}

void reply_version(struct call *call)
{
    static const char text[] = "{\"version\": \"" REPLY_VERSION "\"}\n";

    add_request_id(call);
    call_reply_text(call, 200, "application/json;charset=utf-8", text, strlen(text));
}

bool reply_may_go_on(struct call *call)
{
    static const char text[] = "User agent not allowed\n";
    const char *agent = evhttp_find_header(evhttp_request_get_input_headers(call->request), "User-Agent");

    if (!agent || strncmp(agent, "Mozilla/", strlen("Mozilla/")) != 0)
        return true;
    add_request_id(call);
    call_reply_text(call, 403, "text/plain; charset=utf-8", text, strlen(text));
    return false;
}
