/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /v1/relays: relays that there are, come, are switched off and on, and go.
 */
#include "control/routes.h"

#include <string.h>

#include "control/answer.h"
#include "control/control.h"

static const struct part_list *parts(const struct call *call)
{
    return &control_desk(call->control)->list;
}

static void list(struct call *call)
{
    json_t *array = json_array();

    for (size_t i = 0; i < parts(call)->count; i++) {
        const struct part *part = parts(call)->parts[i];

        for (size_t j = 0; j < part->relay_count; j++) {
            json_array_append_new(array, answer_relay(&part->relays[j], part));
        }
    }
    call_reply(call, 200, array);
}

static void reply_relay(struct call *call, int status, const char *name)
{
    struct part *part;
    const struct part_relay *relay = part_list_relay(parts(call), name, &part);

    if (relay == NULL) {
        call_error(call, 404, "there is no relay `%s`", name);
    } else {
        call_reply(call, status, answer_relay(relay, part));
    }
}

static void show(struct call *call)
{
    reply_relay(call, 200, call->names[0]);
}

static void created(struct change *change)
{
    struct call *call = change->context;
    const char *name;

    if (answer_change(change)) {
        call_body_text(call, "name", true, &name);
        reply_relay(call, 201, name);
    }
}

static void create(struct call *call)
{
    const char *name, *listen, *server, *with;
    struct change *change;
    bool enabled = true;

    if (!call_body_text(call, "name", true, &name) || !call_body_text(call, "listen", true, &listen)
        || !call_body_text(call, "server", true, &server) || !call_body_text(call, "with", false, &with)
        || !call_body_flag(call, "enabled", &enabled)) {
        return;
    }
    if (!call_is_name(call, "`name`", name)) {
        return;
    }
    change = change_new(call->control, created, call);
    change_put_relay(change, CHANGE_NEW, name, listen, server, with);
    change_enable_relay(change, name, enabled);
    change_submit(change);
}

static void changed(struct change *change)
{
    if (answer_change(change)) {
        reply_relay(change->context, 200, ((struct call *)change->context)->names[0]);
    }
}

/* What is not said stays as it is. */
static bool change_addresses(struct call *call, struct change *change)
{
    struct part *part;
    const struct part_relay *relay = part_list_relay(parts(call), call->names[0], &part);
    const char *listen, *server, *with;

    if (!call_body_text(call, "listen", false, &listen) || !call_body_text(call, "server", false, &server)
        || !call_body_text(call, "with", false, &with)) {
        return false;
    }
    if (relay == NULL) {
        call_error(call, 404, "there is no relay `%s`", call->names[0]);
        return false;
    }
    if (listen != NULL || server != NULL || with != NULL) {
        change_put_relay(change, CHANGE_OLD, call->names[0], listen != NULL ? listen : relay->spec->listen.text,
            server != NULL ? server : relay->spec->server.text, with);
    }
    return true;
}

static void modify(struct call *call)
{
    bool enabled = true, disabled = false, close = false;
    struct change *change = change_new(call->control, changed, call);

    if (!call_body_flag(call, "enabled", &enabled) || !call_body_flag(call, "enabled", &disabled)
        || !call_body_flag(call, "close_links", &close) || !change_addresses(call, change)) {
        change_discard(change);
        return;
    }
    if (enabled == disabled) { /* it was said */
        change_enable_relay(change, call->names[0], enabled);
    }
    if (close) {
        change_close_links(change, call->names[0]);
    }
    change_submit(change);
}

static void drop(struct call *call)
{
    const char *links = call_query(call, "links");
    struct change *change;

    if (links != NULL && strcmp(links, "keep") != 0 && strcmp(links, "close") != 0) {
        call_error(call, 400, "links=%s: write keep or close", links);
        return;
    }
    change = change_new(call->control, answer_nothing, call);
    if (links == NULL || strcmp(links, "close") == 0) {
        change_close_links(change, call->names[0]);
    }
    change_remove(change, PART_RELAY, call->names[0]);
    change_submit(change);
}

const struct route routes_relays[] = {
    {"GET", "/v1/relays", list, "lists the relays", .status = 200},
    {"POST", "/v1/relays", create, "adds a relay, `with` options as in its block; port 0: the kernel chooses, and the answer says which",
        .body = "name* listen* server* with enabled", .status = 201},
    {"GET", "/v1/relays/{relay}", show, "shows a relay", .status = 200},
    {"PATCH", "/v1/relays/{relay}", modify,
        "changes a relay: not enabled, it keeps its port and refuses connections; open ones live on, unless close_links is true",
        .body = "listen server with enabled close_links", .status = 200},
    {"DELETE", "/v1/relays/{relay}", drop, "removes a relay; its links are closed, or with links=keep live on", .query = "links",
        .status = 204},
    {.method = NULL},
};
