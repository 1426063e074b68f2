/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of a script's sockets. A list, newest first: lines about one connection mostly follow each other. Called by all commands. */
#include "tools/peer/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct connection *connections_get(struct connections *all, const char *name)
{
    for (struct connection *one = all->newest; one != NULL; one = one->next) {
        if (strcmp(one->name, name) == 0)
            return one;
    }
    struct connection *made = calloc(1, sizeof(*made));
    if (made == NULL || (made->name = strdup(name)) == NULL)
        abort();
    made->fd = -1;
    made->next = all->newest;
    all->newest = made;
    return made;
}

struct connection *connections_listener(struct connections *all)
{
    for (struct connection *one = all->newest; one != NULL; one = one->next) {
        if (one->is_listener && one->fd >= 0)
            return one;
    }
    return NULL;
}

void connection_note_addresses(struct connection *connection)
{
    struct address *local = &connection->local, *remote = &connection->remote;
    local->length = remote->length = sizeof(local->storage);
    if (getsockname(connection->fd, (struct sockaddr *)&local->storage, &local->length) < 0)
        local->length = 0;
    if (getpeername(connection->fd, (struct sockaddr *)&remote->storage, &remote->length) < 0)
        remote->length = 0;
}

int connection_close(struct connection *connection)
{
    int result = close(connection->fd);
    connection->fd = -1;
    connection->is_listener = false;
    return result;
}

void connections_free(struct connections *all)
{
    struct connection *next;
    for (struct connection *one = all->newest; one != NULL; one = next) {
        next = one->next;
        free(one->name);
        free(one);
    }
    all->newest = NULL;
}
