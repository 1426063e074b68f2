/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds the route of a request.
 */
#include "control/route.h"

#include <event2/http.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Steps over one segment of each; false: they differ. */
static bool segment_matches(const char *pattern, size_t pattern_length, const char *path, size_t length)
{
    return pattern[0] == '{' ? length > 0 : pattern_length == length && memcmp(pattern, path, length) == 0;
}

static bool path_matches(const char *pattern, const char *path)
{
    while (*pattern == '/' && *path == '/') {
        size_t pattern_length = strcspn(++pattern, "/"), length = strcspn(++path, "/");

        if (!segment_matches(pattern, pattern_length, path, length)) {
            return false;
        }
        pattern += pattern_length;
        path += length;
    }
    return *pattern == '\0' && *path == '\0';
}

static void take_names(const char *pattern, const char *path, char **names, size_t most)
{
    size_t count = 0;

    while (*pattern == '/') {
        size_t pattern_length = strcspn(++pattern, "/"), length = strcspn(++path, "/");

        if (*pattern == '{' && count < most) {
            char *raw = strndup(path, length);

            names[count++] = raw != NULL ? evhttp_uridecode(raw, 0, NULL) : NULL;
            free(raw);
        }
        pattern += pattern_length;
        path += length;
    }
}

enum route_found route_find(const char *method, const char *path, const struct route **found, char **names, size_t most)
{
    bool known = false;

    for (const struct route *const *table = route_tables; *table != NULL; table++) {
        for (const struct route *route = *table; route->method != NULL; route++) {
            if (!path_matches(route->path, path)) {
                continue;
            }
            known = true;
            if (strcmp(route->method, method) == 0) {
                *found = route;
                take_names(route->path, path, names, most);
                return ROUTE_FOUND;
            }
        }
    }
    return known ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}
