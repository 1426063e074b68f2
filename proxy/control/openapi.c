/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The description of the API.
 */
#include "control/openapi.h"

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "control/routes.h"

/* Parameters and members whose value is no text. */
static const char *type_of(const char *name, size_t length)
{
    static const struct {
        const char *name, *type;
    } others[] = {{"enabled", "boolean"}, {"lease", "boolean"}, {"close_links", "boolean"}, {"bytes", "integer"}, {"link", "integer"},
        {"limit", "integer"}, {"skip", "integer"}, {"open", "integer"}, {"times", "integer"}, {"toxicity", "number"},
        {"attributes", "object"}};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strlen(others[i].name) == length && memcmp(others[i].name, name, length) == 0) {
            return others[i].type;
        }
    }
    return "string";
}

static json_t *parameter(const char *where, const char *name, size_t length)
{
    json_t *schema = json_pack("{s:s}", "type", type_of(name, length));

    return json_pack("{s:s, s:s%, s:b, s:o}", "in", where, "name", name, length, "required", strcmp(where, "path") == 0, "schema", schema);
}

static json_t *parameters_of(const struct route *route)
{
    json_t *list = json_array();

    for (const char *at = strchr(route->path, '{'); at != NULL; at = strchr(at + 1, '{')) {
        json_array_append_new(list, parameter("path", at + 1, strcspn(at + 1, "}")));
    }
    for (const char *at = route->query; at != NULL && *at != '\0'; at += strspn(at, " ")) {
        json_array_append_new(list, parameter("query", at, strcspn(at, " ")));
        at += strcspn(at, " ");
    }
    return list;
}

static json_t *body_of(const struct route *route)
{
    json_t *properties = json_object(), *required = json_array(), *schema;

    for (const char *at = route->body; *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " *");
        json_t *name = json_stringn(at, length);

        json_object_set_new(properties, json_string_value(name), json_pack("{s:s}", "type", type_of(at, length)));
        if (at[length] == '*') {
            json_array_append(required, name);
            length++;
        }
        json_decref(name);
        at += length;
    }
    schema = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
    if (json_array_size(required) > 0) {
        json_object_set(schema, "required", required);
    }
    json_decref(required);
    return json_pack("{s:b, s:{s:{s:o}}}", "required", strchr(route->body, '*') != NULL, "content", "application/json", "schema", schema);
}

static void describe(json_t *paths, const struct route *route)
{
    json_t *path = json_object_get(paths, route->path);
    json_t *responses = json_object();
    json_t *operation = json_pack("{s:s, s:o, s:o}", "summary", route->help, "parameters", parameters_of(route), "responses", responses);
    char method[16] = "", status[8];

    for (size_t i = 0; route->method[i] != '\0' && i + 1 < sizeof(method); i++) {
        method[i] = (char)tolower((unsigned char)route->method[i]);
    }
    snprintf(status, sizeof(status), "%d", route->status);
    json_object_set_new(responses, status, json_pack("{s:s}", "description", "done"));
    json_object_set_new(responses, "default", json_pack("{s:s}", "description", "not done: `error` says why"));
    if (route->body != NULL) {
        json_object_set_new(operation, "requestBody", body_of(route));
    }
    if (path == NULL) {
        path = json_object();
        json_object_set_new(paths, route->path, path);
    }
    json_object_set_new(path, method, operation);
}

json_t *openapi_description(void)
{
    json_t *paths = json_object();

    for (const struct route *const *table = route_tables; *table != NULL; table++) {
        for (const struct route *route = *table; route->method != NULL; route++) {
            describe(paths, route);
        }
    }
    return json_pack("{s:s, s:{s:s, s:s}, s:o}", "openapi", "3.0.3", "info", "title", "hangup", "version", PACKAGE_VERSION, "paths", paths);
}
