/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists: there are few proxies, with few toxics each.
 */
#include "control/toxiproxy/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"

static struct shelf *find(const struct shelves *shelves, const char *proxy)
{
    struct shelf *shelf = shelves->first;
    while (shelf && strcmp(shelf->proxy, proxy) != 0)
        shelf = shelf->next;
    return shelf;
}

void shelves_clear(struct shelves *shelves, const char *proxy)
{
    struct shelf **place = &shelves->first, *shelf;

    while (*place && strcmp((*place)->proxy, proxy) != 0)
        place = &(*place)->next;
    if (!*place)
        return;
    shelf = *place;
    *place = shelf->next;
    for (struct toxic *toxic = shelf->toxics, *next; toxic; toxic = next) {
        next = toxic->next;
        toxic_free(toxic);
    }
    free(shelf->proxy);
    free(shelf);
}

void shelves_release(struct shelves *shelves)
{
    while (shelves->first)
        shelves_clear(shelves, shelves->first->proxy);
}

struct toxic *shelves_first(const struct shelves *shelves, const char *proxy)
{
    const struct shelf *shelf = find(shelves, proxy);
    return shelf ? shelf->toxics : NULL;
}

struct toxic *shelves_find(const struct shelves *shelves, const char *proxy, const char *name)
{
    struct toxic *toxic = shelves_first(shelves, proxy);
    while (toxic && strcmp(toxic->name, name) != 0)
        toxic = toxic->next;
    return toxic;
}

void shelves_add(struct shelves *shelves, const char *proxy, struct toxic *toxic)
{
    struct shelf *shelf = find(shelves, proxy);
    struct toxic **place;

    if (!shelf) {
        shelf = xmalloc(sizeof *shelf);
        *shelf = (struct shelf){.next = shelves->first, .proxy = xstrdup(proxy)};
        shelves->first = shelf;
    }
    for (place = &shelf->toxics; *place; place = &(*place)->next) {
    }
    toxic->next = NULL;
    *place = toxic;
}

void shelves_remove(struct shelves *shelves, const char *proxy, const char *name)
{
    struct toxic *toxic = shelves_find(shelves, proxy, name);
    struct toxic **place;

    if (!toxic)
        return;
    for (place = &find(shelves, proxy)->toxics; *place != toxic; place = &(*place)->next) {
    }
    *place = toxic->next;
    toxic_free(toxic);
}

json_t *shelves_json(const struct shelves *shelves, const char *proxy)
{
    json_t *array = json_array();

    for (int upstream = 1; upstream >= 0; upstream--) {
        for (const struct toxic *toxic = shelves_first(shelves, proxy); toxic; toxic = toxic->next) {
            if (toxic->upstream == (upstream == 1))
                json_array_append_new(array, toxic_json(toxic));
        }
    }
    return array;
}
