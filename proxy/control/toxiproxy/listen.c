/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wishes and addresses.
 */
#include "control/toxiproxy/listen.h"

#include <stdio.h>
#include <string.h>

static bool is_missing(const char *field, size_t number, struct problem *problem)
{
    if (number > 0)
        return problem_set(problem, 400, "missing required field: %s at proxy %zu", field, number);
    return problem_set(problem, 400, "missing required field: %s", field);
}

bool wanted_read(struct wanted *wanted, const json_t *object, size_t number, struct problem *problem)
{
    *wanted = (struct wanted){.name = "", .listen = "", .upstream = "", .enabled = true};
    if (!json_is_object(object) && !json_is_null(object))
        return problem_set(problem, 400, "bad request body: json: a proxy is an object");
    if (!body_text(object, "name", &wanted->name, problem) || !body_text(object, "listen", &wanted->listen, problem)
        || !body_text(object, "upstream", &wanted->upstream, problem) || !body_flag(object, "enabled", &wanted->enabled, problem))
        return false;
    if (wanted->name[0] == '\0')
        return is_missing("name", number, problem);
    return wanted->upstream[0] != '\0' || is_missing("upstream", number, problem);
}

struct listen_text listen_address(const char *listen)
{
    struct listen_text address;

    if (listen[0] == '\0')
        listen = ":0";
    snprintf(address.text, sizeof address.text, "%s%s", listen[0] == ':' ? "[::]" : "", listen);
    return address;
}

bool listen_check(const char *listen, const char *front, struct problem *problem)
{
    if (listen[0] == '\0' || strncmp(listen, "unix:", strlen("unix:")) == 0)
        return true;
    if (strlen(listen) > 255)
        return problem_set(problem, 400, "listen is longer than an address can be");
    return strchr(listen, ':') || problem_set(problem, 500, "%saddress %s: missing port in address", front, listen);
}

/* Where `localhost` is bound. */
static struct listen_text resolved(const char *listen)
{
    struct listen_text address = listen_address(listen);

    if (strncmp(address.text, "localhost:", strlen("localhost:")) == 0)
        snprintf(address.text, sizeof address.text, "127.0.0.1:%s", listen + strlen("localhost:"));
    return address;
}

bool listen_is_same(const char *listen, const struct part_relay *relay)
{
    return strcmp(resolved(listen).text, relay->text) == 0;
}
